"""ovi-server as a process: exit codes, what it says when it cannot start, and what signals do.

    process_test.py build/dev/bin/fake_engine_server
"""

import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.request

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SERVER = ""


def run(*flags):
    """(exit code, stderr) of a server that is expected not to start."""
    done = subprocess.run([SERVER, *flags], capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr


class StartTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())

    def test_what_cannot_be_started_says_why_in_one_line(self):
        taken = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        port = f"127.0.0.1:{taken.getsockname()[1]}"
        a_file = pathlib.Path(self.folder) / "file"
        a_file.write_text("x")
        data = f"--data_dir={self.folder}/data"
        table = [
            (2, ["--nope"], "--nope"),
            (2, ["stray"], "'stray'"),
            (2, ["--job_store=mysql"], "--job_store is 'mysql'; take sqlite, memory or postgresql://USER@HOST/DATABASE"),
            (2, ["--threads=many"], "--threads is 'many'"),
            (2, ["--listen=0.0.0.0:0", data], "--insecure_listen"),
            (2, ["--bundle=/no/such/folder", data], "/no/such/folder"),
            (1, ["--flagfile=/no/such/file"], "/no/such/file"),
            (1, [f"--flagfile={self.folder}"], self.folder),
            (1, [f"--listen={port}", data], f"cannot listen on {port}: Address already in use"),
            (1, [f"--metrics_listen={port}", data, "--listen=127.0.0.1:0"], f"cannot listen on {port}: Address already"),
            # Before models are loaded, which can take minutes: the damaged one is not looked at.
            (1, [f"--listen={port}", data, f"--fusion_file={a_file}"], f"cannot listen on {port}"),
            (1, [f"--data_dir={a_file}/data", "--listen=127.0.0.1:0"], f"{a_file}/data"),
            (1, [f"--artifact_dir={a_file}", data, "--listen=127.0.0.1:0"], f"{a_file}"),
        ]
        for code, flags, said in table:
            with self.subTest(flags=flags):
                exit_code, stderr = run(*flags)
                self.assertEqual(exit_code, code, stderr)
                self.assertIn(said, stderr)
                self.assertEqual(len(stderr.splitlines()), 1, stderr)

    def test_one_data_folder_serves_one_server(self):
        flag = f"--data_dir={self.folder}/data"
        with subprocess.Popen([SERVER, flag, "--listen=127.0.0.1:0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True) as first:
            first.stdout.readline()  # it listens
            exit_code, stderr = run(flag, "--listen=127.0.0.1:0")
            first.terminate()
            self.assertEqual(first.wait(60), 0)
        self.assertEqual(exit_code, 1)
        self.assertIn("in use by another ovi-server", stderr)

    def test_help_and_version_need_nothing(self):
        self.assertIn("--drain_timeout", subprocess.check_output([SERVER, "--help"], text=True))
        self.assertRegex(subprocess.check_output([SERVER, "--version"], text=True), r"ovi-server \d+\.\d+\.\d+")


    def test_offload_is_refused_with_the_reason(self):
        for flag in ("--offload", "--cpu-offload", "--t5_cpu=true"):
            exit_code, stderr = run(flag)
            self.assertEqual(exit_code, 2)
            self.assertIn("there is no offload switch and no CPU path for a served model", stderr)

    def test_the_selftest_prints_a_verdict_a_line(self):
        done = subprocess.run([SERVER, "--selftest"], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.splitlines(), ["ok    device       cpu (0.2 s)", "ok    clip         128x128 (1.0 s)",
                                                    "selftest: 2 of 2 ok"])
        done = subprocess.run([SERVER, "--selftest"], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "OVI_FAKE_ENGINE": "lost"})
        self.assertEqual(done.returncode, 1)
        self.assertIn("FAIL  clip", done.stdout)

    def test_metrics_are_served_where_they_are_asked_for(self):
        with ServerProcess(SERVER, ["--metrics_listen=127.0.0.1:0"]) as server:
            url = re.search(r"metrics are at (http://127\.0\.0\.1:\d+/metrics)", server.log()).group(1)
            with urllib.request.urlopen(url, timeout=30) as reply:
                self.assertIn("ovi_device_healthy 1", reply.read().decode())


class EstimateTest(unittest.TestCase):
    def place_of_a_new_job(self, data_dir):
        """What the queue says about a job that waits behind another, of a server that then goes."""
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        with ServerProcess(SERVER, data_dir=data_dir) as server, grpc.insecure_channel(server.address) as channel:
            stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
            ask = jobs.CreateJobRequest(job=job.Job(request={"prompt": "a ball", "steps": 20}))
            names = [stub.CreateJob(ask).name for _ in range(2)]
            place = next(event.event.queued for event in stub.WatchJob(jobs.WatchJobRequest(name=names[1]))
                         if event.event.WhichOneof("event") == "queued")
            for name in names:
                list(stub.WatchJob(jobs.WatchJobRequest(name=name)))
            return place

    def test_what_a_server_measured_the_next_one_knows(self):
        data_dir = self.enterContext(tempfile.TemporaryDirectory())
        self.assertTrue(self.place_of_a_new_job(data_dir).until_end.first_guess)
        self.assertFalse(self.place_of_a_new_job(data_dir).until_end.first_guess)


class RunningJobTest(unittest.TestCase):
    """With an engine that never finishes a clip by itself."""

    engine = "hold"

    def setUp(self):
        os.environ["OVI_FAKE_ENGINE"] = self.engine
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")

    def start(self, *flags):
        self.data_dir = self.enterContext(tempfile.TemporaryDirectory())
        server = self.enterContext(ServerProcess(SERVER, flags, data_dir=self.data_dir))
        stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(
            self.enterContext(grpc.insecure_channel(server.address)))
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        self.ask = jobs.CreateJobRequest(job=job.Job(request={"prompt": "a ball"}))
        self.job = stub.CreateJob(self.ask)
        stream = stub.WatchJob(jobs.WatchJobRequest(name=self.job.name))
        next(event for event in stream if event.event.WhichOneof("event") == "step")
        return server, stub, stream


class DeviceLostTest(RunningJobTest):
    """With one whose device fails, for good, when the clip is cancelled."""

    engine = "lost"

    def test_the_process_ends_for_its_supervisor(self):
        server, stub, stream = self.start()
        stub.CancelJob(ovi_stubs.module("ovi.v1.job_messages_pb2").CancelJobRequest(name=self.job.name))
        *_, last = stream
        self.assertIn("illegal memory access", last.event.outcome.error.message)
        self.assertEqual(server.process.wait(60), 1)
        self.assertIn("the device is lost, no job is taken any more", server.log())


class SignalTest(RunningJobTest):

    def assert_put_back(self, server, stream):
        """Watchers are told to come back, and the next server makes the job as if for the first time."""
        with self.assertRaises(grpc.RpcError) as told:
            list(stream)
        self.assertEqual(told.exception.code(), grpc.StatusCode.UNAVAILABLE)
        self.assertEqual(server.process.wait(60), 0)
        with ServerProcess(SERVER, ["--drain_timeout=0s"], data_dir=self.data_dir) as following:
            with grpc.insecure_channel(following.address) as channel:
                stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
                jobs = ovi_stubs.module("ovi.v1.job_messages_pb2")
                stream = stub.WatchJob(jobs.WatchJobRequest(name=self.job.name))
                next(event for event in stream if event.event.WhichOneof("event") == "step")
                self.assertEqual(stub.GetJob(jobs.GetJobRequest(name=self.job.name)).attempts, 1)

    def test_sigterm_refuses_new_work_and_a_second_one_stops_the_running_job(self):
        server, stub, stream = self.start("--drain_timeout=1h")
        server.process.send_signal(signal.SIGTERM)
        while True:  # until the signal has arrived
            try:
                stub.CreateJob(self.ask)
            except grpc.RpcError as error:
                self.assertEqual(error.code(), grpc.StatusCode.UNAVAILABLE)
                break
        self.assertIsNone(server.process.poll())
        server.process.send_signal(signal.SIGTERM)
        self.assert_put_back(server, stream)

    def test_the_drain_timeout_stops_the_running_job(self):
        server, _, stream = self.start("--drain_timeout=0s")
        server.process.send_signal(signal.SIGINT)
        self.assert_put_back(server, stream)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

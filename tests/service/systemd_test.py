"""What ovi-server tells systemd, read from a socket as systemd opens one.

    systemd_test.py build/dev/bin/fake_engine_server
"""

import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402

SERVER = ""
WATCHDOG_SECONDS = 0.9
PATIENCE_SECONDS = 60


class SystemdTest(unittest.TestCase):
    def start(self, engine, *flags, watchdog_pid=None):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.systemd = self.enterContext(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
        self.systemd.bind(f"{folder}/notify")
        environment = {**os.environ, "OVI_FAKE_ENGINE": engine, "NOTIFY_SOCKET": f"{folder}/notify",
                       "WATCHDOG_USEC": str(int(WATCHDOG_SECONDS * 1e6))}
        if watchdog_pid is not None:
            environment["WATCHDOG_PID"] = str(watchdog_pid)
        self.process = subprocess.Popen([SERVER, "--listen=127.0.0.1:0", f"--data_dir={folder}/data", *flags],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=environment)
        self.addCleanup(self.end)
        self.address = self.process.stdout.readline().split()[-1]

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def until(self, wanted):
        """The next message that `wanted` likes."""
        self.systemd.settimeout(PATIENCE_SECONDS)
        while True:
            message = self.systemd.recv(1000).decode()
            if wanted(message):
                return message

    def forget_what_was_said(self):
        self.systemd.settimeout(0)
        try:
            while True:
                self.systemd.recv(1000)
        except BlockingIOError:
            pass

    def heard_in(self, seconds):
        self.forget_what_was_said()
        self.systemd.settimeout(seconds)
        try:
            return self.systemd.recv(1000).decode()
        except TimeoutError:
            return None

    def submit(self):
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        channel = self.enterContext(grpc.insecure_channel(self.address))
        stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
        name = stub.CreateJob(jobs.CreateJobRequest(job=job.Job(request={"prompt": "a ball"}))).name
        stream = stub.WatchJob(jobs.WatchJobRequest(name=name))
        next(event for event in stream if event.event.WhichOneof("event") == "started")

    def test_a_job_that_hangs_is_not_vouched_for(self):
        self.start("hang", "--stall_timeout=2s")
        self.assertIn("STATUS=loading the models", self.until(lambda message: True))
        self.assertEqual(self.until(lambda message: message.startswith("READY=1")),
                         f"READY=1\nSTATUS=serves fake on cpu at {self.address}")
        self.until(lambda message: message == "WATCHDOG=1")
        self.submit()
        said = self.until(lambda message: message.startswith("STATUS="))
        self.assertIn("the running job has made no progress", said)
        self.assertIsNone(self.heard_in(4 * WATCHDOG_SECONDS))

    def test_a_job_that_goes_on_for_longer_than_the_stall_timeout_is(self):
        self.start("hold", "--stall_timeout=1s")  # repeats a short step for ever
        self.submit()
        begin = time.monotonic()
        while time.monotonic() < begin + 3:
            self.assertEqual(self.heard_in(PATIENCE_SECONDS), "WATCHDOG=1")

    def test_a_process_that_stands_still_says_nothing(self):
        self.start("")
        self.until(lambda message: message == "WATCHDOG=1")
        self.process.send_signal(signal.SIGSTOP)
        self.assertIsNone(self.heard_in(3 * WATCHDOG_SECONDS))
        self.process.send_signal(signal.SIGCONT)
        self.until(lambda message: message == "WATCHDOG=1")

    def test_a_watchdog_of_another_process_is_none_of_ours(self):
        self.start("", watchdog_pid=1)
        self.until(lambda message: message.startswith("READY=1"))
        self.assertIsNone(self.heard_in(2 * WATCHDOG_SECONDS))

    def test_sigterm_says_that_it_stops_and_how_long_that_may_take(self):
        self.start("hold", "--drain_timeout=1h")
        self.submit()
        self.process.send_signal(signal.SIGTERM)
        said = self.until(lambda message: message.startswith("STOPPING=1")).splitlines()
        self.assertIn("EXTEND_TIMEOUT_USEC=3660000000", said)
        self.assertIn("STATUS=draining: the running job goes on, no other is taken", said)
        self.until(lambda message: message == "WATCHDOG=1")  # a drain can take long
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.process.wait(PATIENCE_SECONDS), 0)


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

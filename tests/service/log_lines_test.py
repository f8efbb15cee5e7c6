"""What ovi-server writes to stderr: one JSON object a line with --log_format=json, whatever clients send.

    log_lines_test.py build/dev/bin/fake_engine_server
"""

import json
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402

SERVER = ""
FORGED = 'x\n{"time":"now","level":"error","message":"forged"}\r\u2028\u0085 "quoted" \\ \x1b[31m'


class LogLinesTest(unittest.TestCase):
    def setUp(self):
        folder = self.enterContext(tempfile.TemporaryDirectory())
        self.command = [SERVER, f"--data_dir={folder}/data", "--log_format=json", "--log_level=debug"]

    def records(self, stderr):
        """Every line is an object with just the fields that are documented."""
        records = [json.loads(line) for line in stderr.decode().splitlines()]
        for record in records:
            self.assertLessEqual({"time", "level", "message"}, record.keys())
            self.assertLessEqual(record.keys(), {"time", "level", "message", "job"})
            self.assertIn(record["level"], ("debug", "info", "warning", "error"))
        return records

    def call(self, address):
        """A life of jobs, and calls that are refused, full of text that would like to be a line of its own."""
        stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(
            self.enterContext(grpc.insecure_channel(address)))
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2").Job
        names = []
        for number in range(2):
            ask = job(request={"prompt": FORGED, "video_negative_prompt": FORGED}, labels={"album": FORGED[:40]})
            made = stub.CreateJob(jobs.CreateJobRequest(job=ask))
            list(stub.WatchJob(jobs.WatchJobRequest(name=made.name)))
            names.append(made.name)
        stub.DeleteJob(jobs.DeleteJobRequest(name=names[1]))
        refused = [lambda: stub.GetJob(jobs.GetJobRequest(name=FORGED)),
                   lambda: stub.CreateJob(jobs.CreateJobRequest(job=ask, request_id=FORGED)),
                   lambda: stub.ListJobs(jobs.ListJobsRequest(filter=FORGED, page_token=FORGED)),
                   lambda: stub.CreateJob(jobs.CreateJobRequest(job=job(request={"prompt": "x", "checkpoint": FORGED})))]
        for each in refused:
            with self.assertRaises(grpc.RpcError):
                each()
        return [name.removeprefix("jobs/") for name in names]

    def test_clients_cannot_forge_a_line_and_lines_of_jobs_carry_their_id(self):
        with subprocess.Popen([*self.command, "--listen=127.0.0.1:0"], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as process:
            try:
                ids = self.call(process.stdout.readline().decode().split()[-1])
            finally:
                process.send_signal(signal.SIGTERM)
                _, stderr = process.communicate(timeout=60)
        records = self.records(stderr)
        self.assertFalse([record for record in records if record["message"] == "forged"])
        for one in ids:
            said = [record["message"] for record in records if record.get("job") == one]
            self.assertIn("started (attempt 1)", said)
            self.assertTrue(any(message.startswith("SUCCEEDED after") for message in said), said)
        self.assertIn("deleted", [record["message"] for record in records if record.get("job") == ids[1]])
        self.assertLessEqual({record["job"] for record in records if "job" in record}, set(ids))

    def test_why_it_cannot_start_is_a_record_too(self):
        taken = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        done = subprocess.run([*self.command, f"--listen=127.0.0.1:{taken.getsockname()[1]}"], capture_output=True,
                              timeout=60)
        self.assertEqual(done.returncode, 1)
        last = self.records(done.stderr)[-1]
        self.assertEqual(last["level"], "error")
        self.assertIn("Address already in use", last["message"])


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

"""What becomes of results on a real server: they expire, crashes leave nothing, and storage has its limit.

    results_test.py build/dev/bin/fake_engine_server
"""

import datetime
import os
import pathlib
import sys
import tempfile
import time
import unittest
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SERVER = ""


class ResultsTest(unittest.TestCase):
    def setUp(self):
        self.data = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def server(self, *flags):
        server = self.enterContext(ServerProcess(SERVER, flags, data_dir=self.data))
        channel = self.enterContext(grpc.insecure_channel(server.address))
        self.stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
        return server

    def create(self, request_id="", **fields):
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        ask = job.Job(request={"prompt": "a ball"}, **fields)
        return self.stub.CreateJob(jobs.CreateJobRequest(job=ask, request_id=request_id))

    def outcome(self, name):
        *_, last = self.stub.WatchJob(ovi_stubs.module("ovi.v1.job_messages_pb2").WatchJobRequest(name=name))
        return last.event.outcome

    def get(self, name):
        return self.stub.GetJob(ovi_stubs.module("ovi.v1.job_messages_pb2").GetJobRequest(name=name))

    def read(self, name):
        request = ovi_stubs.module("ovi.v1.artifact_messages_pb2").ReadArtifactRequest(name=f"{name}/artifact")
        return b"".join(response.chunk.data for response in self.stub.ReadArtifact(request))

    def refusal(self, call, *arguments, **fields):
        """Code, reason, metadata and message of a call that must fail."""
        with self.assertRaises(grpc.RpcError) as failed:
            call(*arguments, **fields)
        details = dict(failed.exception.trailing_metadata())["grpc-status-details-bin"]
        status = ovi_stubs.module("google.rpc.status_pb2").Status.FromString(details)
        info = ovi_stubs.module("google.rpc.error_details_pb2").ErrorInfo()
        next(any for any in status.details if any.Unpack(info))
        return failed.exception.code(), info.reason, dict(info.metadata), failed.exception.details()

    def wait_for(self, what, seconds=40):
        deadline = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), deadline, "did not happen in time")
            time.sleep(0.1)

    def artifacts(self):
        return sorted(path.name for path in (self.data / "artifacts").rglob("*") if path.is_file())

    def exists(self, name):
        try:
            self.get(name)
        except grpc.RpcError as error:
            self.assertEqual(error.code(), grpc.StatusCode.NOT_FOUND)
            return False
        return True

    def test_a_result_expires_and_its_request_id_does_not(self):
        self.server("--default_ttl=2s")
        request_id = str(uuid.uuid4())
        plain, known = self.create(), self.create(request_id)
        kept = self.create(ttl={"seconds": 3600})
        ended = self.outcome(plain.name)
        self.outcome(known.name), self.outcome(kept.name)
        self.assertEqual(ended.expire_time.ToDatetime() - ended.end_time.ToDatetime(), datetime.timedelta(seconds=2))
        self.assertGreater(len(self.read(plain.name)), 0)
        time.sleep(max(0, ended.expire_time.ToSeconds() + 1.5 - time.time()))
        if self.exists(plain.name):  # the janitor comes every 15 s
            self.assertEqual(self.refusal(self.read, plain.name)[:2], (grpc.StatusCode.NOT_FOUND, "ARTIFACT_EXPIRED"))
        self.wait_for(lambda: not self.exists(plain.name))
        self.wait_for(lambda: not self.get(known.name).HasField("artifact"))
        self.assertEqual(self.artifacts(), [pathlib.Path(self.get(kept.name).artifact.uri).name])
        self.assertEqual(self.create(request_id).name, known.name)
        self.assertEqual(self.refusal(self.read, known.name)[:2], (grpc.StatusCode.NOT_FOUND, "ARTIFACT_EXPIRED"))

    def test_the_next_server_deletes_what_no_record_names(self):
        with ServerProcess(SERVER, data_dir=self.data) as server, grpc.insecure_channel(server.address) as channel:
            self.stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
            kept, lost = self.create(), self.create()
            self.outcome(kept.name), self.outcome(lost.name)
            names = {name: pathlib.Path(self.get(name).artifact.uri).name for name in (kept.name, lost.name)}
        folder = self.data / "artifacts"
        whole = (folder / names[kept.name]).read_bytes()
        job, mark, _ = names[kept.name].split("-")
        orphan, young = f"{'b' * 16}-{mark}-1.mp4", f"{'c' * 16}-{mark}-1.mp4"
        of_another = f"{'b' * 16}-{'0' * 16}-1.mp4"
        for name in (orphan, young, of_another):
            (folder / name).write_bytes(whole)
        for name in (orphan, of_another, names[kept.name]):
            os.utime(folder / name, (time.time() - 7200,) * 2)
        (folder / names[lost.name]).unlink()
        dead = folder / "incoming" / "of-a-dead-process"
        dead.mkdir(parents=True)
        (dead / orphan).write_bytes(b"half")
        server = self.server()
        self.wait_for(lambda: "is gone, though nobody deleted it" in server.log())
        self.assertEqual(self.artifacts(), sorted([names[kept.name], young, of_another]))
        self.assertEqual(self.read(kept.name), whole)
        self.assertEqual(self.refusal(self.read, lost.name)[:2], (grpc.StatusCode.DATA_LOSS, "ARTIFACT_LOST"))

    def test_a_job_that_might_not_fit_is_refused_before_the_work(self):
        os.environ["OVI_FAKE_ENGINE"] = "hold"
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")
        self.server("--max_storage_gb=0.001")  # 128x128 for 121 frames may take 0.43 MB
        info = self.stub.GetServerInfo(ovi_stubs.module("ovi.v1.server_messages_pb2").GetServerInfoRequest())
        self.assertEqual(info.limits.max_storage_bytes, 1_000_000)
        first, second = self.create(), self.create()
        code, reason, figures, message = self.refusal(self.create)
        self.assertEqual((code, reason), (grpc.StatusCode.RESOURCE_EXHAUSTED, "STORAGE_FULL"))
        self.assertEqual(int(figures["reservedBytes"]), 2 * int(figures["neededBytes"]))
        self.assertEqual(figures["maxStorageBytes"], "1000000")
        self.assertIn("--max_storage_gb", message)
        jobs = ovi_stubs.module("ovi.v1.job_messages_pb2")
        self.stub.CancelJob(jobs.CancelJobRequest(name=second.name))
        self.create()
        self.assertTrue(self.exists(first.name))


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

"""A client of one server for the fault tests: submits small jobs, looks at them, reads what they made."""

import hashlib
import pathlib
import sys

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import ovi_stubs  # noqa: E402


class Api:
    def __init__(self, address):
        self.channel = grpc.insecure_channel(address)
        self.stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(self.channel)
        self.jobs = ovi_stubs.module("ovi.v1.job_messages_pb2")
        self.job = ovi_stubs.module("ovi.v1.job_pb2").Job
        self.terminal = {self.job.SUCCEEDED, self.job.FAILED, self.job.CANCELLED, self.job.EXPIRED}

    def submit(self, request_id="", prompt="a ball", steps=3, timeout=10, **options):
        """The job as it was stored. `options`: further fields of the job."""
        ask = self.job(request={"prompt": prompt, "steps": steps, "seed": 7}, **options)
        return self.stub.CreateJob(self.jobs.CreateJobRequest(job=ask, request_id=request_id), timeout=timeout)

    def get(self, name, timeout=10):
        return self.stub.GetJob(self.jobs.GetJobRequest(name=name), timeout=timeout)

    def artifact(self, name):
        read = ovi_stubs.module("ovi.v1.artifact_messages_pb2").ReadArtifactRequest(name=name)
        return b"".join(response.chunk.data for response in self.stub.ReadArtifact(read, timeout=30))

    def check_result(self, job):
        data = self.artifact(job.artifact.name)
        assert hashlib.sha256(data).hexdigest() == job.artifact.sha256, f"{job.name}: the result is torn"

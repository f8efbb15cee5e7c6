"""A whole server whose clips go to S3: made, downloaded through the server and by the address in the job's record.

    s3_server_test.py build/dev/bin/ovi-server
"""

import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import botocore.credentials
import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402
from s3_gateway import Gateway  # noqa: E402
from s3_store_test import Moto, make_account  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SERVER = ""


class S3ServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        moto = cls.enterClassContext(Moto(cls.folder))
        access, secret = make_account(moto.port)
        gateway = Gateway(moto.port, botocore.credentials.Credentials(access, secret))
        cls.keys = {"AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret,
                    "AWS_ENDPOINT_URL_S3": gateway.url(), "no_proxy": "127.0.0.1"}

    def setUp(self):
        for name, value in self.keys.items():
            os.environ[name] = value
            self.addCleanup(os.environ.pop, name, None)

    def test_a_clip_is_fetched_by_its_signed_address_and_plays(self):
        with ServerProcess(SERVER, ["--artifact_dir=s3://clips/night"]) as server:
            with grpc.insecure_channel(server.address) as channel:
                stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
                jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
                ask = job.Job(request={"prompt": "A red ball bounces.", "steps": 1, "seed": 1})
                name = stub.CreateJob(jobs.CreateJobRequest(job=ask)).name
                *_, last = stub.WatchJob(jobs.WatchJobRequest(name=name))
                self.assertEqual(last.event.outcome.state, job.Job.SUCCEEDED, last.event.outcome.error)
                artifact = stub.GetJob(jobs.GetJobRequest(name=name)).artifact
                self.assertTrue(artifact.uri.startswith("s3://clips/night/"), artifact.uri)
                with urllib.request.urlopen(artifact.signed_uri, timeout=30) as reply:
                    data = reply.read()
                self.assertEqual(hashlib.sha256(data).hexdigest(), artifact.sha256)
                self.assertEqual(server.files(), [], "the clip was left here too")
                path = pathlib.Path(self.folder) / "clip.mp4"
                path.write_bytes(data)
                streams = subprocess.run(["ffprobe", "-v", "error", "-show_entries", "stream=codec_name", "-of", "csv=p=0",
                                          str(path)], capture_output=True, text=True, check=True).stdout.split()
                self.assertEqual(streams, ["h264", "aac"])
                read = ovi_stubs.module("ovi.v1.artifact_messages_pb2").ReadArtifactRequest(name=artifact.name)
                through_server = b"".join(response.chunk.data for response in stub.ReadArtifact(read))
                self.assertEqual(through_server, data)
                stub.DeleteJob(jobs.DeleteJobRequest(name=name))
                with self.assertRaises(urllib.error.HTTPError) as gone:
                    urllib.request.urlopen(artifact.signed_uri, timeout=30)
                gone.exception.close()
                self.assertEqual(gone.exception.code, 404)

    def test_a_wrong_key_is_found_before_the_models_are_loaded(self):
        os.environ["AWS_SECRET_ACCESS_KEY"] = "wrong"
        with self.assertRaises(RuntimeError) as refused:
            with ServerProcess(SERVER, ["--artifact_dir=s3://clips/night"]):
                pass
        self.assertNotIn("wrong", str(refused.exception).replace("wrong secret", ""))
        self.assertIn("AWS_SECRET_ACCESS_KEY", str(refused.exception))


if __name__ == "__main__":
    SERVER = sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

"""Webhooks of a real server: signed, tried again across kills, and never where they must not lead.

    webhook_test.py build/dev/bin/fake_engine_server build/dev/bin/ovi-client
"""

import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402
from webhook_receiver import Receiver, check, make_certificate  # noqa: E402

SERVER = CLIENT = ""
SECRET = "a secret of 25 characters"


class WebhookTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.trusted, cls.certificate = make_certificate(cls.folder)
        cls.private = ["--webhook_allow_private", f"--webhook_ca_file={cls.trusted}", "--webhook_first_wait=1s"]

    def server(self, flags, **options):
        return ServerProcess(SERVER, flags, **options)

    def receiver(self, answers=(200,)):
        receiver = Receiver(self.certificate, answers)
        self.addCleanup(receiver.server_close)
        self.addCleanup(receiver.shutdown)
        return receiver

    def wait_for_log(self, server, text, times=1):
        deadline = time.monotonic() + 30
        while server.log().count(text) < times:
            self.assertLess(time.monotonic(), deadline, server.log())
            time.sleep(0.05)

    def submit(self, server, uri, secret=SECRET):
        """The job's name, once it has ended."""
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        with grpc.insecure_channel(server.address) as channel:
            stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
            ask = job.Job(request={"prompt": "not for webhooks"}, webhook={"uri": uri, "secret": secret})
            created = stub.CreateJob(jobs.CreateJobRequest(job=ask))
            self.assertEqual(created.webhook.uri, uri)
            self.assertFalse(created.webhook.HasField("secret"))
            *_, last = stub.WatchJob(jobs.WatchJobRequest(name=created.name))
            return last.event.outcome

    def test_a_job_that_ended_is_told_and_signed(self):
        receiver = self.receiver()
        with self.server(self.private) as server:
            job = self.submit(server, receiver.uri("/done?album=night"))
            told, = receiver.wait(1)
            self.assertNotIn(SECRET, server.log())
            self.assertNotIn("album=night", server.log())
        body = check(told, SECRET)
        self.assertEqual(told["path"], "/done?album=night")
        self.assertEqual(body["job"]["name"], job.name)
        self.assertEqual(body["job"]["state"], "SUCCEEDED")
        self.assertEqual(body["job"]["artifact"]["sha256"], job.artifact.sha256)
        self.assertEqual(body["job"]["artifact"]["uri"], job.artifact.uri)
        self.assertEqual(told["headers"]["x-ovi-delivery"], job.uid)
        self.assertRegex(told["headers"]["user-agent"], r"^ovi-server/\d")
        self.assertNotIn("not for webhooks", told["body"].decode())
        self.assertEqual(len(receiver.told), 1)

    def test_it_is_tried_again_by_the_next_server_after_a_kill(self):
        receiver = self.receiver([500, 503, 503, 200])
        data = tempfile.mkdtemp(dir=self.folder)
        with self.server(self.private, data_dir=data) as server:
            self.submit(server, receiver.uri())
            receiver.wait(1)
            self.wait_for_log(server, "cannot be told (attempt 1)")
            server.process.kill()
        with self.server(self.private, data_dir=data) as server:
            receiver.wait(2)
            server.process.kill()
        with self.server(self.private, data_dir=data) as server:
            # The delivery that may have been in hand when the process went is tried again after 20 seconds.
            told = receiver.wait(4, 40)
            time.sleep(2)
        self.assertEqual(len(receiver.told), 4, "told again after it had answered 200")
        self.assertEqual(len({each["headers"]["x-ovi-delivery"] for each in told}), 1)
        self.assertEqual([each["headers"]["x-ovi-attempt"] for each in told], ["1", "2", "3", "4"])
        for each in told:
            check(each, SECRET)

    def test_no_redirect_is_followed(self):
        receiver = self.receiver(["redirect", 200])
        with self.server(self.private) as server:
            self.submit(server, receiver.uri())
            told = receiver.wait(2)
        self.assertEqual([each["path"] for each in told], ["/done", "/done"])

    def test_an_endless_answer_is_cut_off_and_its_status_counts(self):
        receiver = self.receiver(["endless"])
        with self.server(self.private) as server:
            self.submit(server, receiver.uri())
            receiver.wait(1)
            time.sleep(3)
            self.assertIn("its webhook is told (attempt 1)", server.log())
        self.assertEqual(len(receiver.told), 1)

    def test_no_connection_is_made_to_a_private_address_under_another_name(self):
        receiver = self.receiver()
        flags = [f"--webhook_ca_file={self.trusted}", "--webhook_first_wait=1s"]
        with self.server(flags) as server:
            with self.assertRaises(grpc.RpcError) as refused:
                self.submit(server, receiver.uri())
            self.assertEqual(refused.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
            # Names that are looked up only when it is told; the last two are 127.0.0.1 in other clothes.
            for host in ("localhost.", "2130706433", "0x7f.1"):
                self.submit(server, receiver.uri(host=host))
            self.wait_for_log(server, "must not be connected to", 3)
        self.assertEqual(receiver.connections, 0)

    def test_a_certificate_that_is_not_trusted_is_not_told(self):
        receiver = self.receiver()
        with self.server(["--webhook_allow_private"]) as server:
            self.submit(server, receiver.uri())
            self.wait_for_log(server, "cannot be told")
            self.assertIn("authority that signed the certificate", server.log())
        self.assertEqual(receiver.told, [])

    def test_a_server_stops_at_once_while_a_receiver_keeps_it_waiting(self):
        receiver = self.receiver()
        receiver.context = Silent()
        with self.server(self.private) as server:
            self.submit(server, receiver.uri())
            deadline = time.monotonic() + 30
            while receiver.connections == 0 and time.monotonic() < deadline:
                time.sleep(0.05)
            start = time.monotonic()
            server.process.terminate()
            self.assertEqual(server.process.wait(30), 0)
            self.assertLess(time.monotonic() - start, 6)

    def test_the_client_takes_the_secret_from_a_file_or_the_environment(self):
        receiver = self.receiver()
        path = pathlib.Path(self.folder) / "secret"
        path.write_text(SECRET + "\n")
        with self.server(self.private) as server:
            command = [CLIENT, "--server", server.address, "generate", "a ball", "--detach", "--webhook", receiver.uri()]
            environment = {name: value for name, value in os.environ.items() if name != "OVI_WEBHOOK_SECRET"}
            subprocess.run([*command, "--webhook-secret-file", str(path)], check=True, env=environment, capture_output=True)
            check(receiver.wait(1)[0], SECRET)
            subprocess.run(command, check=True, env={**environment, "OVI_WEBHOOK_SECRET": SECRET[::-1]}, capture_output=True)
            check(receiver.wait(2)[1], SECRET[::-1])
            refused = subprocess.run([*command, "--webhook-secret-file", "/nowhere"], env=environment, capture_output=True)
            self.assertIn(b"/nowhere: cannot be read", refused.stderr)


class Silent:
    """In place of TLS: takes a connection and says nothing."""

    def wrap_socket(self, connection, **_):
        return connection


if __name__ == "__main__":
    CLIENT, SERVER = sys.argv.pop(2), sys.argv.pop(1)
    ovi_stubs.generate()
    unittest.main()

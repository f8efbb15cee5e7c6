"""Tokens, scopes, quotas and rates of a real ovi-server over a fake engine, as grpcio clients meet them.

    access_test.py build/dev/bin/fake_engine_server
"""

import os
import pathlib
import subprocess
import sys
import unittest

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402

ovi_stubs.generate()
import access_rig  # noqa: E402
from access_rig import JOB, JOBS, Refused, ask  # noqa: E402

ARTIFACTS = ovi_stubs.module("ovi.v1.artifact_messages_pb2")
CHECKPOINTS = ovi_stubs.module("ovi.v1.checkpoint_messages_pb2")
GENERATES = ovi_stubs.module("ovi.v1.generate_messages_pb2")
INFO = ovi_stubs.module("ovi.v1.server_messages_pb2")
Code = grpc.StatusCode

# Every method with a request that needs no job: a method that is added and not named here fails the first test.
METHODS = {
    "Generate": GENERATES.GenerateRequest(job=JOB.Job(request={"prompt": "a ball"})),
    "CreateJob": ask(),
    "GetJob": JOBS.GetJobRequest(name="jobs/x"),
    "ListJobs": JOBS.ListJobsRequest(),
    "WatchJob": JOBS.WatchJobRequest(name="jobs/x"),
    "CancelJob": JOBS.CancelJobRequest(name="jobs/x"),
    "DeleteJob": JOBS.DeleteJobRequest(name="jobs/x"),
    "ReadArtifact": ARTIFACTS.ReadArtifactRequest(name="jobs/x/artifact"),
    "ListCheckpoints": CHECKPOINTS.ListCheckpointsRequest(),
    "GetCheckpoint": CHECKPOINTS.GetCheckpointRequest(name="x"),
    "GetServerInfo": INFO.GetServerInfoRequest(),
    "WatchMemory": INFO.WatchMemoryRequest(),
}


class TokenTest(access_rig.AccessTest):
    def test_no_method_works_without_a_token(self):
        self.add_token("ada", "admin")
        server = self.start_with_tokens()
        methods = ovi_stubs.module("ovi.v1.ovi_service_pb2").DESCRIPTOR.services_by_name["OviService"].methods
        self.assertEqual({method.name for method in methods}, set(METHODS))
        strangers = {"TOKEN_MISSING": self.stub(server), "TOKEN_UNKNOWN": self.stub(server, "ovi_" + "0" * 64)}
        for name, request in METHODS.items():
            for reason, stub in strangers.items():
                with self.subTest(method=name, reason=reason):
                    refused = Refused(lambda: getattr(stub, name)(request, timeout=30))
                    self.assertEqual((refused.code, refused.reason), (Code.UNAUTHENTICATED, reason))
                    self.assertEqual(refused.info.domain, "ovi.dev")
        self.assertIn(server.log().count(" was refused: TOKEN_"), range(1, 6))  # of 24: callers cannot fill the log
        self.assertIn("authorization: Bearer TOKEN", Refused(lambda: strangers["TOKEN_MISSING"].ListJobs(
            JOBS.ListJobsRequest())).message)
        self.assertEqual(len(self.stub(server, self.tokens["ada"]).ListJobs(JOBS.ListJobsRequest()).jobs), 0)

    def test_what_is_not_one_bearer_token_is_refused(self):
        self.add_token("ada", "admin")
        server = self.start_with_tokens()
        info, token = self.stub(server).GetServerInfo, self.tokens["ada"]
        for values in (["Basic YWRhOmFkYQ=="], ["Bearer "], [token], [f"Bearer {token}", f"Bearer {token}"]):
            refused = Refused(lambda: info(INFO.GetServerInfoRequest(), metadata=[("authorization", v) for v in values]))
            self.assertEqual((refused.code, refused.reason), (Code.UNAUTHENTICATED, "TOKEN_MALFORMED"), values)
        caller = info(INFO.GetServerInfoRequest(), metadata=[("authorization", f"bearer {token}")]).caller
        self.assertEqual((caller.principal, list(caller.scopes)), ("ada", ["submit", "read", "read_all", "admin"]))

    def test_what_nobody_may_send_takes_bounded_memory(self):
        """Seen failing: without gRPC's quota the server held the 300 MB whole."""
        self.add_token("ada", "admin")
        server = self.start_with_tokens(f"--max_transport_bytes={64 << 20}")
        self.stub(server, self.tokens["ada"]).GetServerInfo(INFO.GetServerInfoRequest())
        server.watch_memory()
        self.eventually(lambda: server.peak_rss_bytes)
        before = server.peak_rss_bytes
        with grpc.insecure_channel(server.address, [("grpc.max_send_message_length", -1)]) as channel:
            refused = Refused(lambda: channel.unary_unary("/ovi.v1.OviService/CreateJob")(bytes(300 << 20), timeout=60))
        self.assertIs(refused.code, Code.RESOURCE_EXHAUSTED)
        # The quota, and half of it for what is read before it is looked at: 64 to 72 MiB were seen, 301 without.
        self.assertLess(server.peak_rss_bytes - before, (64 << 20) * 3 // 2)
        self.stub(server, self.tokens["ada"]).GetServerInfo(INFO.GetServerInfoRequest())  # others are served on

    def test_health_stays_open(self):
        self.add_token("ada", "admin")
        server = self.start_with_tokens()
        with grpc.insecure_channel(server.address) as channel:
            health = health_pb2_grpc.HealthStub(channel).Check(health_pb2.HealthCheckRequest(service="ovi.v1.OviService"))
        self.assertEqual(health.status, health_pb2.HealthCheckResponse.SERVING)

    def test_a_scope_is_asked_for_by_every_method_that_needs_one(self):
        for name, scopes in (("sam", "submit"), ("rea", "read")):
            self.add_token(name, scopes)
        server = self.start_with_tokens()
        needed = {"read": ("sam", ["GetJob", "ListJobs", "WatchJob", "ReadArtifact"]),
                  "submit": ("rea", ["Generate", "CreateJob", "CancelJob", "DeleteJob"])}
        for scope, (name, methods) in needed.items():
            stub = self.stub(server, self.tokens[name])
            for method in methods:
                with self.subTest(method=method):
                    refused = Refused(lambda: getattr(stub, method)(METHODS[method]))
                    self.assertEqual((refused.code, refused.reason), (Code.PERMISSION_DENIED, "SCOPE_MISSING"))
                    self.assertEqual(dict(refused.info.metadata), {"scope": scope, "principal": name})
                    self.assertIn(f"'{scope}'", refused.message)
        # Its own job and its bytes come with the stream of a submission.
        *_, last = self.stub(server, self.tokens["sam"]).Generate(METHODS["Generate"])
        self.assertEqual(last.event.outcome.state, JOB.Job.SUCCEEDED)


class OwnJobsTest(access_rig.AccessTest):
    def setUp(self):
        super().setUp()
        for name, scopes in (("ada", "submit,read"), ("bob", "submit,read"), ("eve", "read_all,submit"), ("root", "admin")):
            self.add_token(name, scopes)
        server = self.start_with_tokens()
        self.ada, self.bob, self.eve, self.root = (self.stub(server, self.tokens[name]) for name in self.tokens)
        self.name = self.ada.CreateJob(ask()).name
        list(self.ada.WatchJob(JOBS.WatchJobRequest(name=self.name)))

    def of_job(self, stub, name):
        return {
            "GetJob": lambda: stub.GetJob(JOBS.GetJobRequest(name=name)),
            "WatchJob": lambda: stub.WatchJob(JOBS.WatchJobRequest(name=name)),
            "CancelJob": lambda: stub.CancelJob(JOBS.CancelJobRequest(name=name)),
            "DeleteJob": lambda: stub.DeleteJob(JOBS.DeleteJobRequest(name=name)),
            "ReadArtifact": lambda: stub.ReadArtifact(ARTIFACTS.ReadArtifactRequest(name=f"{name}/artifact")),
        }

    def test_a_job_of_somebody_else_is_like_none_at_all(self):
        other = self.name[:-1] + ("a" if self.name[-1] != "a" else "b")  # there is no such job
        foreign, none = self.of_job(self.bob, self.name), self.of_job(self.bob, other)
        for method in foreign:
            with self.subTest(method=method):
                there, nowhere = Refused(foreign[method]), Refused(none[method])
                self.assertEqual((there.code, there.reason), (Code.NOT_FOUND, "JOB_NOT_FOUND"))
                # To the last byte, but for the name that was asked for.
                self.assertEqual(there.message.replace(self.name, other), nowhere.message)
                self.assertEqual(str(there.info).replace(self.name, other), str(nowhere.info))
        self.assertEqual(list(self.bob.ListJobs(JOBS.ListJobsRequest()).jobs), [])
        self.assertEqual(list(self.bob.ListJobs(JOBS.ListJobsRequest(filter="state = SUCCEEDED")).jobs), [])
        self.assertEqual(self.ada.GetJob(JOBS.GetJobRequest(name=self.name)).principal, "ada")

    def test_who_may_read_all_may_not_change(self):
        self.assertEqual([job.name for job in self.eve.ListJobs(JOBS.ListJobsRequest()).jobs], [self.name])
        *_, last = self.eve.ReadArtifact(ARTIFACTS.ReadArtifactRequest(name=f"{self.name}/artifact"))
        self.assertTrue(last.artifact.sha256)
        for method in ("CancelJob", "DeleteJob"):
            refused = Refused(self.of_job(self.eve, self.name)[method])
            self.assertEqual((refused.code, refused.reason), (Code.PERMISSION_DENIED, "SCOPE_MISSING"))
            self.assertEqual(refused.info.metadata["scope"], "admin")

    def test_an_admin_deletes_what_is_anybodys(self):
        self.root.DeleteJob(JOBS.DeleteJobRequest(name=self.name))
        self.assertEqual(Refused(self.of_job(self.ada, self.name)["GetJob"]).code, Code.NOT_FOUND)

    def test_one_request_id_of_two_principals_makes_two_jobs(self):
        request = ask()
        request.request_id = "123e4567-e89b-42d3-a456-426614174000"
        first, second = self.ada.CreateJob(request).name, self.bob.CreateJob(request).name
        self.assertNotEqual(first, second)
        self.assertEqual(self.ada.CreateJob(request).name, first)


class TokenFileTest(access_rig.AccessTest):
    def test_a_changed_file_counts_and_a_damaged_one_does_not(self):
        self.add_token("ada", "submit,read")
        server = self.start_with_tokens()
        stub = self.stub(server, self.tokens["ada"])
        self.assertEqual(stub.GetServerInfo(INFO.GetServerInfoRequest()).caller.principal, "ada")
        good = self.token_file.read_text()

        secret = "ovi_pasted-by-mistake"
        self.write_tokens(good + secret + " bob read\n")
        self.eventually(lambda: "line 2" in server.log())
        self.assertIn("the tokens stay as they were", server.log())
        self.assertNotIn(secret, server.log())
        self.assertEqual(stub.GetServerInfo(INFO.GetServerInfoRequest()).caller.principal, "ada")

        self.write_tokens("")
        self.add_token("bob", "read")
        bob = self.stub(server, self.tokens["bob"])
        self.eventually(lambda: self.admits(bob))
        self.assertEqual(Refused(lambda: stub.GetServerInfo(INFO.GetServerInfoRequest())).reason, "TOKEN_UNKNOWN")

        self.token_file.unlink()
        self.eventually(lambda: "No such file" in server.log())
        self.assertTrue(self.admits(bob))

    def admits(self, stub):
        try:
            stub.GetServerInfo(INFO.GetServerInfoRequest())
        except grpc.RpcError as error:
            self.assertEqual(error.code(), Code.UNAUTHENTICATED)
            return False
        return True

    def test_what_cannot_guard_a_server_does_not_start_one(self):
        self.add_token("ada", "submit")
        good = self.token_file.read_text()
        table = [
            (None, 0o600, "No such file"),
            ("", 0o600, "there is no token in it"),
            ("hello\n", 0o600, "line 1"),
            (good + good, 0o600, "line 2: its token stands in line 1 already"),
            (good.replace("submit", "sumbit"), 0o600, "submit, read, read_all or admin"),
            (good, 0o620, "chmod go-w"),
            (good, 0o602, "chmod go-w"),
        ]
        for text, mode, said in table:
            with self.subTest(said=said, mode=mode):
                self.token_file.unlink(missing_ok=True)
                if text is not None:
                    self.token_file.write_text(text)
                    self.token_file.chmod(mode)
                done = subprocess.run([self.server_binary, "--listen=127.0.0.1:0", f"--data_dir={self.folder}/data",
                                       f"--token_file={self.token_file}"], capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, 1, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn("--token_file: ", done.stderr)
                self.assertIn(said, done.stderr)

    def test_a_file_that_others_can_read_is_warned_of(self):
        self.add_token("ada", "submit")
        self.token_file.chmod(0o644)
        self.assertIn("everybody on this machine can read who may call", self.start_with_tokens().log())

    def test_a_token_that_cannot_be_made_is_a_usage_error(self):
        for whom in ("ada", "ada:", "ada:all", ":read", "ada lovelace:read"):
            done = subprocess.run([self.server_binary, f"--make_token={whom}"], capture_output=True, text=True, timeout=60)
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn("--make_token", done.stderr)


class LimitTest(access_rig.AccessTest):
    def test_each_principal_has_its_own_rate(self):
        self.add_token("ada", "submit,read")
        self.add_token("bob", "submit,read", "submit_rate_per_minute=0.5 submit_burst=1")
        server = self.start_with_tokens("--submit_rate_per_minute=2", "--submit_burst=3")
        ada, bob = (self.stub(server, self.tokens[name]) for name in ("ada", "bob"))
        for _ in range(3):
            ada.CreateJob(ask())
        for method in ("CreateJob", "Generate"):
            refused = Refused(lambda: getattr(ada, method)(METHODS[method]))
            self.assertEqual((refused.code, refused.reason), (Code.RESOURCE_EXHAUSTED, "SUBMIT_RATE_EXCEEDED"))
            self.assertTrue(1 <= refused.retry.retry_delay.seconds <= 30, refused.retry)
            self.assertEqual(refused.info.metadata["submitRatePerMinute"], "2")
        bob.CreateJob(ask())
        self.assertTrue(30 < Refused(lambda: bob.CreateJob(ask())).retry.retry_delay.seconds <= 120)
        limits = bob.GetServerInfo(INFO.GetServerInfoRequest()).limits
        self.assertEqual((limits.submit_rate_per_minute, limits.submit_burst), (0.5, 1))

    def test_each_principal_has_its_own_share_of_the_queue(self):
        os.environ["OVI_FAKE_ENGINE"] = "hold"
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")
        self.add_token("ada", "submit,read")
        self.add_token("bob", "submit,read", "max_queued=1")
        server = self.start_with_tokens("--max_queued_per_principal=2", "--drain_timeout=0s")
        ada, bob = (self.stub(server, self.tokens[name]) for name in ("ada", "bob"))
        running = ada.CreateJob(ask()).name
        next(event for event in ada.WatchJob(JOBS.WatchJobRequest(name=running)) if event.event.WhichOneof("event") == "step")
        waiting = [ada.CreateJob(ask()).name for _ in range(2)]
        refused = Refused(lambda: ada.CreateJob(ask()))
        self.assertEqual((refused.code, refused.reason), (Code.RESOURCE_EXHAUSTED, "QUEUE_FULL_FOR_PRINCIPAL"))
        self.assertGreater(refused.retry.retry_delay.seconds, 0)
        bob.CreateJob(ask())
        self.assertEqual(Refused(lambda: bob.CreateJob(ask())).reason, "QUEUE_FULL_FOR_PRINCIPAL")
        ada.CancelJob(JOBS.CancelJobRequest(name=waiting[0]))
        ada.CreateJob(ask())
        self.assertEqual(bob.GetServerInfo(INFO.GetServerInfoRequest()).limits.max_queued_jobs_per_principal, 1)

    def test_an_image_that_is_too_large_is_refused(self):
        server = self.start("--max_image_bytes=2000")
        stub = self.stub(server)
        request = ask()
        request.job.request.first_frame.content = b"\x89PNG" + b"x" * 2000
        refused = Refused(lambda: stub.CreateJob(request))
        self.assertEqual((refused.code, refused.reason), (Code.INVALID_ARGUMENT, "IMAGE_TOO_LARGE"))
        self.assertIn("has 2004 bytes; this server takes 2000", refused.message)
        checkpoints = stub.ListCheckpoints(CHECKPOINTS.ListCheckpointsRequest()).checkpoints
        self.assertEqual(checkpoints[0].limits.max_image_bytes, 2000)

    def test_little_bytes_do_not_become_many(self):
        server = self.start()
        stub = self.stub(server)
        request = ask("a" * (20 << 20))  # 20 kB when packed
        with self.assertRaises(grpc.RpcError) as refused:
            stub.CreateJob(request, compression=grpc.Compression.Gzip)
        self.assertEqual(refused.exception.code(), Code.UNIMPLEMENTED)
        self.assertEqual(Refused(lambda: stub.CreateJob(request)).code, Code.INVALID_ARGUMENT)

    def test_a_connection_grows_old(self):
        os.environ["OVI_FAKE_ENGINE"] = "hold"
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")
        server = self.start("--max_connection_age=1s", "--max_connection_age_grace=1s", "--drain_timeout=0s")
        stub = self.stub(server)
        name = stub.CreateJob(ask()).name
        cut = Refused(lambda: stub.WatchJob(JOBS.WatchJobRequest(name=name)))
        self.assertEqual(cut.code, Code.UNAVAILABLE)
        self.assertEqual(stub.GetJob(JOBS.GetJobRequest(name=name)).name, name)

    def test_one_connection_has_so_many_calls_at_once(self):
        os.environ["OVI_FAKE_ENGINE"] = "hold"
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")
        server = self.start("--max_concurrent_streams=2", "--drain_timeout=0s")
        stub = self.stub(server)
        name = stub.CreateJob(ask()).name
        watches = [stub.WatchJob(JOBS.WatchJobRequest(name=name)) for _ in range(2)]
        for watch in watches:
            next(watch)
        with self.assertRaises(grpc.RpcError) as late:
            stub.GetJob(JOBS.GetJobRequest(name=name), timeout=1)
        self.assertEqual(late.exception.code(), Code.DEADLINE_EXCEEDED)
        watches[0].cancel()
        self.assertEqual(stub.GetJob(JOBS.GetJobRequest(name=name), timeout=30).name, name)


class LogTest(access_rig.AccessTest):
    def test_what_clients_write_is_not_in_the_log_and_cannot_forge_a_line(self):
        marker = "marker-of-a-prompt"
        forged = "\n2030-01-01T00:00:00.000+0000 E the device is lost"
        for level in ("info", "debug"):
            self.add_token(f"ada-{level}", "submit,read")
            server = self.start_with_tokens(f"--log_level={level}")
            stub = self.stub(server, self.tokens[f"ada-{level}"])
            request = ask(marker + forged)
            request.job.labels[marker + forged] = "x"
            self.assertEqual(Refused(lambda: stub.CreateJob(request)).reason, "INVALID_LABEL_KEY")
            request.job.labels.clear()
            request.job.labels["album"] = marker + "\n"
            request.job.request.first_frame.content = marker.encode() + forged.encode()
            name = stub.CreateJob(request).name
            list(stub.WatchJob(JOBS.WatchJobRequest(name=name)))
            Refused(lambda: stub.GetJob(JOBS.GetJobRequest(name=marker + forged)))
            Refused(lambda: stub.ListJobs(JOBS.ListJobsRequest(filter=marker + forged)))
            Refused(lambda: self.stub(server).GetServerInfo(INFO.GetServerInfoRequest(),
                                                            metadata=[("authorization", marker)]))
            log = server.log()
            self.assertIn(name.removeprefix("jobs/"), log)
            self.assertNotIn(self.tokens[f"ada-{level}"], log)
            self.assertFalse([line for line in log.splitlines() if line.startswith("2030-")])
            if level == "info":
                self.assertNotIn(marker, log)


if __name__ == "__main__":
    access_rig.AccessTest.server_binary = sys.argv.pop(1)
    unittest.main()

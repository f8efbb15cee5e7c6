"""TLS, mTLS and certificates that change under way: a real ovi-server over a fake engine, openssl's certificates, grpcio
clients and ovi-client.

    tls_test.py build/dev/bin/fake_engine_server build/dev/bin/ovi-client
"""

import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import unittest

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402

ovi_stubs.generate()
import access_rig  # noqa: E402
from access_rig import JOBS, Refused, ask  # noqa: E402
from certificates import Authority, openssl  # noqa: E402

INFO = ovi_stubs.module("ovi.v1.server_messages_pb2")
CLIENT = ""
LOOPBACK = "IP:127.0.0.1"


class TlsTest(access_rig.AccessTest):
    def setUp(self):
        super().setUp()
        self.ca = Authority(self.folder, "ca")
        self.certificate, self.key = self.ca.sign("server", LOOPBACK)
        self.flags = [f"--tls_certificate={self.certificate}", f"--tls_key={self.key}"]

    def credentials(self, ca=None, client=None):
        certificate, key = client or (None, None)
        return grpc.ssl_channel_credentials((ca or self.ca).certificate.read_bytes(), key and key.read_bytes(),
                                            certificate and certificate.read_bytes())

    def caller(self, server, credentials, token=None):
        return self.stub(server, token, credentials).GetServerInfo(INFO.GetServerInfoRequest(), timeout=30).caller

    def assert_no_way_in(self, server, credentials):
        with self.assertRaises(grpc.RpcError) as refused:
            self.stub(server, credentials=credentials).GetServerInfo(INFO.GetServerInfoRequest(), timeout=30)
        self.assertEqual(refused.exception.code(), grpc.StatusCode.UNAVAILABLE)


class EncryptionTest(TlsTest):
    def test_a_client_that_trusts_the_authority_comes_in(self):
        server = self.start(*self.flags)
        self.assertEqual(self.caller(server, self.credentials()).principal, "")
        self.assert_no_way_in(server, self.credentials(ca=Authority(self.folder, "other")))
        self.assert_no_way_in(server, None)

    def test_old_protocols_and_plain_bytes_are_refused(self):
        server = self.start(*self.flags)
        host, port = server.address.split(":")
        with socket.create_connection((host, int(port)), timeout=30) as plain:
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            answer = plain.recv(1000)  # a TLS alert or nothing; no settings of HTTP/2
            self.assertTrue(answer == b"" or answer[0] == 0x15, answer)
        context = ssl.create_default_context(cafile=str(self.ca.certificate))
        context.set_ciphers("DEFAULT@SECLEVEL=0")
        context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        with socket.create_connection((host, int(port)), timeout=30) as old, self.assertRaises(ssl.SSLError) as refused:
            context.wrap_socket(old, server_hostname=host)
        # What the server did, not what our own library would not do.
        self.assertRegex(refused.exception.reason, "UNEXPECTED_EOF|PROTOCOL_VERSION")
        self.assertEqual(self.caller(server, self.credentials()).principal, "")

    def test_a_file_that_is_wrong_does_not_start_a_server(self):
        _, other_key = self.ca.sign("other", LOOPBACK)
        open_key, locked, text = (self.folder / name for name in ("open.key", "locked.key", "text"))
        shutil.copy(self.key, open_key)
        open_key.chmod(0o644)
        openssl("pkey", "-in", self.key, "-aes256", "-passout", "pass:x", "-out", locked)
        locked.chmod(0o600)
        text.write_text("no PEM\n")
        damaged = self.folder / "damaged.crt"
        damaged.write_text(self.certificate.read_text() + self.certificate.read_text().replace("MII", "!!!"))
        certificate, key = f"--tls_certificate={self.certificate}", f"--tls_key={self.key}"
        table = [
            (2, [certificate], "--tls_certificate needs --tls_key"),
            (2, [key], "--tls_key needs --tls_certificate"),
            (2, [f"--tls_client_ca={text}"], "--tls_client_ca needs"),
            (1, ["--tls_certificate=/no/such", key], "--tls_certificate: /no/such: No such file"),
            (1, [f"--tls_certificate={text}", key], "there is no PEM certificate"),
            (1, [f"--tls_certificate={damaged}", key], "a certificate after the first one is damaged"),
            (1, [certificate, f"--tls_key={self.certificate}"], "everybody on this machine can read it"),
            (1, [certificate, f"--tls_key={open_key}"], "chmod o="),
            (1, [certificate, f"--tls_key={locked}"], "has a passphrase"),
            (1, [certificate, f"--tls_key={other_key}"], "does not belong to the first certificate"),
            (1, [certificate, key, f"--tls_client_ca={text}"], "--tls_client_ca: "),
        ]
        for code, flags, said in table:
            with self.subTest(said=said):
                done = subprocess.run([self.server_binary, "--listen=127.0.0.1:0", f"--data_dir={self.folder}/data", *flags],
                                      capture_output=True, text=True, timeout=60)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn(said, done.stderr)


class RotationTest(TlsTest):
    def test_a_new_certificate_serves_new_connections_and_open_ones_go_on(self):
        os.environ["OVI_FAKE_ENGINE"] = "hold"
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE")
        server = self.start(*self.flags, "--drain_timeout=0s")
        connected = self.stub(server, credentials=self.credentials())
        name = connected.CreateJob(ask()).name
        watch = connected.WatchJob(JOBS.WatchJobRequest(name=name))
        next(watch)

        new_ca = Authority(self.folder, "new-ca")
        certificate, key = new_ca.sign("new-server", LOOPBACK)
        key.rename(self.key)
        certificate.rename(self.certificate)
        self.eventually(lambda: self.shown_certificate(server) == "new-server")
        self.assertEqual(self.caller(server, self.credentials(ca=new_ca)).principal, "")
        self.assert_no_way_in(server, self.credentials())
        self.assertEqual(connected.GetJob(JOBS.GetJobRequest(name=name)).name, name)
        connected.CancelJob(JOBS.CancelJobRequest(name=name))
        *_, last = watch
        self.assertTrue(last.event.HasField("outcome"))
        self.eventually(lambda: "TLS files have changed: certificate of CN = new-server" in server.log())

    def test_files_that_are_wrong_leave_tls_as_it_was(self):
        server = self.start(*self.flags)
        _, other_key = self.ca.sign("other", LOOPBACK)
        other_key.rename(self.key)
        self.eventually(lambda: "does not belong to the first certificate" in server.log())
        self.certificate.write_text("damaged")
        self.eventually(lambda: "there is no PEM certificate" in server.log())
        self.key.unlink()
        self.certificate.unlink()
        self.eventually(lambda: "No such file" in server.log())
        self.assertEqual(self.caller(server, self.credentials()).principal, "")
        self.assertEqual(self.shown_certificate(server), "server")

    def test_a_new_authority_of_clients_counts(self):
        old, new = Authority(self.folder, "clients-ca"), Authority(self.folder, "new-clients-ca")
        server = self.start(*self.flags, f"--tls_client_ca={old.certificate}")
        ada, bob = self.credentials(client=old.sign("ada")), self.credentials(client=new.sign("bob"))
        self.assertEqual(self.caller(server, ada).principal, "ada")
        self.assert_no_way_in(server, bob)
        new.certificate.rename(old.certificate)
        self.eventually(lambda: "TLS files have changed" in server.log())
        self.eventually(lambda: self.comes_in(server, bob))
        self.assert_no_way_in(server, ada)

    def comes_in(self, server, credentials):
        try:
            return self.caller(server, credentials) is not None
        except grpc.RpcError:
            return False

    def shown_certificate(self, server):
        """The common name of what the server shows a new connection now; None if it shows nothing."""
        host, port = server.address.split(":")
        try:
            pem = ssl.get_server_certificate((host, int(port)), timeout=30)
        except OSError:
            return None
        subject = subprocess.run(["openssl", "x509", "-noout", "-subject", "-nameopt", "multiline"], input=pem,
                                 capture_output=True, text=True, check=True, timeout=60).stdout
        return subject.split("=")[-1].strip()


class MutualTlsTest(TlsTest):
    def setUp(self):
        super().setUp()
        self.clients = Authority(self.folder, "clients-ca")
        self.flags.append(f"--tls_client_ca={self.clients.certificate}")

    def test_nobody_without_a_certificate(self):
        server = self.start(*self.flags)
        self.assert_no_way_in(server, self.credentials())
        self.assert_no_way_in(server, self.credentials(client=self.ca.sign("ada")))  # of an authority it does not know

    def test_the_certificate_names_the_principal(self):
        server = self.start(*self.flags)
        ada = self.credentials(client=self.clients.sign("ada"))
        spiffe = self.credentials(client=self.clients.sign("node", "URI:spiffe://example.org/bob,DNS:bob", file="bob"))
        caller = self.caller(server, ada)
        self.assertEqual((caller.principal, list(caller.scopes)), ("ada", ["submit", "read"]))
        self.assertEqual(self.caller(server, spiffe).principal, "spiffe://example.org/bob")
        name = self.stub(server, credentials=ada).CreateJob(ask()).name
        refused = Refused(lambda: self.stub(server, credentials=spiffe).GetJob(JOBS.GetJobRequest(name=name)))
        self.assertEqual((refused.code, refused.reason), (grpc.StatusCode.NOT_FOUND, "JOB_NOT_FOUND"))
        nameless = self.credentials(client=self.clients.sign("Ada Lovelace", file="nameless"))
        refused = Refused(lambda: self.caller(server, nameless))
        self.assertEqual((refused.code, refused.reason), (grpc.StatusCode.UNAUTHENTICATED, "CERTIFICATE_WITHOUT_NAME"))

    def test_with_a_token_file_both_are_needed_and_the_token_decides(self):
        self.add_token("bob", "read")
        server = self.start_with_tokens(*self.flags)
        ada = self.credentials(client=self.clients.sign("ada"))
        self.assertEqual(Refused(lambda: self.caller(server, ada)).reason, "TOKEN_MISSING")
        self.assertEqual(self.caller(server, ada, self.tokens["bob"]).principal, "bob")
        self.assert_no_way_in(server, self.credentials())


class ListenTest(TlsTest):
    def test_the_rule_for_addresses_that_others_reach(self):
        self.add_token("ada", "read")
        tokens, tls = f"--token_file={self.token_file}", self.flags
        wanting = [([], "without encryption and without asking who calls"),
                   ([tokens], "without encryption, so that tokens can be read"),
                   (tls, "without asking who calls")]
        for flags, said in wanting:
            done = subprocess.run([self.server_binary, "--listen=0.0.0.0:0", f"--data_dir={self.folder}/data", *flags],
                                  capture_output=True, text=True, timeout=60)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(said, done.stderr)
            self.assertIn("--insecure_listen", done.stderr)


class OviClientTest(TlsTest):
    def setUp(self):
        super().setUp()
        self.add_token("ada", "submit,read")
        self.token = self.folder / "ada.token"
        self.token.write_text(self.tokens["ada"] + "\n")

    def client(self, server, *arguments, **environment):
        address = server if isinstance(server, str) else server.address
        done = subprocess.run([CLIENT, "--timeout=5", *arguments], capture_output=True, text=True, timeout=120,
                              env={**os.environ, "OVI_SERVER": address, **environment})
        return done.returncode, done.stdout, done.stderr

    def test_a_clip_over_tls_with_a_token(self):
        server = self.start_with_tokens(*self.flags)
        clip = self.folder / "clip.mp4"
        code, out, err = self.client(server, f"--ca={self.ca.certificate}", f"--token-file={self.token}", "generate",
                                     "a ball", f"--output={clip}")
        self.assertEqual((code, out), (0, f"{clip}\n"), err)
        self.assertGreater(clip.stat().st_size, 0)
        by_environment = {"OVI_CA": str(self.ca.certificate), "OVI_TOKEN": self.tokens["ada"]}
        code, out, err = self.client(server, "jobs", **by_environment)
        self.assertEqual(code, 0, err)
        self.assertIn("SUCCEEDED", out)
        self.assertIn("caller    ada: submit, read", self.client(server, "info", **by_environment)[1])

    def test_a_certificate_of_its_own(self):
        clients = Authority(self.folder, "clients-ca")
        certificate, key = clients.sign("bob")
        server = self.start(*self.flags, f"--tls_client_ca={clients.certificate}")
        code, out, err = self.client(server, f"--ca={self.ca.certificate}", f"--cert={certificate}", f"--key={key}", "info")
        self.assertEqual(code, 0, err)
        self.assertIn("caller    bob: submit, read", out)

    def test_a_refusal_says_what_to_do(self):
        self.add_token("rea", "read")
        server = self.start_with_tokens()
        code, _, err = self.client(server, "info")
        self.assertEqual(code, 64 + 16)
        self.assertIn("this server asks for a token", err)
        self.assertIn("--token-file or OVI_TOKEN_FILE", err)
        code, _, err = self.client(server, "info", OVI_TOKEN="ovi_wrong")
        self.assertEqual(code, 64 + 16)
        self.assertIn("the token is none of this server's", err)
        code, _, err = self.client(server, "generate", "a ball", "--detach", OVI_TOKEN=self.tokens["rea"])
        self.assertEqual(code, 64 + 7)
        self.assertIn("this needs the scope 'submit', and rea has 'read'", err)

    def test_the_wrong_kind_of_connection_says_what_may_be_wrong(self):
        encrypted, plain = self.start(*self.flags), self.start()
        self.assertIn("if it speaks TLS, add --tls or --ca", self.client(encrypted, "info")[2])
        for server, ca in ((encrypted, Authority(self.folder, "other")), (plain, self.ca)):
            code, _, err = self.client(server, f"--ca={ca.certificate}", "info")
            self.assertEqual(code, 64 + 4)
            self.assertIn("does it speak TLS, and does --ca hold who signed its certificate", err)

    def test_a_token_does_not_leave_this_machine_in_the_clear(self):
        for server in ("ovi.example.org:50051", "192.0.2.1:1", "dns:///localhost.example.org:1", "127.0.0.1.example.org:1"):
            code, _, err = self.client(server, f"--token-file={self.token}", "info")
            self.assertEqual(code, 2, err)
            self.assertIn(f"a token is not sent to {server} in the clear", err)

    def test_a_file_that_is_wrong_is_a_usage_error(self):
        empty = self.folder / "empty"
        empty.write_text(" \n")
        for arguments, said in ((["--ca=/no/such"], "--ca is /no/such"), (["--cert=/no/such"], "--cert and --key belong"),
                                (["--token-file=/no/such"], "--token-file is /no/such"),
                                ([f"--token-file={empty}"], "in which there is no token"),
                                (["--token=a b"], "characters that no token has")):
            code, _, err = self.client("127.0.0.1:1", *arguments, "info")
            self.assertEqual(code, 2, err)
            self.assertIn(said, err)


if __name__ == "__main__":
    access_rig.AccessTest.server_binary = sys.argv.pop(1)
    CLIENT = sys.argv.pop(1)
    unittest.main()

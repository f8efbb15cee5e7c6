"""What the tests of the door share: tokens, clients with and without them, and the details of a refusal."""

import pathlib
import subprocess
import tempfile
import time
import unittest

import grpc

import ovi_stubs
from server_process import ServerProcess

DETAILS = ovi_stubs.module("google.rpc.error_details_pb2")
STATUS = ovi_stubs.module("google.rpc.status_pb2")
JOBS = ovi_stubs.module("ovi.v1.job_messages_pb2")
JOB = ovi_stubs.module("ovi.v1.job_pb2")
SERVICE = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc")


class Refused:
    """Code, sentence and AIP-193 details of a call that must fail."""

    def __init__(self, call):
        try:
            answer = call()
            if isinstance(answer, grpc.Call):
                list(answer)
        except grpc.RpcError as error:
            self.code, self.message = error.code(), error.details()
            trailers = dict(error.trailing_metadata() or ())
        else:
            raise AssertionError("the call was not refused")
        status = STATUS.Status.FromString(trailers.get("grpc-status-details-bin", b""))
        self.info, self.retry = DETAILS.ErrorInfo(), DETAILS.RetryInfo()
        for detail in status.details:
            detail.Unpack(self.info) or detail.Unpack(self.retry)
        self.reason = self.info.reason


class AccessTest(unittest.TestCase):
    server_binary = ""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.token_file = self.folder / "tokens"
        self.tokens = {}

    def add_token(self, name, scopes, more=""):
        """As the manual says: `ovi-server --make_token=NAME:SCOPES >> tokens`."""
        made = subprocess.run([self.server_binary, f"--make_token={name}:{scopes}"], capture_output=True, text=True,
                              timeout=60, check=True)
        self.tokens[name] = made.stderr.strip()
        self.write_tokens((self.token_file.read_text() if self.token_file.exists() else "")
                          + made.stdout.strip() + f" {more}\n")

    def write_tokens(self, text):
        self.token_file.write_text(text)
        self.token_file.chmod(0o600)

    def start(self, *flags, **options):
        return self.enterContext(ServerProcess(self.server_binary, flags, **options))

    def start_with_tokens(self, *flags, **options):
        return self.start(f"--token_file={self.token_file}", *flags, **options)

    def stub(self, server, token=None, credentials=None, **options):
        """A client that shows `token`, in the clear or by TLS."""
        channel = self.enterContext(
            grpc.secure_channel(server.address, credentials) if credentials else grpc.insecure_channel(server.address))
        if token is not None:
            channel = grpc.intercept_channel(channel, _ShowToken(token))
        return SERVICE.OviServiceStub(channel)

    def eventually(self, holds, seconds=30):
        """Waits for what a server does by itself within a documented time."""
        deadline = time.monotonic() + seconds
        while not holds():
            self.assertLess(time.monotonic(), deadline, "it did not come true in time")
            time.sleep(0.05)


class _ShowToken(grpc.UnaryUnaryClientInterceptor, grpc.UnaryStreamClientInterceptor):
    def __init__(self, token):
        self._metadata = [("authorization", f"Bearer {token}")]

    def _call(self, proceed, details, request):
        return proceed(_Details(details.method, details.timeout, self._metadata, details.credentials,
                                details.wait_for_ready, details.compression), request)

    intercept_unary_unary = _call
    intercept_unary_stream = _call


class _Details(grpc.ClientCallDetails):
    def __init__(self, method, timeout, metadata, credentials, wait_for_ready, compression):
        self.method, self.timeout, self.metadata = method, timeout, metadata
        self.credentials, self.wait_for_ready, self.compression = credentials, wait_for_ready, compression


def ask(prompt="a ball"):
    return JOBS.CreateJobRequest(job=JOB.Job(request={"prompt": prompt}))

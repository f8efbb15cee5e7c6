"""Runs s3_store_test against a real S3 server that verifies signatures: moto, behind a gateway that fails as it is told.

    s3_store_test.py build/dev/bin/s3_store_test

Starts both on free ports of 127.0.0.1, and stops them by their process ids.
"""

import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import boto3
import botocore.credentials

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from s3_gateway import Gateway  # noqa: E402

# What moto lets pass unsigned: the calls of make_account. From then on it verifies.
SETUP_CALLS = 4
POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class Moto:
    """Context manager; `port` once entered."""

    def __init__(self, folder):
        self._log = pathlib.Path(folder) / "moto.log"

    def __enter__(self):
        self.port = free_port()
        with open(self._log, "w") as log:
            self._process = subprocess.Popen([sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                                             env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(SETUP_CALLS)},
                                             stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 60
        while self._process.poll() is None and time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/moto-api/", timeout=5):
                    return self
            except OSError:
                time.sleep(0.1)
        self.__exit__()
        raise RuntimeError(f"moto did not start: {self._log.read_text()}")

    def __exit__(self, *_):
        self._process.terminate()
        self._process.wait(30)


def make_account(port):
    """A user who may do anything in S3, and the bucket `clips`. Returns the user's keys."""
    anybody = {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1",
               "aws_access_key_id": "none", "aws_secret_access_key": "none"}
    iam = boto3.client("iam", **anybody)
    iam.create_user(UserName="ovi")
    key = iam.create_access_key(UserName="ovi")["AccessKey"]
    iam.put_user_policy(UserName="ovi", PolicyName="s3", PolicyDocument=POLICY)
    boto3.client("s3", **anybody).create_bucket(Bucket="clips")
    return key["AccessKeyId"], key["SecretAccessKey"]


def make_certificate(folder):
    """One that no authority signed, in a file with its key."""
    pem = f"{folder}/self-signed.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", pem, "-out", f"{folder}/certificate.pem"],
                   check=True, capture_output=True)
    with open(pem, "a") as both:
        both.write(pathlib.Path(f"{folder}/certificate.pem").read_text())
    return pem


def main(binary, *flags):
    os.environ["no_proxy"] = "127.0.0.1"
    with tempfile.TemporaryDirectory() as folder, Moto(folder) as moto:
        access, secret = make_account(moto.port)
        credentials = botocore.credentials.Credentials(access, secret)
        gateway = Gateway(moto.port, credentials)
        untrusted = Gateway(moto.port, credentials, make_certificate(folder))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "OVI_S3_"))}
        environment.update(AWS_ACCESS_KEY_ID=access, AWS_SECRET_ACCESS_KEY=secret, AWS_ENDPOINT_URL_S3=gateway.url(),
                           OVI_TEST_UNTRUSTED_URL=untrusted.url("https"), TMPDIR=folder)
        return subprocess.run([binary, *flags], env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

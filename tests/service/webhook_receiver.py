"""An HTTPS server that a webhook of a test leads to: notes what it is told and answers as it is told."""

import hashlib
import hmac
import http.server
import json
import pathlib
import ssl
import subprocess
import threading
import time


def make_certificate(folder):
    """Of 127.0.0.1 and localhost, signed by itself: the file to trust, and one with its key too."""
    trusted, both = f"{folder}/certificate.pem", f"{folder}/both.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=127.0.0.1",
                    "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", both, "-out", trusted],
                   check=True, capture_output=True)
    with open(both, "a") as file:
        file.write(pathlib.Path(trusted).read_text())
    return trusted, both


class Receiver(http.server.ThreadingHTTPServer):
    """`answers`: what each request is answered with, the last one again and again: a status, or "redirect", "endless"."""

    daemon_threads = True

    def __init__(self, certificate, answers=(200,)):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.answers, self.told, self.connections = list(answers), [], 0
        self.changed = threading.Condition()
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def get_request(self):
        connection, address = super().get_request()
        self.connections += 1
        connection.settimeout(10)
        return self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False), address

    def handle_error(self, request, client_address):
        """A client that does not trust us goes away; that is what some tests are about."""

    def uri(self, path="/done", host="127.0.0.1"):
        return f"https://{host}:{self.server_port}{path}"

    def wait(self, count, seconds=30):
        """The first `count` requests, once there are so many."""
        with self.changed:
            if not self.changed.wait_for(lambda: len(self.told) >= count, seconds):
                raise AssertionError(f"told {len(self.told)} times in {seconds} s, not {count} times")
            return self.told[:count]


class Exchange(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        server = self.server
        with server.changed:
            answer = server.answers[min(len(server.told), len(server.answers) - 1)]
            server.told.append({"path": self.path, "headers": dict(self.headers), "body": body, "time": time.time()})
            server.changed.notify_all()
        self.close_connection = True
        self.send_response_only(307 if answer == "redirect" else 200 if answer == "endless" else answer)
        if answer == "redirect":
            self.send_header("Location", server.uri("/elsewhere"))
        if answer != "endless":
            self.send_header("Content-Length", "0")
        self.end_headers()
        while answer == "endless":  # until the other side has had enough
            self.wfile.write(b"x" * 65536)


def check(told, secret):
    """As a receiver would: the signature is of this body and not old. Returns the body."""
    parts = dict(part.split("=", 1) for part in told["headers"]["x-ovi-signature"].split(","))
    expected = hmac.new(secret.encode(), parts["t"].encode() + b"." + told["body"], hashlib.sha256).hexdigest()
    assert hmac.compare_digest(expected, parts["v1"]), told["headers"]
    assert abs(told["time"] - int(parts["t"])) < 60, parts
    return json.loads(told["body"])

"""A proxy in front of an S3 server that fails as it is told, and stands in for what the server does not check itself.

Told by requests below /-/: `/-/fault?kind=busy&method=PUT&count=2[&query=partNumber=2]` spoils the next two such requests,
`/-/log` gives "METHOD target" of all requests, a line each, and forgets them and the faults.

moto answers 500 to presigned URLs where it verifies signatures. So theirs, and their time, are verified here with botocore,
and the request goes on signed by headers.
"""

import datetime
import http.client
import http.server
import socket
import ssl
import threading
import time
import urllib.parse

import botocore.auth
import botocore.awsrequest

TIME = "%Y%m%dT%H%M%SZ"
SLOW_BYTES_PER_SECOND = 2e6
STALL_SECONDS = 20  # above what a test allows for


def error(code):
    return f"<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>says the gateway</Message></Error>".encode()


class Gateway(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, upstream, credentials, certificate=None):
        super().__init__(("127.0.0.1", 0), Exchange)
        self.upstream, self.credentials = upstream, credentials
        self.lock, self.faults, self.seen = threading.Lock(), [], []
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that goes away is what some of the tests are about."""

    def url(self, scheme="http"):
        return f"{scheme}://127.0.0.1:{self.server_port}"

    def take_fault(self, method, target):
        with self.lock:
            self.seen.append(f"{method} {target}")
            for fault in self.faults:
                if fault["method"] == method and fault.get("query", "") in target and fault["count"] > 0:
                    fault["count"] -= 1
                    return fault["kind"]
        return None


class Exchange(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def handle_one(self):
        self.close_connection = False
        target = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(target.query))
        if target.path.startswith("/-/"):
            self.answer(200, self.obey(target.path, query))
            return
        kind = self.server.take_fault(self.command, self.path)
        if kind == "hang_up":  # in the middle of what is sent
            self.rfile.read(int(self.headers.get("Content-Length", 0)) // 2)
            self.hang_up()
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        simple = {"busy": (503, "SlowDown"), "refuse": (403, "AccessDenied"), "error_in_200": (200, "InternalError"),
                  "no_upload": (404, "NoSuchUpload")}
        if kind in simple:
            self.answer(simple[kind][0], error(simple[kind][1]))
        elif kind == "redirect":
            self.answer(307, b"", [("Location", self.server.url() + self.path + "&elsewhere")])
        elif kind == "endless":
            self.answer(206, b"x" * (5 << 20), [("Content-Range", "bytes 0-5242879/5242880")])
        elif kind == "slow":  # 16 Mbit/s
            time.sleep(len(body) / SLOW_BYTES_PER_SECOND)
            self.pass_on(self.command, self.path, self.headers.items(), body)
        elif kind == "stall":  # the other side has gone by the time it is answered
            time.sleep(STALL_SECONDS)
            self.hang_up()
        elif "X-Amz-Signature" in query:
            self.presigned(query)
        else:
            self.pass_on(self.command, self.path, self.headers.items(), body, kind)

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_one

    def obey(self, path, query):
        with self.server.lock:
            if path == "/-/fault":
                self.server.faults.append({**query, "count": int(query["count"])})
                return b""
            seen, self.server.seen, self.server.faults = self.server.seen, [], []
            return "".join(line + "\n" for line in seen).encode()

    def pass_on(self, method, target, headers, body, kind=None):
        upstream = http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=60)
        upstream.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            upstream.putheader(name, value)
        upstream.endheaders(body)
        reply = upstream.getresponse()
        content = reply.read()
        upstream.close()
        if kind == "lose_answer":
            self.hang_up()
            return
        kept = [(name, value) for name, value in reply.getheaders() if name.lower() not in ("connection", "content-length")]
        self.answer(reply.status, content, kept, cut=kind == "cut", length=reply.getheader("Content-Length"))

    def answer(self, status, content, headers=(), cut=False, length=None):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        head = self.command == "HEAD"
        if status != 204:
            self.send_header("Content-Length", length if head and length else len(content))
        self.end_headers()
        if not head:
            self.wfile.write(content[:len(content) // 2] if cut else content)
        if cut:
            self.hang_up()

    def hang_up(self):
        self.wfile.flush()
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def presigned(self, query):
        signature = query["X-Amz-Signature"]
        url = self.server.url() + self.path.replace("&X-Amz-Signature=" + signature, "")
        region = query["X-Amz-Credential"].split("/")[2]
        auth = botocore.auth.S3SigV4QueryAuth(self.server.credentials, "s3", region)
        request = botocore.awsrequest.AWSRequest(self.command, url, headers={"host": self.headers["Host"]})
        request.context["timestamp"] = query["X-Amz-Date"]
        expected = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
        signed_at = datetime.datetime.strptime(query["X-Amz-Date"], TIME).replace(tzinfo=datetime.timezone.utc)
        age = datetime.datetime.now(datetime.timezone.utc) - signed_at
        if signature != expected:
            self.answer(403, error("SignatureDoesNotMatch"))
        elif age > datetime.timedelta(seconds=int(query["X-Amz-Expires"])):
            self.answer(403, error("AccessDenied"))
        else:
            plain = botocore.awsrequest.AWSRequest(self.command, url.split("?")[0])
            botocore.auth.S3SigV4Auth(self.server.credentials, "s3", region).add_auth(plain)
            self.pass_on(self.command, self.path.split("?")[0], [("Host", self.headers["Host"]), *plain.headers.items()], b"")

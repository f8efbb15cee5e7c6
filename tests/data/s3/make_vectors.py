"""Signatures that botocore makes, for tests/unit/s3_sigv4_test.cc: what a real client would send, at a frozen time.

    python make_vectors.py > sigv4_vectors.json      (made with botocore 1.44.8; `pip install botocore`)

The keys are AWS's published examples: no account has them. Nothing is sent anywhere.
"""

import datetime
import json
import re
import sys
import urllib.parse

import botocore.auth
import botocore.awsrequest
import botocore.session
from botocore.config import Config

ACCESS, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQD+/=="
NOW = datetime.datetime(2026, 11, 24, 5, 6, 7, tzinfo=datetime.timezone.utc)
SET_BY_THE_SIGNER = {"host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"}

botocore.auth.get_current_datetime = lambda remove_tzinfo=True: NOW.replace(tzinfo=None) if remove_tzinfo else NOW


class Sent(Exception):
    """Carries the request out of the client, where it would have gone to the network."""


def client(endpoint, region, style, token):
    s3 = botocore.session.Session().create_client(
        "s3", endpoint_url=endpoint, region_name=region, aws_access_key_id=ACCESS, aws_secret_access_key=SECRET,
        aws_session_token=token or None,
        config=Config(s3={"addressing_style": style, "payload_signing_enabled": True}, signature_version="s3v4",
                      request_checksum_calculation="when_required", retries={"max_attempts": 0}))

    def stop(request, **_):
        raise Sent(request)
    s3.meta.events.register("before-send.s3", stop)
    return s3


def vector(name, url, region, token, **more):
    parts = urllib.parse.urlsplit(url)
    # The port of the scheme itself is not part of Host.
    return {"name": name, "host": botocore.auth._host_from_url(url), "path": urllib.parse.unquote(parts.path), "encoded_path": parts.path,
            "region": region, "session_token": token, **more}


def header_form(name, endpoint, region, style, token, call, arguments):
    try:
        getattr(client(endpoint, region, style, token), call)(**arguments)
    except Sent as sent:
        request = sent.args[0]
    headers = {key.lower(): value.decode() if isinstance(value, bytes) else value
               for key, value in request.headers.items()}
    signed = re.search("SignedHeaders=([^,]+)", headers["authorization"]).group(1).split(";")
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(request.url).query, keep_blank_values=True)
    return vector(name, request.url, region, token, method=request.method, query=query,
                  headers=[[key, headers[key]] for key in signed if key not in SET_BY_THE_SIGNER],
                  payload_sha256=headers["x-amz-content-sha256"], authorization=headers["authorization"])


def presigned(name, endpoint, region, style, token, expires, arguments):
    url = client(endpoint, region, style, token).generate_presigned_url("get_object", arguments, expires)
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query, keep_blank_values=True)
    return vector(name, url, region, token, expires=expires, encoded_query=urllib.parse.urlsplit(url).query,
                  query=[[key, value] for key, value in query if not key.startswith("X-Amz-")])


KEYS = {"plain": "clips/k3v9x2m4q8w1.mp4", "spaces": "a b  c.mp4", "plus and percent": "a+b%20c%2Fd.mp4",
        "unicode": "früh/日本語-🎬.mp4", "reserved": "!$&'()*,;=:@[]#?.mp4", "plain marks": "-._~/A.mp4",
        "dots and slashes": "a//b/../c/./d"}
AWS, MINIO, PORT443 = None, "http://127.0.0.1:9000", "https://s3.example.org:443"

vectors = {"access_key_id": ACCESS, "secret_access_key": SECRET, "now": NOW.isoformat(), "headers": [], "presigned": []}
for title, key in KEYS.items():
    where = {"Bucket": "ovi-clips", "Key": key}
    for endpoint, region, style in ((AWS, "eu-central-1", "virtual"), (MINIO, "us-east-1", "path")):
        setting = f"{title}, {style}"
        vectors["headers"].append(header_form(f"put {setting}", endpoint, region, style, "", "put_object",
                                              {**where, "Body": b"moving pictures", "ContentType": "video/mp4",
                                               "Metadata": {"sha256": "00ff", "Odd": "two  spaces"}}))
        vectors["presigned"].append(presigned(setting, endpoint, region, style, "", 3600, where))
where = {"Bucket": "ovi-clips", "Key": "a b.mp4"}
for call, more in {
        "get_object": {"Range": "bytes=0-4194303", "IfMatch": '"abc"'}, "delete_object": {},
        "create_multipart_upload": {"Metadata": {"sha256": "00ff"}},
        "upload_part": {"UploadId": "id/with+odd=&characters", "PartNumber": 10, "Body": b"part"},
        "abort_multipart_upload": {"UploadId": "ü d"}}.items():
    for token in ("", TOKEN):
        vectors["headers"].append(header_form(f"{call}{' with a token' if token else ''}", MINIO, "us-east-1", "path",
                                              token, call, {**where, **more}))
vectors["headers"].append(header_form("port of the scheme", PORT443, "us-east-1", "path", "", "get_object", where))
vectors["presigned"].append(presigned("with a token", AWS, "us-west-2", "virtual", TOKEN, 60, where))
vectors["presigned"].append(presigned("with a query", MINIO, "us-east-1", "path", TOKEN, 604800, {
    **where, "ResponseContentDisposition": 'attachment; filename="ü b.mp4"', "ResponseContentType": "video/mp4"}))
json.dump(vectors, sys.stdout, indent=1, ensure_ascii=False)
print()

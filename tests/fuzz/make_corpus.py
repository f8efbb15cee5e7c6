#!/usr/bin/env python3
"""Writes the seeds of tests/fuzz/corpus that follow from other test data; the rest of it are inputs that fuzzing found.

Usage: python3 tests/fuzz/make_corpus.py [FOLDER]      (needs protoc; the seeds are committed, run it to change them)
Targets image and tensor_file start from tests/data itself (tests/fuzz/run.sh).
"""

import base64
import hashlib
import json
import pathlib
import re
import struct
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
OUT = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "tests/fuzz/corpus"
DATA = ROOT / "tests/data"

REQUESTS = {
    "prompt": 'job { request { prompt: "a dog barks" } }',
    "everything": """
        request_id: "123e4567-e89b-42d3-a456-426614174000" delivery: URI cancel_on_disconnect: true
        job { labels { key: "album" value: "night" } start_timeout { seconds: 5 } finish_timeout { nanos: 1 }
          request { checkpoint: "checkpoints/other" prompt: "a <S>word<E>" height: 96 width: 160 seed: 7 steps: 4
            solver: SOLVER_EULER shift: 5 video_guidance_scale: 4 audio_guidance_scale: 3 slg_layer: 2
            video_negative_prompt: "jitter" audio_negative_prompt: "hum" noise_source: NOISE_SOURCE_DEVICE
            output_format: OUTPUT_FORMAT_WAV preview_interval_steps: 2 } }""",
    "picture": 'job { request { prompt: "p" first_frame { content: "\\211PNG" fit: IMAGE_FIT_CENTER_CROP } } }',
    "later": 'job { request { prompt: "p" } priority: HIGH ttl { seconds: 1 } webhook { uri: "https://x" } }',
    "wrong": """
        request_id: "no" job { labels { key: "No" value: "" } start_timeout { seconds: -1 }
          request { prompt: "" height: 7 steps: -1 solver: 99 shift: nan video_guidance_scale: inf slg_layer: 99 } }""",
}
FILTERS = [
    "", "state = QUEUED OR state = RUNNING", 'labels.album = "night"', "labels.album:*", "state != FAILED AND labels.a = b",
    "(labels.a = 'x' OR labels.b != y) AND state = SUCCEEDED", 'labels.a = "x AND \\"y\\""', "labels.größe = drei",
]
ARCHIVES = ["layouts", "good", "protocol4", "compressed", "leaves_archive", "overlapping", "record_too_long", "truncated"]


def write(target, name, content):
    folder = OUT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def requests():
    for name, text in REQUESTS.items():
        message = subprocess.run(
            ["protoc", f"-I{ROOT}/proto", "--encode=ovi.v1.GenerateRequest", "ovi/v1/generate_messages.proto"],
            input=text.encode(), capture_output=True, check=True).stdout
        write("generate_request", name, message)


def tokens():
    hashes = [hashlib.sha256(bytes([index])).hexdigest() for index in range(3)]
    lines = [f"sha256:{hashes[0]} ada submit,read", f"sha256:{hashes[1]} bob@example.org read_all max_queued=3",
             f"\tsha256:{hashes[2]}  spiffe://a/b  admin submit_rate_per_minute=0.5 submit_burst=2\r"]
    write("token_file", "good", ("# who may call\n\n" + "\n".join(lines) + "\n").encode())
    write("token_file", "wrong", "\n".join([lines[0], lines[0], "ovi_token ada read", f"sha256:{hashes[2]} bob write",
                                            f"sha256:{hashes[2]} ada read max_queued=1"]).encode())


def listings():
    for index, text in enumerate(FILTERS):
        write("job_filter", f"filter{index}", text.encode())
        position = str(10 ** index)
        seal = hashlib.sha256(f"ovi page {position} of {text}".encode()).hexdigest()[:16]
        token = base64.urlsafe_b64encode((seal + position).encode()).rstrip(b"=")
        write("page_token", f"token{index}", token + b"\0" + text.encode())


def checkpoints():
    with zipfile.ZipFile(DATA / "checkpoint/good.pt") as archive:
        name = next(each for each in archive.namelist() if each.endswith("data.pkl"))
        pickled = archive.read(name)
        storage = next(archive.read(each) for each in archive.namelist() if "/data/" in each)
    # Numbers of four bytes rather than one: a changed byte makes a large number, beyond the file.
    pickled = re.sub(rb"QK(.)", lambda found: b"QJ" + found[1] + bytes(3), pickled, count=1, flags=re.DOTALL)
    write("pickle", "wide_offset", pickled)
    with zipfile.ZipFile(OUT / "tensor_file/wide_offset.pt", "w", zipfile.ZIP_STORED) as archive:
        for name, content in {"a/data.pkl": pickled, "a/data/0": storage}.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    for path in sorted((DATA / "checkpoint").glob("*.pt")):
        if path.stem in ARCHIVES:
            write("zip_directory", path.name, path.read_bytes())
        if path.stat().st_size > 3000 or not zipfile.is_zipfile(path):
            continue
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                if name.endswith("data.pkl"):
                    write("pickle", path.stem, archive.read(name))


def safetensors():
    def entry(dtype, shape, begin, end):
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    headers = {
        "two": ({"a": entry("F32", [2, 3], 0, 24), "b": entry("BF16", [4], 24, 32)}, 32),
        "metadata": ({"__metadata__": {"format": "pt"}, "x": entry("F8_E4M3", [5], 0, 5)}, 5),
        "empty": ({"none": entry("I64", [0, 4], 0, 0), "scalar": entry("BOOL", [], 0, 1)}, 1),
        "overlap": ({"a": entry("U8", [4], 0, 4), "b": entry("I8", [4], 2, 6)}, 6),
        "huge": ({"a": entry("F64", [2**48, 2**48], 0, 8)}, 8),
    }
    for name, (header, data_bytes) in headers.items():
        text = json.dumps(header).encode()
        write("safetensors_header", name, struct.pack("<Q", data_bytes) + text)
        write("tensor_file", name, struct.pack("<Q", len(text)) + text + bytes(data_bytes))


def manifests():
    demo = (ROOT / "models/demo/ovi-bundle.json").read_text()
    write("manifest", "demo", json.dumps(json.loads(demo), separators=(",", ":")).encode())
    files = {part: "f" for part in ("text_encoder", "tokenizer", "video_vae", "audio_vae", "vocoder")}
    small = {"format": "ovi-bundle/1", "checkpoints": [{"name": "c", "fusion": "f"}], "files": files}
    write("manifest", "small", json.dumps(small).encode())
    head = '"num_heads":%d,"num_layers":%d,"dim":%d,"text_dim":4096,"text_len":512'
    parts = {
        "towers": '"fusion":{"video":{%s},"audio":{%s}}' % (head % (2, 1, 64), head % (2, 1, 64)),
        "text": '"text_encoder":{"num_heads":8,"dim_attn":64,"num_buckets":32}',
        "video": '"video_vae":{"dim_mult":[1,2],"temporal_downsample":[true],"dim":8}',
        "audio": '"audio_vae":{"hidden_dim":8},"vocoder":{"upsample_rates":[4],"upsample_kernel_sizes":[8],"upsample_initial_channel":4}',
        "defaults": '"defaults":{"steps":4,"solver":"euler","shift":5,"slg_layer":0,"height":96,"width":96}',
    }
    for name, part in parts.items():
        write("manifest", name, (json.dumps(small)[:-1] + "," + part + "}").encode())
    write("manifest", "unknown", json.dumps(small | {"defaults": {"steps": 0}, "extra": [[[1]]]}).encode())


def images():
    # A marker without a length to libjpeg and with one to who goes by the rule: each sees another frame header.
    picture = (DATA / "media/grey.jpg").read_bytes()[2:]
    other = b"\xff\xc0\x00\x0b\x08\x00\x11\x00\x10\x01\x01\x11\x00"  # 16 wide, 17 high
    write("image", "two_sizes.jpg", b"\xff\xd8\xff\x01" + struct.pack(">H", 2 + len(picture)) + picture + other)


requests()
tokens()
listings()
safetensors()
checkpoints()
images()
manifests()

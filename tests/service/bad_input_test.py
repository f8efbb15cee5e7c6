"""What a real server with real models answers to bad input: the typed error of the API, or one line and an exit code at
start; field, value and remedy are named and nothing is left behind. The list that refusals_test.cc holds against the
fake engine is held here where pictures, text and files are really read.

    bad_input_test.py --server build/dev/bin/ovi-server --bundle models/demo
"""

import argparse
import json
import pathlib
import pickle
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
import zipfile

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SERVER = BUNDLE = None
MEDIA = pathlib.Path(__file__).resolve().parents[1] / "data/media"
PROMPT = "A red ball bounces up and down on a black background."
INVALID = grpc.StatusCode.INVALID_ARGUMENT


def picture(name):
    return {"first_frame": {"content": (MEDIA / name).read_bytes()}}


# name, fields of the request, code, reason, the violated field, words of the message
REQUESTS = [
    ("unknown checkpoint", {"checkpoint": "checkpoints/960x960_10s"}, grpc.StatusCode.NOT_FOUND, "UNKNOWN_CHECKPOINT", "", "960x960_10s"),
    ("empty prompt", {"prompt": ""}, INVALID, "EMPTY_PROMPT", "prompt", "describe the clip"),
    ("a prompt of which cleaning leaves nothing", {"prompt": "\ufeff \x07"}, INVALID, "EMPTY_PROMPT", "prompt", ""),
    ("100 kB prompt", {"prompt": "x" * 100_000}, INVALID, "PROMPT_TOO_LONG", "prompt", "100000"),
    ("long negative prompt", {"video_negative_prompt": "x" * 100_000}, INVALID, "PROMPT_TOO_LONG", "video_negative_prompt", "100000"),
    ("height 0", {"height": 0, "width": 128}, INVALID, "SIZE_OUT_OF_RANGE", "height", "height is 0"),
    ("negative width", {"height": 128, "width": -128}, INVALID, "SIZE_OUT_OF_RANGE", "width", "width is -128"),
    ("huge size", {"height": 100_000, "width": 100_000}, INVALID, "SIZE_OUT_OF_RANGE", "height", "100000"),
    ("width alone", {"width": 128}, INVALID, "SIZE_INCOMPLETE", "height", "height"),
    ("steps 0", {"steps": 0}, INVALID, "STEPS_OUT_OF_RANGE", "steps", "steps is 0"),
    ("steps 10^6", {"steps": 10**6}, INVALID, "STEPS_OUT_OF_RANGE", "steps", "1000000"),
    ("NaN guidance", {"audio_guidance_scale": float("nan")}, INVALID, "NOT_FINITE", "audio_guidance_scale", "nan"),
    ("endless guidance", {"video_guidance_scale": float("inf")}, INVALID, "NOT_FINITE", "video_guidance_scale", "inf"),
    ("shift 0", {"shift": 0.0}, INVALID, "SHIFT_OUT_OF_RANGE", "shift", "shift is 0"),
    ("a block that is not there", {"slg_layer": 30}, INVALID, "SLG_LAYER_OUT_OF_RANGE", "slg_layer", "slg_layer is 30"),
    ("text as picture", picture("bad_text.png"), INVALID, "INVALID_IMAGE", "first_frame", "neither a PNG nor a JPEG"),
    ("empty picture", {"first_frame": {"content": b""}}, INVALID, "EMPTY_IMAGE", "first_frame", "empty"),
    ("1x1 picture", picture("bad_one_pixel.png"), INVALID, "INVALID_IMAGE", "first_frame", "1x1"),
    ("30000x30000 picture", picture("bad_30000x30000.png"), INVALID, "INVALID_IMAGE", "first_frame", "30000x30000"),
    ("truncated PNG", picture("bad_truncated.png"), INVALID, "INVALID_IMAGE", "first_frame", "cut short"),
]


class RequestTest(unittest.TestCase):
    """One server for all of them: it must be as it was after each."""

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(ServerProcess(SERVER, [f"--bundle={BUNDLE}"]))
        cls.stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(
            cls.enterClassContext(grpc.insecure_channel(cls.server.address)))
        cls.jobs, cls.job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")

    def create(self, request, **fields):
        return self.stub.CreateJob(self.jobs.CreateJobRequest(job=self.job.Job(request={"prompt": PROMPT} | request), **fields))

    def refusal(self, call):
        """(code, reason, first violated field or "", message) of a call that must be refused."""
        with self.assertRaises(grpc.RpcError) as refused:
            call()
        error = refused.exception
        status = ovi_stubs.module("google.rpc.status_pb2").Status.FromString(
            dict(error.trailing_metadata())["grpc-status-details-bin"])
        details = ovi_stubs.module("google.rpc.error_details_pb2")
        info, bad = details.ErrorInfo(), details.BadRequest()
        for any_message in status.details:
            any_message.Unpack(info), any_message.Unpack(bad)
        first = bad.field_violations[0] if bad.field_violations else None
        return error.code(), first.reason if first else info.reason, first.field if first else "", error.details()

    def test_every_bad_request_is_refused_and_leaves_nothing(self):
        for name, request, code, reason, field, words in REQUESTS:
            with self.subTest(name):
                got = self.refusal(lambda: self.create(request))
                self.assertEqual(got[:3], (code, reason, f"job.request.{field}" if field else ""), got[3])
                self.assertIn(words, got[3])
                self.assertLess(len(got[3]), 1100)
        self.assertEqual(len(self.stub.ListJobs(self.jobs.ListJobsRequest()).jobs), 0)
        self.assertEqual(self.server.files(), [])

    def test_an_odd_size_is_snapped_and_said(self):
        job = self.create({"height": 131, "width": 127}, validate_only=True)
        self.assertEqual((job.request.height, job.request.width), (128, 128))

    def test_a_request_id_with_another_body_names_what_differs(self):
        request_id = "123e4567-e89b-42d3-a456-426614174000"
        name = self.create({"steps": 2}, request_id=request_id).name
        code, reason, _, message = self.refusal(lambda: self.create({"steps": 3}, request_id=request_id))
        self.assertEqual((code, reason), (grpc.StatusCode.ALREADY_EXISTS, "REQUEST_ID_REUSED"))
        self.assertIn("job.request.steps", message)
        list(self.stub.WatchJob(self.jobs.WatchJobRequest(name=name)))
        self.stub.DeleteJob(self.jobs.DeleteJobRequest(name=name))


class OutputTest(unittest.TestCase):
    def test_a_clip_larger_than_may_be_written_fails_its_job_alone(self):
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # noqa: E731
        server = self.enterContext(ServerProcess(SERVER, [f"--bundle={BUNDLE}"], preexec_fn=limit))
        stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(
            self.enterContext(grpc.insecure_channel(server.address)))
        jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
        for _ in range(2):  # the second job finds a working server
            ask = job.Job(request={"prompt": PROMPT, "steps": 1, "output_format": "OUTPUT_FORMAT_MKV_LOSSLESS"})
            name = stub.CreateJob(jobs.CreateJobRequest(job=ask)).name
            *_, last = stub.WatchJob(jobs.WatchJobRequest(name=name))
            self.assertEqual(last.event.outcome.state, job.Job.FAILED)
            self.assertEqual(last.event.outcome.error.code, 8, last.event.outcome.error)  # RESOURCE_EXHAUSTED
        self.assertEqual(server.files(), [])


def cut(path):
    path.write_bytes(path.read_bytes()[:-1000])


def with_header(path, change):
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    change(header)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[8 + size:])


def overlap(header):
    first, second = [name for name in header if name != "__metadata__"][:2]
    header[second]["data_offsets"] = header[first]["data_offsets"]
    header[second]["shape"], header[second]["dtype"] = header[first]["shape"], header[first]["dtype"]


def rename(header):
    name = next(name for name in header if name != "__metadata__")
    header[name + ".old"] = header.pop(name)


def wrong_dtype(header):
    header[next(name for name in header if name != "__metadata__")]["dtype"] = "Q4_K"


class Calls:
    def __reduce__(self):
        return print, ("this must never be printed",)


def calling_pickle(folder):
    (folder / "vocoder.safetensors").unlink()
    with zipfile.ZipFile(folder / "vocoder.pt", "w") as file:
        file.writestr("vocoder/data.pkl", pickle.dumps({"w": Calls()}, 2))
        file.writestr("vocoder/version", "3\n")
    change_manifest(folder, lambda manifest: manifest["files"].update(vocoder="vocoder.pt"))


def change_manifest(folder, change):
    path = folder / "ovi-bundle.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


FUSION = "fusion.safetensors"
# name, what is done to a copy of the bundle, words of the one line
BUNDLES = [
    ("a file is missing", lambda b: (b / "spiece.model").unlink(), ["spiece.model", "missing"]),
    ("a file is cut", lambda b: cut(b / FUSION), [FUSION, "cut"]),
    ("a header longer than the file", lambda b: (b / FUSION).write_bytes(struct.pack("<Q", 10**12) + b"{}"), [FUSION, "1000000000000"]),
    ("overlapping offsets", lambda b: with_header(b / FUSION, overlap), [FUSION, "overlap"]),
    ("a dtype nobody reads", lambda b: with_header(b / FUSION, wrong_dtype), [FUSION, "Q4_K"]),
    ("a tensor of another name", lambda b: with_header(b / FUSION, rename), [FUSION, "1 tensor missing", "1 unexpected", ".old"]),
    ("a pickle that calls something", calling_pickle, ["vocoder.pt", "print"]),
    ("an unknown key in the manifest", lambda b: change_manifest(b, lambda m: m.update(fuson={})), ["ovi-bundle.json", "fuson"]),
    ("a number no network has", lambda b: change_manifest(b, lambda m: m["fusion"]["video"].update(num_heads=0)), ["num_heads", "0"]),
    ("a manifest that is no JSON", lambda b: (b / "ovi-bundle.json").write_text("{"), ["ovi-bundle.json"]),
]


class BundleTest(unittest.TestCase):
    def test_every_bad_bundle_is_refused_in_one_line(self):
        for name, spoil, words in BUNDLES:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                bundle = pathlib.Path(folder) / "bundle"
                shutil.copytree(BUNDLE, bundle)
                for path in bundle.iterdir():
                    path.chmod(0o644)
                spoil(bundle)
                done = subprocess.run([SERVER, f"--bundle={bundle}", f"--data_dir={folder}/data", "--listen=127.0.0.1:0"],
                                      capture_output=True, text=True, timeout=60)
                said = [line for line in done.stderr.splitlines() if line.startswith("ovi-server:")]
                self.assertEqual((done.returncode, len(said)), (1, 1), done.stderr)
                for word in words:
                    self.assertIn(word, said[0])
                self.assertNotIn("never be printed", done.stdout + done.stderr)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--bundle", required=True)
    args, rest = parser.parse_known_args()
    SERVER, BUNDLE = args.server, args.bundle
    ovi_stubs.generate()
    unittest.main(argv=[sys.argv[0], *rest])

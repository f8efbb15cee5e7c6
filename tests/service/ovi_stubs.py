"""What any Python program does to become a client of ovi: generates stubs from proto/ with stock grpcio-tools."""

import importlib
import pathlib
import sys
import tempfile

import grpc_tools
from grpc_tools import protoc

PROTO = pathlib.Path(__file__).resolve().parents[2] / "proto"
_FOLDER = tempfile.TemporaryDirectory()


def generate():
    """Generates every module once and makes them importable."""
    files = [str(path.relative_to(PROTO)) for path in sorted(PROTO.rglob("*.proto"))]
    well_known = str(pathlib.Path(grpc_tools.__file__).parent / "_proto")
    code = protoc.main(["protoc", f"-I{PROTO}", f"-I{well_known}", f"--python_out={_FOLDER.name}",
                        f"--grpc_python_out={_FOLDER.name}", *files])
    if code != 0:
        raise RuntimeError(f"protoc failed with {code}")
    sys.path.insert(0, _FOLDER.name)


def module(name):
    """`module("ovi.v1.job_pb2")`."""
    return importlib.import_module(name)

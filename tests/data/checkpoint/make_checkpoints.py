#!/usr/bin/env python3
"""Writes the torch checkpoints that tests/unit/checkpoint_*_test.cc read: honest ones, damaged ones and hostile ones.

Usage: python3 tests/data/checkpoint/make_checkpoints.py      (needs torch; the files are committed, run it to change them)
"""

import builtins
import collections
import io
import os
import pathlib
import pickle
import struct
import zipfile

import torch

HERE = pathlib.Path(__file__).parent
BASE = torch.arange(24, dtype=torch.float32).reshape(4, 6)


def save(name, value, **options):
    torch.save(value, HERE / name, **options)


def honest():
    numbers = torch.arange(6)
    dtypes = {
        "f32": torch.float32, "f64": torch.float64, "f16": torch.float16, "bf16": torch.bfloat16,
        "f8": torch.float8_e4m3fn, "i64": torch.int64, "i32": torch.int32, "i16": torch.int16, "u8": torch.uint8,
    }
    values = {name: numbers.to(dtype).reshape(2, 3) for name, dtype in dtypes.items()}
    save("dtypes.pt", values | {"bool": numbers % 2 == 0, "scalar": torch.tensor(7.0), "empty": torch.zeros(0, 4)})
    save("layouts.pt", {"whole": BASE, "transposed": BASE.t(), "slice": BASE[1:3, 2:5], "row": BASE[2], "step": BASE[:, ::2]})
    save("expanded.pt", {"x": torch.zeros(1).expand(1000, 1000)})
    save("parameters.pt", dict(torch.nn.Linear(3, 2).double().requires_grad_().named_parameters()) | {"weight": torch.nn.Parameter(BASE)})
    save("protocol4.pt", collections.OrderedDict(weight=BASE), pickle_protocol=4)
    save("legacy.pt", {"weight": BASE}, _use_new_zipfile_serialization=False)
    save("no_dictionary.pt", [BASE])
    state = collections.OrderedDict(weight=BASE)
    state._metadata = collections.OrderedDict(version=1)  # what Module.state_dict leaves on it
    save("in_state_dict.pt", {"epoch": 3, "state_dict": state})
    save("in_generator.pt", {"generator": {"weight": BASE}})
    save("in_module.pt", {"module": {"weight": BASE}, "optimizer": {"state": {0: {"step": torch.tensor(1.0)}}}})
    save("in_app_model.pt", {"app": {"model": {"weight": BASE}}, "steps": 10})
    save("in_model.pt", {"model": {"weight": BASE}, "args": {"lr": 0.1, "name": "x", "tuple": (1, None, True)}})


class Call:
    def __init__(self, function, *arguments):
        self.reduced = (function, arguments)

    def __reduce__(self):
        return self.reduced


def archive(name, pickled, data=None, compression=zipfile.ZIP_STORED, folder="archive", byteorder="little"):
    with zipfile.ZipFile(HERE / name, "w", compression) as out:
        out.writestr(zip_info(f"{folder}/data.pkl", compression), pickled)
        out.writestr(zip_info(f"{folder}/byteorder", compression), byteorder)
        for key, content in (data or {}).items():
            out.writestr(zip_info(f"{folder}/data/{key}", compression), content)


def zip_info(name, compression=zipfile.ZIP_STORED):
    info = zipfile.ZipInfo(name)  # a fixed date, so that the files come out the same again
    info.compress_type = compression
    return info


def hostile():
    archive("calls_os_system.pt", pickle.dumps({"x": Call(os.system, "touch /tmp/ovi-was-here")}, 2))
    archive("calls_eval.pt", pickle.dumps({"x": Call(builtins.eval, "1/0")}, 2))
    archive("calls_getattr.pt", pickle.dumps({"x": Call(getattr, "x", "upper")}, 4))  # named through the stack
    archive("calls_by_inst.pt", b"(ios\nsystem\n.")
    archive("calls_load.pt", b"\x80\x02}X\x01\x00\x00\x00xctorch.serialization\nload\nX\x01\x00\x00\x00y\x85Rs.")
    archive("endless_names.pt", b"\x80\x02}(X" + struct.pack("<I", 5000) + b"a" * 5000 + b"}u.")
    archive("size_bomb.pt", b"\x80\x02}X\x01\x00\x00\x00xctorch\nSize\n(" + b"K\x01" * 5000 + b"t\x85Rs.")
    archive("recursive.pt", b"\x80\x02}q\x00X\x01\x00\x00\x00xh\x00s.")
    archive("unfinished.pt", b"\x80\x02}X\x01\x00\x00\x00x")


def tensor_pickle(key="0", elements=24, offset=0, shape=(4, 6), strides=(6, 1)):
    """What torch.save would write, with numbers of our choosing."""

    class Pickler(pickle.Pickler):
        def persistent_id(self, value):
            return ("storage", torch.FloatStorage, key, "cpu", elements) if value is STORAGE else None

    out = io.BytesIO()
    rebuild = Call(torch._utils._rebuild_tensor_v2, STORAGE, offset, shape, strides, False, collections.OrderedDict())
    pickler = Pickler(out, 2)
    pickler.dump({"weight": rebuild})
    return out.getvalue()


class Storage:
    pass


STORAGE = Storage()


def damaged():
    numbers = BASE.numpy().tobytes()
    archive("view_offset.pt", tensor_pickle(offset=1), {"0": numbers})
    archive("view_stride.pt", tensor_pickle(strides=(7, 1)), {"0": numbers})
    archive("view_overflow.pt", tensor_pickle(shape=(2**40, 2**40), strides=(2**40, 1)), {"0": numbers})
    archive("view_negative.pt", tensor_pickle(offset=-1), {"0": numbers})
    archive("storage_missing.pt", tensor_pickle(key="7"), {"0": numbers})
    archive("compressed.pt", tensor_pickle(), {"0": numbers}, compression=zipfile.ZIP_DEFLATED)
    archive("big_endian.pt", tensor_pickle(), {"0": numbers}, byteorder="big")
    archive("leaves_archive.pt", tensor_pickle(), {"../../0": numbers})
    archive("good.pt", tensor_pickle(), {"0": numbers})
    good = (HERE / "good.pt").read_bytes()
    (HERE / "truncated.pt").write_bytes(good[: len(good) - 40])
    entry = good.rindex(b"PK\x01\x02")  # the storage's, in the archive's directory

    def patched(name, field, *values):
        numbers = struct.pack(f"<{len(values)}I", *values)
        (HERE / name).write_bytes(good[: entry + field] + numbers + good[entry + field + len(numbers) :])

    patched("overlapping.pt", 42, 0)  # begins where the pickle does
    patched("record_too_long.pt", 20, 10**6, 10**6)


if __name__ == "__main__":
    torch.manual_seed(0)
    honest()
    hostile()
    damaged()

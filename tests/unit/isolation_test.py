"""Who can include what, tried with the compiler: the dependency rule of docs and CMake as facts.

    isolation_test.py build/dev

A probe is compiled with the very flags of a real file of each part. Seen failing: with the source tree on everybody's
include path, as it was at first, the client could include engine/engine.h and the server engine/fusion/rope.h; with
ovi_torch PUBLIC in ovi_engine the server could include LibTorch.
"""

import json
import pathlib
import shlex
import subprocess
import sys
import unittest

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = None

# (a file whose flags are taken, headers it may include, headers it may not)
RULES = [
    ("client/main.cc", ["ovi/v1/job.pb.h", "base/clock.h"],
     ["engine/engine.h", "server/server.h", "ATen/core/Tensor.h", "google/protobuf/../../ATen/core/Tensor.h"]),
    ("server/main.cc", ["ovi/v1/job.pb.h", "engine/engine.h", "engine/clip.h", "engine/observer.h"],
     ["engine/guard.h", "engine/text/tokenizer.h", "engine/fusion/rope.h", "client/progress.h", "ATen/core/Tensor.h",
      "torch/torch.h"]),
    ("server/service/ovi_service.cc", ["engine/engine.h"], ["engine/request/resolve.h", "ATen/core/Tensor.h"]),
    ("engine/fusion/rope.cc", ["engine/fusion/rope.h", "ATen/core/Tensor.h"],
     ["ovi/v1/job.pb.h", "server/server.h", "grpcpp/../ovi/v1/job.pb.h"]),
    ("engine/text/tokenizer.cc", ["engine/text/tokenizer.h"], ["ATen/core/Tensor.h", "ovi/v1/job.pb.h"]),
    ("base/clock.cc", ["base/clock.h"], ["engine/engine.h", "server/server.h", "ATen/core/Tensor.h"]),
]


def commands():
    """(path in the source tree, entry) of everything that is compiled: server/main.cc twice, with the engine and without."""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"])
        if file.is_relative_to(SOURCE) and not file.is_relative_to(BUILD):
            yield str(file.relative_to(SOURCE)), entry


def include_folders(entry):
    words = shlex.split(entry["command"])
    folders = [word[2:] for word in words if word.startswith("-I")]
    return folders + [words[i + 1] for i, word in enumerate(words) if word == "-isystem"]


def compiles(entry, header):
    """Whether the compiler, called as for `entry`, finds `header`. Without precompiled headers: they would answer for it."""
    words = shlex.split(entry["command"])
    compiler = next(word for word in words if pathlib.Path(word).name in ("c++", "g++", "clang++"))
    flags = [flag for folder in include_folders(entry) for flag in ("-isystem", folder)]
    done = subprocess.run([compiler, "-std=c++20", *flags, "-E", "-x", "c++", "-"],
                          input=f"#include <{header}>\n", capture_output=True, text=True, timeout=120)
    if done.returncode != 0 and "No such file or directory" not in done.stderr:
        raise AssertionError(done.stderr)
    return done.returncode == 0


class IsolationTest(unittest.TestCase):
    def test_each_part_includes_what_it_may_and_nothing_else(self):
        for file, allowed, refused in RULES:
            entries = [entry for name, entry in commands() if name == file]
            # A build without LibTorch leaves out most of the engine.
            self.assertTrue(entries or file.startswith("engine/"), f"{file} is not built")
            for entry in entries:
                for header in allowed:
                    with self.subTest(file=file, may=header):
                        self.assertTrue(compiles(entry, header))
                for header in refused:
                    with self.subTest(file=file, may_not=header):
                        self.assertFalse(compiles(entry, header))

    def test_no_file_meets_both_protobufs(self):
        for file, entry in commands():
            folders = include_folders(entry)
            torch = [folder for folder in folders if (pathlib.Path(folder) / "ATen").is_dir()]
            generated = [folder for folder in folders if (pathlib.Path(folder) / "ovi/v1").is_dir()]
            self.assertFalse(torch and generated, f"{file} sees {torch} and {generated}")
            if torch:
                self.assertRegex(file, r"^(engine|bench|tests)/")


if __name__ == "__main__":
    BUILD = pathlib.Path(sys.argv.pop(1)).resolve()
    unittest.main()

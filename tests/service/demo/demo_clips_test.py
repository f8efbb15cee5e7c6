"""Generates demo clips through ovi-server and ovi-client, decodes the MP4s with ffmpeg and measures what they show.

    demo_clips_test.py --server build/dev/bin/ovi-server --client build/dev/bin/ovi-client --bundle models/demo
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from demo.checker import Clip, failures  # noqa: E402
from server_process import ServerProcess  # noqa: E402

MAX_RSS_BYTES = 2**30  # what docs/performance.md promises with the demo model


def decode(path):
    """(frames uint8 [F, H, W, 3], waveform float [samples], rate) as ffmpeg decodes the file."""
    probe = json.loads(subprocess.check_output(
        ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]))
    video = next(s for s in probe["streams"] if s["codec_type"] == "video")
    audio = next(s for s in probe["streams"] if s["codec_type"] == "audio")
    raw = subprocess.check_output(["ffmpeg", "-v", "error", "-i", str(path), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
    pcm = subprocess.check_output(["ffmpeg", "-v", "error", "-i", str(path), "-f", "f32le", "-ac", "1", "-"])
    frames = np.frombuffer(raw, np.uint8).reshape(-1, video["height"], video["width"], 3)
    return frames, np.frombuffer(pcm, np.float32), int(audio["sample_rate"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--client", required=True)
    parser.add_argument("--bundle", required=True)
    parser.add_argument("--limit", type=int, default=0, help="only the first so many prompts")
    args = parser.parse_args()

    expectations = json.loads((pathlib.Path(args.bundle) / "expectations.json").read_text())
    prompts = expectations["prompts"][: args.limit or None]
    bad = 0
    with tempfile.TemporaryDirectory() as folder, ServerProcess(args.server, ["--bundle", args.bundle]) as server:
        server.watch_memory()
        for index, entry in enumerate(prompts):
            # A seed at which the reference itself met every expectation.
            seed = next(s for s in expectations["seeds_measured"] if s not in entry["seeds_failing_motion"])
            path = pathlib.Path(folder) / f"clip{index}.mp4"
            subprocess.run([args.client, "--server", server.address, "generate", entry["prompt"], "--seed", str(seed),
                            "-o", str(path)], check=True, timeout=120)
            clip = Clip(*decode(path))
            wrong = failures(clip, entry["expect"])
            if len(clip.frames) != 121:
                wrong.append(f"{len(clip.frames)} frames instead of 121")
            print(f"{'FAIL' if wrong else 'ok'}: {entry['prompt']} (seed {seed}) {'; '.join(wrong)}", flush=True)
            bad += bool(wrong)
        peak = server.peak_rss_bytes
        print(f"{'FAIL' if peak >= MAX_RSS_BYTES else 'ok'}: peak RSS of the server {peak / 2**20:.0f} MiB")
        bad += peak >= MAX_RSS_BYTES
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

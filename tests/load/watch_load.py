"""What watchers cost: many of them, and those that read nothing.

    tests/load/watch_load.py --server build/dev/bin/fake_engine_server [--watchers 1000] [--seconds 20]

Prints a Markdown table: how long a step of the running job takes (200 ms of it are the engine's), and the memory of a
fresh server, without watchers, with so many on that job, with one on each of so many queued jobs, with clients that ask
for a clip of 64 MB and read nothing, and with watchers of short steps that read nothing. Ends with 1 if a watcher was told nothing, or
costs more memory than is stated at LIMITS_KB.
"""

import argparse
import asyncio
import os
import pathlib
import re
import resource
import sys
import tempfile

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

CLIP_BYTES = 64 << 20
STEP_MS, SHORT_STEP_MS = 200, 5
LIMITS_KB = {"watchers": 150, "silent": 400, "downloads": 2000}
FLAGS = ["--max_queued=100000", "--drain_timeout=0s", "--log_level=warning"]


class Probe:
    """A server whose running job never ends by itself, and how it does."""

    def __init__(self, server, streams_per_connection):
        self.server = server
        self.jobs = ovi_stubs.module("ovi.v1.job_messages_pb2")
        self.job = ovi_stubs.module("ovi.v1.job_pb2").Job
        self.artifacts = ovi_stubs.module("ovi.v1.artifact_messages_pb2")
        self.stub_type = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub
        self.streams_per_connection = streams_per_connection
        self.channels = []
        self.stub = self.connect()

    def connect(self):
        channel = grpc.aio.insecure_channel(self.server.address, options=[("grpc.use_local_subchannel_pool", 1)])
        self.channels.append(channel)
        return self.stub_type(channel)

    def stubs(self, count):
        """One for each stream; some share a connection."""
        few = [self.connect() for _ in range(-(-count // self.streams_per_connection))]
        return [few[each // self.streams_per_connection] for each in range(count)]

    async def close(self):
        for channel in self.channels:
            await channel.close()

    async def submit(self):
        ask = self.job(request={"prompt": "a ball", "steps": 10})
        return (await self.stub.CreateJob(self.jobs.CreateJobRequest(job=ask))).name

    def watch(self, stub, name):
        return stub.WatchJob(self.jobs.WatchJobRequest(name=name))

    def resident_kb(self):
        status = pathlib.Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1))

    async def step_ms(self, name, seconds):
        """Steps as the server dates them, in milliseconds, sorted."""
        after = (await self.stub.GetJob(self.jobs.GetJobRequest(name=name))).last_event_number
        stream = self.stub.WatchJob(self.jobs.WatchJobRequest(name=name, after_event_number=after))
        times = []
        async for response in stream:
            if response.event.WhichOneof("event") != "step":
                continue
            times.append(response.event.event_time.ToNanoseconds() / 1e6)
            if times[-1] - times[0] > seconds * 1e3:
                break
        stream.cancel()
        return sorted(later - earlier for earlier, later in zip(times, times[1:]))


async def told(stream, counts, index):
    try:
        async for _ in stream:
            counts[index] += 1
    except (grpc.RpcError, asyncio.CancelledError):
        pass


async def row(probe, title, name, seconds, before_kb=None, streams=0):
    steps = await probe.step_ms(name, seconds)
    now = probe.resident_kb()
    each = f"{(now - before_kb) / streams:.0f} kB" if streams else ""
    print(f"| {title} | {steps[len(steps) // 2]:.1f} / {steps[int(0.99 * len(steps))]:.1f} | {now / 1e3:.1f} | {each} |",
          flush=True)
    return (now - before_kb) / streams if streams else True


async def with_watchers(probe, title, names, running, seconds):
    before = probe.resident_kb()
    counts = [0] * len(names)
    tasks = [asyncio.create_task(told(probe.watch(stub, name), counts, index))
             for index, (stub, name) in enumerate(zip(probe.stubs(len(names)), names))]
    while not all(counts):
        await asyncio.sleep(0.2)
    kb = await row(probe, title, running, seconds, before, len(names))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return kb <= LIMITS_KB["watchers"]


async def with_silent(probe, title, open_stream, count, running, seconds, limit):
    """Streams that are begun and of which one message is read."""
    before = probe.resident_kb()
    streams = [open_stream(stub) for stub in probe.stubs(count)]
    for stream in streams:
        await stream.read()
    await asyncio.sleep(seconds)  # what is sent meanwhile piles up somewhere, or is not sent
    kb = await row(probe, title, running, seconds, before, count)
    for stream in streams:
        stream.cancel()
    return kb <= limit


async def make_clip(options, folder):
    """The name of a job whose clip is large."""
    os.environ.update(OVI_FAKE_ENGINE="", OVI_FAKE_ENGINE_BYTES=str(CLIP_BYTES), OVI_FAKE_ENGINE_STEP_MS="5")
    with ServerProcess(options.server, FLAGS, data_dir=folder) as server:
        probe = Probe(server, 1)
        clip = await probe.submit()
        async for _ in probe.watch(probe.stub, clip):
            pass
        await probe.close()
    return clip


async def measure(options):
    print("| | step p50 / p99 ms | resident MB | each |\n|---|---|---|---|")
    count, fine = options.watchers, []
    few, fewer = max(1, count // 10), max(1, count // 50)

    def silent(title, opens, streams, limit):
        return lambda probe, running, clip: with_silent(probe, title, lambda stub: opens(probe, stub, running, clip), streams,
                                                        running, options.seconds, limit)

    async def on_queued(probe, running, clip):
        names = [await probe.submit() for _ in range(count)]
        return await with_watchers(probe, f"{count} watch a queued job each", names, running, options.seconds)

    # What is done, and how long a step takes: short ones make many events.
    scenarios = [
        (STEP_MS, lambda probe, running, clip: row(probe, "nobody else", running, options.seconds)),
        (STEP_MS, lambda probe, running, clip: with_watchers(probe, f"{count} watch the running job", [running] * count,
                                                             running, options.seconds)),
        (STEP_MS, on_queued),
        (STEP_MS, silent(f"{fewer} fetch {CLIP_BYTES >> 20} MB and read nothing",
                         lambda probe, stub, running, clip: stub.ReadArtifact(
                             probe.artifacts.ReadArtifactRequest(name=f"{clip}/artifact")), fewer, LIMITS_KB["downloads"])),
        (SHORT_STEP_MS, lambda probe, running, clip: row(probe, f"nobody else, steps of {SHORT_STEP_MS} ms", running,
                                                         options.seconds)),
        (SHORT_STEP_MS, silent(f"{few} watch it and read nothing",
                               lambda probe, stub, running, clip: probe.watch(stub, running), few, LIMITS_KB["silent"])),
    ]
    for step_ms, scenario in scenarios:
        with tempfile.TemporaryDirectory() as folder:
            clip = await make_clip(options, folder)
            os.environ.update(OVI_FAKE_ENGINE="hold", OVI_FAKE_ENGINE_STEP_MS=str(step_ms))
            with ServerProcess(options.server, FLAGS, data_dir=folder) as server:
                probe = Probe(server, options.streams_per_connection)
                fine.append(await scenario(probe, await probe.submit(), clip))
                await probe.close()
    return all(fine)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--watchers", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--streams-per-connection", type=int, default=20)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    ovi_stubs.generate()
    sys.exit(0 if asyncio.run(measure(options)) else 1)


if __name__ == "__main__":
    main()

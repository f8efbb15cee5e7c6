"""How a server answers while many jobs wait:

    tests/load/queue_load.py --server build/dev/bin/fake_engine_server [--jobs 10000]

Prints a Markdown table: how long CreateJob and GetJob take, one call after another by one client over loopback, and the
server's memory, at 1,000 jobs and at all of them; then how long a page of ListJobs takes, with filters that read every
record. The engine makes no clip meanwhile.
"""

import argparse
import os
import pathlib
import random
import re
import sys
import tempfile
import time

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

FIRST = 1000
SAMPLES = 2000
PAGES = 20
FILTERS = ["", "state = QUEUED", "state = SUCCEEDED", 'labels.album = "none"']  # those that match nothing read all


def milliseconds(body):
    begin = time.perf_counter()
    body()
    return (time.perf_counter() - begin) * 1e3


def percentile(values, share):
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def resident_mb(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status).group(1)) / 1e3


def sync_milliseconds(folder):
    """What the disk alone takes for one small durable write: no store can answer faster."""
    with open(pathlib.Path(folder) / "probe", "wb") as file:
        def write():
            file.write(b"x" * 4096)
            file.flush()
            os.fdatasync(file.fileno())
        return [milliseconds(write) for _ in range(300)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--jobs", type=int, default=10000)
    options = parser.parse_args()
    ovi_stubs.generate()
    jobs, job = ovi_stubs.module("ovi.v1.job_messages_pb2"), ovi_stubs.module("ovi.v1.job_pb2")
    os.environ["OVI_FAKE_ENGINE"] = "hold"
    print("| jobs waiting | CreateJob p50 / p99 ms | GetJob p50 / p99 ms | resident MB |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        syncs = sync_milliseconds(folder)
        flags = ["--max_queued=1000000", "--drain_timeout=0s", "--log_level=warning"]
        with ServerProcess(options.server, flags, data_dir=f"{folder}/data") as server:
            with grpc.insecure_channel(server.address) as channel:
                stub = ovi_stubs.module("ovi.v1.ovi_service_pb2_grpc").OviServiceStub(channel)
                ask = jobs.CreateJobRequest(job=job.Job(request={"prompt": "A red ball bounces on a black background."}))
                names, creates = [], []
                for count in range(1, options.jobs + 1):
                    creates.append(milliseconds(lambda: names.append(stub.CreateJob(ask).name)))
                    if count not in (FIRST, options.jobs):
                        continue
                    gets = [milliseconds(lambda: stub.GetJob(jobs.GetJobRequest(name=random.choice(names))))
                            for _ in range(SAMPLES)]
                    recent = creates[-FIRST:]
                    print(f"| {count} | {percentile(recent, 0.5):.2f} / {percentile(recent, 0.99):.2f} "
                          f"| {percentile(gets, 0.5):.2f} / {percentile(gets, 0.99):.2f} "
                          f"| {resident_mb(server.process):.1f} |", flush=True)
                filters = {each: [milliseconds(lambda: stub.ListJobs(jobs.ListJobsRequest(page_size=50, filter=each)))
                                  for _ in range(PAGES)] for each in FILTERS}
    for each, took in filters.items():
        print(f"ListJobs, 50 of {options.jobs}, {each or 'all'}: {percentile(took, 0.5):.2f} / {max(took):.2f} ms")
    print(f"\nthe disk alone: {percentile(syncs, 0.5):.2f} / {percentile(syncs, 0.99):.2f} ms for 4 kB and a sync")


if __name__ == "__main__":
    main()

"""Kills a server with SIGKILL again and again while clients submit, and holds it to its word afterwards:

    tests/fault/kill_test.py --server build/dev/bin/fake_engine_server [--rounds 300] [--seed 1]
    tests/fault/kill_test.py --server build/dev/bin/ovi-server --rounds 20 --longest 8 --jobs 12     with the demo model

Every acknowledged job reaches one terminal state and stays in it, a request that was sent again and again is one job, a
result has the bytes that its record says, and nothing else lies in the artifacts' folder but what earlier claims left.
"""

import argparse
import pathlib
import random
import sys
import tempfile
import threading
import time
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import job_api  # noqa: E402
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

# A job may be killed in any round; how often a job may be is what jobs_restart_test is about.
FLAGS = ["--max_attempts=100", "--max_queued=100000", "--log_level=warning"]
SETTLE_SECONDS = 300


class Api(job_api.Api):
    """For a server that may vanish at any moment. The prompt says which request a job is of."""

    def submit(self, request_id):
        return super().submit(request_id, prompt=request_id)

    def all(self):
        found, token = [], ""
        while True:
            page = self.stub.ListJobs(self.jobs.ListJobsRequest(page_size=100, page_token=token), timeout=30)
            found += page.jobs
            token = page.next_page_token
            if not token:
                return found


class Ledger:
    """What the servers have said so far."""

    def __init__(self, most_jobs):
        self.lock = threading.Lock()
        self.most_jobs = most_jobs
        self.asked = 0
        self.unanswered = []  # request ids whose answer never came: to be sent again
        self.names = {}  # request id: the job's name
        self.ended = {}  # name: its last record

    def next_request(self, chance):
        """One that was not answered, or a new one; None once there are enough jobs."""
        with self.lock:
            if self.unanswered:
                return self.unanswered.pop()
            if self.asked == self.most_jobs:
                return None
            self.asked += 1
            return str(uuid.UUID(int=chance.getrandbits(128), version=4))

    def note(self, job, terminal):
        job.ClearField("last_event_number")  # events are not kept over a restart
        with self.lock:
            before = self.ended.get(job.name)
            if before is not None and before != job:
                raise AssertionError(f"{job.name} has ended and changed:\n{before}\n{job}")
            if job.state in terminal:
                self.ended[job.name] = job


def client(api, ledger, terminal, stop, chance):
    """Submits, repeats what was not answered, and looks at jobs, until the server is gone."""
    while not stop.is_set():
        request_id = ledger.next_request(chance)
        try:
            if request_id is not None:
                name = api.submit(request_id).name
                with ledger.lock:
                    if ledger.names.setdefault(request_id, name) != name:
                        raise AssertionError(f"request {request_id} is {ledger.names[request_id]} and {name}")
                ledger.note(api.get(name), terminal)
            with ledger.lock:
                known = chance.choice(list(ledger.names.values())) if ledger.names else None
            if known is not None:
                ledger.note(api.get(known), terminal)
        except grpc.RpcError as error:
            if error.code() not in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
                raise
            with ledger.lock:
                if request_id is not None and request_id not in ledger.names:
                    ledger.unanswered.append(request_id)
        time.sleep(chance.random() * 0.02)


def run_round(server_binary, folder, ledger, terminal, chance, seconds):
    failures = []

    def guarded(*arguments):
        try:
            client(*arguments)
        except Exception as failure:  # told by the main thread
            failures.append(failure)

    with ServerProcess(server_binary, FLAGS, data_dir=folder) as server:
        api, stop = Api(server.address), threading.Event()
        threads = [threading.Thread(target=guarded, args=(api, ledger, terminal, stop, chance)) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(seconds)
        server.process.kill()
        server.process.wait()
        stop.set()
        for thread in threads:
            thread.join()
        api.channel.close()
    if failures:
        raise failures[0]


def settle(server_binary, folder, ledger, terminal):
    """A server that is left alone: everything acknowledged must end. Returns the jobs and how long it took."""
    with ServerProcess(server_binary, FLAGS, data_dir=folder) as server:
        api, begin = Api(server.address), time.monotonic()
        for request_id in ledger.unanswered:
            ledger.names[request_id] = api.submit(request_id).name
        while time.monotonic() < begin + SETTLE_SECONDS:
            jobs = api.all()
            for job in jobs:
                ledger.note(job, terminal)
            if all(job.state in terminal for job in jobs):
                break
            time.sleep(0.2)
        check(api, ledger, jobs, terminal, folder)
        return jobs, time.monotonic() - begin


def check_records(jobs, ledger, terminal):
    """Everything acknowledged is there once, and SUCCEEDED."""
    waiting = [job.name for job in jobs if job.state not in terminal]
    assert not waiting, f"{len(waiting)} jobs never ended: {waiting[:3]}"
    listed = {job.name for job in jobs}
    assert len(listed) == len(jobs), "a job is listed twice"
    lost = set(ledger.names.values()) - listed
    assert not lost, f"{len(lost)} acknowledged jobs are lost: {sorted(lost)[:3]}"
    assert len(jobs) == len(ledger.names), f"{len(jobs)} jobs were made of {len(ledger.names)} requests"
    for job in jobs:
        assert job.state == job.SUCCEEDED, f"{job.name} is {job.state}: {job.error}"


def check(api, ledger, jobs, terminal, folder):
    check_records(jobs, ledger, terminal)
    for job in jobs:
        api.check_result(job)
    # What a server had written when it was killed, and not stored that it had: of an earlier claim on a job that ended
    # under a later one. The janitor takes it away within an hour or two.
    files = {path.name for path in (folder / "artifacts").rglob("*") if path.is_file()}
    named = {job.artifact.uri.rsplit("/", 1)[1] for job in jobs}
    assert named <= files, f"results without a file: {sorted(named - files)[:3]}"
    claims = {name.rsplit("-", 1)[0]: int(name.rsplit("-", 1)[1].split(".")[0]) for name in named}
    for name in files - named:
        job, claim = name.split(".")[0].rsplit("-", 1)
        assert job in claims and int(claim) < claims[job], f"{name} is no file of an earlier claim"
    print(f"{len(files - named)} files of earlier claims")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--longest", type=float, default=0.4, help="seconds after which a server is killed at the latest")
    parser.add_argument("--jobs", type=int, default=1 << 30, help="how many jobs are submitted at most")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    ovi_stubs.generate()
    chance = random.Random(options.seed)
    state = ovi_stubs.module("ovi.v1.job_pb2").Job
    terminal = {state.SUCCEEDED, state.FAILED, state.CANCELLED, state.EXPIRED}
    ledger = Ledger(options.jobs)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "data"
        for _ in range(options.rounds):
            run_round(options.server, folder, ledger, terminal, chance, chance.uniform(0.0, options.longest))
        jobs, seconds = settle(options.server, folder, ledger, terminal)
    attempts = max((job.attempts for job in jobs), default=0)
    print(f"{options.rounds} kills, {len(jobs)} jobs, every one SUCCEEDED once; most attempts of one: {attempts}; "
          f"the last ones ended {seconds:.1f} s after the last start")


if __name__ == "__main__":
    main()

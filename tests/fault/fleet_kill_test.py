"""Kills two servers that share one PostgreSQL, again and again and at random moments, holds one up for longer than its lease
now and then, restarts the database meanwhile, and holds them to their word afterwards:

    tests/fault/fleet_kill_test.py --server build/dev/bin/fake_engine_server [--kills 300] [--restarts 10] [--seed 1]

Every acknowledged job reaches one terminal state and stays in it, at whichever server one looks; a request that was sent
again and again, here and there, is one job; a result has the bytes that its record says; a watcher that goes from server to
server sees growing numbers and the outcome.
"""

import argparse
import contextlib
import hashlib
import pathlib
import random
import signal
import sys
import tempfile
import threading
import time
import uuid
from urllib.parse import urlparse

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import ovi_stubs  # noqa: E402
from kill_test import Api, Ledger, check_records  # noqa: E402
from postgres_server import SKIPPED, PostgresServer, find_programs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

LEASE_SECONDS = 2
SETTLE_SECONDS = 300
# Of a server that was killed, a database that restarts, or both; and of a call that one of them held up.
PASSING = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED, grpc.StatusCode.DEADLINE_EXCEEDED)


class Fleet:
    """Two servers, each in a thread that starts it, lets it live for a moment, and kills it."""

    def __init__(self, binary, folder, postgres, chance):
        self.binary, self.folder, self.postgres, self.chance = binary, folder, postgres, chance
        self.lock = threading.Lock()
        self.apis = {}  # slot: Api, of those that listen
        self.failures = []
        self.kills = self.pauses = self.refused_starts = 0
        self.over = threading.Event()

    def flags(self):
        return [f"--job_store={self.postgres.uri}", f"--artifact_dir={self.folder}/artifacts", f"--lease={LEASE_SECONDS}s", "--max_attempts=100",
                "--max_queued=100000", "--log_level=error"]

    def server(self, slot):
        return ServerProcess(self.binary, self.flags(), data_dir=self.folder / f"server{slot}")

    def draw(self, low, high):
        with self.lock:
            return self.chance.uniform(low, high)

    def any_api(self):
        with self.lock:
            return self.chance.choice(list(self.apis.values())) if self.apis else None

    def run_slot(self, slot, kills):
        while not self.over.is_set():
            try:
                server = self.server(slot).__enter__()
            except RuntimeError as failure:  # the database is away at this moment
                if "job database" not in str(failure):
                    raise
                self.refused_starts += 1
                time.sleep(0.2)
                continue
            api = Api(server.address)
            with self.lock:
                self.apis[slot] = api
            self.over.wait(self.draw(0.1, 1.2))
            if self.draw(0, 1) < 0.1:
                self.hold_up(server.process)
            with self.lock:
                del self.apis[slot]
            server.process.kill()
            server.process.wait()
            server.__exit__()
            api.channel.close()
            with self.lock:
                self.kills += 1
                if self.kills >= kills:
                    self.over.set()
            # Now and then long enough for its lease to run out: the other one takes its job.
            if self.draw(0, 1) < 0.2:
                self.over.wait(LEASE_SECONDS * 1.5)

    def hold_up(self, process):
        """As a machine that is suspended: its jobs are another's when it wakes, and it does not know."""
        process.send_signal(signal.SIGSTOP)
        self.over.wait(LEASE_SECONDS * 1.5)
        process.send_signal(signal.SIGCONT)
        self.over.wait(0.5)
        with self.lock:
            self.pauses += 1

    def restart_database(self, restarts, kills):
        for done in range(restarts):
            while self.kills < kills * (done + 0.5) / restarts and not self.over.is_set():
                time.sleep(0.05)
            self.postgres.restart(pause_seconds=self.draw(0, 0.5))

    def guarded(self, body, *arguments):
        def run():
            try:
                body(*arguments)
            except Exception as failure:  # told by the main thread
                self.failures.append(failure)
                self.over.set()
        return threading.Thread(target=run)


def submit_and_look(fleet, ledger, terminal):
    """A client: submits, repeats elsewhere what was not answered, and looks at any job at any server."""
    while not fleet.over.is_set():
        api = fleet.any_api()
        if api is None:
            time.sleep(0.01)
            continue
        with fleet.lock:
            fresh = str(uuid.UUID(int=fleet.chance.getrandbits(128), version=4))
        with ledger.lock:
            request_id = ledger.unanswered.pop() if ledger.unanswered else fresh
        try:
            name = api.submit(request_id).name
            with ledger.lock:
                if ledger.names.setdefault(request_id, name) != name:
                    raise AssertionError(f"request {request_id} is {ledger.names[request_id]} and {name}")
                known = list(ledger.names.values())
            with fleet.lock:
                known = fleet.chance.choice(known)
            ledger.note(api.get(known), terminal)
        except (grpc.RpcError, ValueError) as error:  # ValueError: the channel was closed meanwhile
            if isinstance(error, grpc.RpcError) and error.code() not in PASSING:
                raise
            with ledger.lock:
                if request_id not in ledger.names:
                    ledger.unanswered.append(request_id)
        time.sleep(fleet.draw(0, 0.15))


def watch(fleet, ledger, terminal, watched):
    """A watcher: follows a job from server to server to its outcome. `watched` grows by one for each."""
    messages = ovi_stubs.module("ovi.v1.job_messages_pb2")
    while not fleet.over.is_set():
        with ledger.lock:
            names = list(ledger.names.values())
        with fleet.lock:
            name = fleet.chance.choice(names) if names else None
        number, outcome = 0, None
        while name is not None and outcome is None and not fleet.over.is_set():
            api = fleet.any_api()
            if api is None:
                time.sleep(0.01)
                continue
            try:
                request = messages.WatchJobRequest(name=name, after_event_number=number)
                for response in api.stub.WatchJob(request, timeout=3):
                    event = response.event
                    if event.number <= number:
                        raise AssertionError(f"{name}: event {event.number} came after {number}")
                    number = event.number
                    if event.HasField("outcome"):
                        outcome = event.outcome
            except (grpc.RpcError, ValueError) as error:
                if isinstance(error, grpc.RpcError) and error.code() not in PASSING:
                    raise
        if outcome is not None:
            ledger.note(outcome, terminal)
            watched.append(name)
        time.sleep(0.01)


def check(jobs, ledger, terminal, folder):
    """Returns how many files nobody refers to: of makers that were killed between the file and the record."""
    check_records(jobs, ledger, terminal)
    names = {job.name for job in jobs}
    results = set()
    for job in jobs:
        path = pathlib.Path(urlparse(job.artifact.uri).path)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == job.artifact.sha256, f"{job.name}: the result is torn"
        results.add(path)
    orphans = {path for path in folder.glob("artifacts/*") if path.is_file()} - results
    unknown = [path for path in orphans if f"jobs/{path.name.split('-')[0]}" not in names]
    assert not unknown, f"files of no job: {unknown[:3]}"
    return len(orphans)


def settle(fleet, ledger, terminal):
    """Both servers are left alone: everything acknowledged must end, and both must say the same."""
    begin = time.monotonic()
    with contextlib.ExitStack() as stack:
        apis = [Api(stack.enter_context(fleet.server(slot)).address) for slot in range(2)]
        for request_id in ledger.unanswered:
            ledger.names[request_id] = apis[0].submit(request_id).name
        while time.monotonic() < begin + SETTLE_SECONDS:
            listings = [api.all() for api in apis]
            for job in (job for jobs in listings for job in jobs):
                ledger.note(job, terminal)
            if all(job.state in terminal for jobs in listings for job in jobs):
                break
            time.sleep(0.2)
        return listings[0], time.monotonic() - begin


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--restarts", type=int, default=2)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    if find_programs() is None:
        print("skipped: there is no PostgreSQL server here (package postgresql)")
        return SKIPPED
    print(f"seed {options.seed}", flush=True)
    ovi_stubs.generate()
    state = ovi_stubs.module("ovi.v1.job_pb2").Job
    terminal = {state.SUCCEEDED, state.FAILED, state.CANCELLED, state.EXPIRED}
    ledger, watched = Ledger(most_jobs=1 << 30), []
    with tempfile.TemporaryDirectory() as name, PostgresServer() as postgres:
        fleet = Fleet(options.server, pathlib.Path(name), postgres, random.Random(options.seed))
        threads = [*(fleet.guarded(fleet.run_slot, slot, options.kills) for slot in range(2)),
                   *(fleet.guarded(submit_and_look, fleet, ledger, terminal) for _ in range(2)),
                   fleet.guarded(watch, fleet, ledger, terminal, watched),
                   fleet.guarded(fleet.restart_database, options.restarts, options.kills)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if fleet.failures:
            raise fleet.failures[0]
        jobs, seconds = settle(fleet, ledger, terminal)
        orphans = check(jobs, ledger, terminal, fleet.folder)
    attempts = max((job.attempts for job in jobs), default=0)
    print(f"{fleet.kills} kills of two servers, {fleet.pauses} times one was held up, {options.restarts} restarts of PostgreSQL ({fleet.refused_starts} starts of a "
          f"server met none), {len(jobs)} jobs, every one SUCCEEDED once; most attempts of one: {attempts}; {len(watched)} "
          f"watched to their end; {orphans} files without a record; the last ones ended {seconds:.1f} s after the last start")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""A server whose wall clock jumps by days, both ways, while it makes jobs:

    tests/fault/clock_test.py --server build/dev/bin/fake_engine_server

Its clock is moved by libfaketime; the monotonic one goes on as it does when somebody sets the time. Exits with 77,
"skipped", without libfaketime.
"""

import argparse
import glob
import os
import pathlib
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import job_api  # noqa: E402
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

SKIPPED = 77
LIBRARIES = "/usr/lib/*/faketime/libfaketime.so.1"
DAY = 86400


class Clock:
    """The clock of servers that are started from now on, as an offset from the real one."""

    def __init__(self, folder, library):
        self.file = pathlib.Path(folder) / "offset"
        self.set(0)
        self.environment = {"LD_PRELOAD": library, "FAKETIME_TIMESTAMP_FILE": str(self.file), "FAKETIME_NO_CACHE": "1",
                            "FAKETIME_DONT_FAKE_MONOTONIC": "1"}

    def set(self, days):
        following = self.file.with_suffix(".new")
        following.write_text(f"{days:+d}d\n")
        following.rename(self.file)


class Api(job_api.Api):
    def submit(self, steps=3, start_timeout_s=None, request_id=""):
        options = {} if start_timeout_s is None else {"start_timeout": {"seconds": start_timeout_s}}
        return super().submit(request_id, steps=steps, timeout=30, **options)

    def events(self, name, after=0):
        request = self.jobs.WatchJobRequest(name=name, after_event_number=after)
        return (response.event for response in self.stub.WatchJob(request, timeout=60))

    def end(self, name):
        *_, last = self.events(name)
        return last.outcome


def jumps_while_a_job_runs(binary, data, clock):
    """Forward and backward: the job goes on, its watcher too, and deadlines hold by the new time."""
    clock.set(0)
    with ServerProcess(binary, ["--max_queued=1000"], data_dir=data) as server:
        api = Api(server.address)
        running = api.submit(steps=1000)
        events, numbers = api.events(running.name), []

        def await_steps(count):
            for event in events:
                numbers.append(event.number)
                count -= event.WhichOneof("event") == "step"
                if count == 0:
                    return

        await_steps(1)
        patient, hasty = api.submit(start_timeout_s=100 * DAY).name, api.submit(start_timeout_s=DAY).name
        clock.set(10)
        assert api.end(hasty).state == api.job.EXPIRED, api.end(hasty)
        for days in (-10, 0, 50, 0):
            await_steps(20)
            clock.set(days)
        assert api.get(running.name).state == api.job.RUNNING, "it ended too soon"
        numbers += [event.number for event in events]
        outcome = api.end(running.name)
        assert outcome.state == api.job.SUCCEEDED, outcome
        assert numbers == sorted(set(numbers)), "numbers do not grow"
        took = outcome.timings.total_duration
        assert took.seconds < 60, f"a clip of seconds is said to have taken {took.seconds} s"
        assert api.end(patient).state == api.job.SUCCEEDED, api.end(patient)


def order_by_submission(binary, data, clock):
    """Jobs of an earlier date that were submitted later are served later and listed as newer."""
    clock.set(0)
    with ServerProcess(binary, ["--max_queued=1000"], data_dir=data) as server:
        api = Api(server.address)
        names = []
        for days in (0, 30, -30):
            clock.set(days)
            names.append(api.submit(request_id=f"00000000-0000-4000-8000-0000000000{len(names):02d}").name)
        clock.set(-60)
        again = api.submit(request_id="00000000-0000-4000-8000-000000000001").name
        assert again == names[1], "a repeated submission is another job"
        for name in names:
            assert api.end(name).state == api.job.SUCCEEDED
        listed = api.stub.ListJobs(api.jobs.ListJobsRequest(page_size=3)).jobs
        assert [job.name for job in listed] == names[::-1]


def watchers_after_a_restart(binary, data, clock):
    """A watcher comes back with the last number it saw to a server whose clock is a month behind."""
    os.environ["OVI_FAKE_ENGINE"] = "hold"
    last, name = 0, None
    for days in (0, 30, -30, -90):
        clock.set(days)
        with ServerProcess(binary, ["--drain_timeout=0s"], data_dir=data) as server:
            api = Api(server.address)
            name = name or api.submit().name
            for event in api.events(name, last):
                assert event.number > last, f"{event.number} after {last}"
                last = event.number
                if event.WhichOneof("event") == "step":
                    break
    del os.environ["OVI_FAKE_ENGINE"]
    with ServerProcess(binary, data_dir=data) as server:
        api = Api(server.address)
        *_, event = api.events(name, last)
        assert event.outcome.state == api.job.SUCCEEDED, event


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    options = parser.parse_args()
    libraries = glob.glob(LIBRARIES)
    if not libraries:
        print("skipped: no libfaketime (Debian package of that name)")
        sys.exit(SKIPPED)
    ovi_stubs.generate()
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock(folder, libraries[0])
        os.environ.update(clock.environment)  # of servers; this process has started already
        for number, body in enumerate((jumps_while_a_job_runs, order_by_submission, watchers_after_a_restart)):
            body(options.server, f"{folder}/data{number}", clock)
            print(f"{body.__name__}: ok", flush=True)


if __name__ == "__main__":
    main()

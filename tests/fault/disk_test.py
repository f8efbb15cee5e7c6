"""A server whose disk is full, or turns read-only, at any of its writes:

    tests/fault/disk_test.py --server build/dev/bin/fake_engine_server [--rounds 300]

A job is refused with a remedy and leaves nothing behind, or is acknowledged and reaches one end; the server lives on and
works again when there is room. Exits with 77, "skipped", where nothing can be mounted.
"""

import argparse
import os
import pathlib
import random
import sys
import tempfile
import time
import uuid

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "service"))
import disks  # noqa: E402
import job_api  # noqa: E402
import ovi_stubs  # noqa: E402
from server_process import ServerProcess  # noqa: E402

PAGE = 4096
NO_ROOM = (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
PATIENCE_SECONDS = 60


class Api(job_api.Api):
    def submit(self, request_id, prompt="a ball"):
        return super().submit(request_id, prompt).name

    def await_end(self, name, seconds=PATIENCE_SECONDS):
        """The job, ended or not, after so long at most."""
        deadline = time.monotonic() + seconds
        while (job := self.get(name)).state not in self.terminal and time.monotonic() < deadline:
            time.sleep(0.02)
        return job


def new_id():
    return str(uuid.uuid4())


def check_files(artifacts, succeeded):
    files = [path for path in artifacts.rglob("*") if path.is_file()]
    assert len(files) == succeeded, f"{len(files)} files for {succeeded} results: {files[:3]}"


def full_at_every_write(binary, folder, rounds):
    """Job by job with one page of room more than the last, so that each write in turn is the first without room."""
    refused, failed, names = 0, 0, []
    prompt = "a ball " * 1200  # some pages for each record, so that the database must grow
    with disks.Disk("tmpfs", folder / "disk", 48) as disk, \
            ServerProcess(binary, ["--max_queued=1000", f"--artifact_dir={folder}/clips"],
                          data_dir=disk.path / "data") as server:  # with clips there too, none would be taken at all
        api = Api(server.address)
        for pages in range(rounds):
            disk.leave(pages % 60 * PAGE)
            request_id, name = new_id(), None
            try:
                name = api.submit(request_id, prompt)
                api.await_end(name, 0.3)
            except grpc.RpcError as error:
                assert error.code() in NO_ROOM, error
                assert "free space where --data_dir lies" in error.details(), error.details()
                refused += 1
            disk.empty()
            again = api.submit(request_id, prompt)
            assert name in (None, again), "an acknowledged job was submitted anew"
            job = api.await_end(again)
            assert job.state in (api.job.SUCCEEDED, api.job.FAILED), job
            if job.state == api.job.FAILED:
                assert job.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], job.error
                failed += 1
            else:
                api.check_result(job)
            names.append(again)
        assert len(set(names)) == rounds
        check_files(folder / "clips", rounds - failed)
        assert server.process.poll() is None
    print(f"full data folder: {rounds} jobs, {refused} refused at first and taken later, {failed} FAILED for want of room, "
          f"the others SUCCEEDED", flush=True)


def full_while_writing(binary, folder, rounds):
    """The clip outgrows what is left of the artifacts' disk."""
    os.environ["OVI_FAKE_ENGINE_BYTES"] = str(600 << 10)
    with disks.Disk("tmpfs", folder / "clips", 4) as disk, \
            ServerProcess(binary, [f"--artifact_dir={disk.path}/clips"], data_dir=folder / "data") as server:
        api = Api(server.address)
        disk.leave(100 << 10)  # less than the clip is expected to take
        try:
            raise AssertionError(f"{api.submit(new_id())} was taken without room for it")
        except grpc.RpcError as error:
            assert error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and "--artifact_dir" in error.details(), error
        disk.empty()
        for each in range(rounds):
            disk.leave((440 + each * 37 % 140) << 10)  # more than that, and less than it takes
            job = api.await_end(api.submit(new_id()))
            assert job.state == api.job.FAILED, job
            assert job.error.code == grpc.StatusCode.RESOURCE_EXHAUSTED.value[0], job.error
            assert "No space left on device" in job.error.message, job.error
            disk.empty()
            left = [path for path in disk.path.rglob("*") if path.is_file()]
            assert not left, left
        job = api.await_end(api.submit(new_id()))
        assert job.state == api.job.SUCCEEDED, job
        api.check_result(job)
    del os.environ["OVI_FAKE_ENGINE_BYTES"]
    print(f"full while a clip is written: {rounds} jobs FAILED and left nothing, the next one SUCCEEDED", flush=True)


def is_full(error):
    return error.code() is grpc.StatusCode.RESOURCE_EXHAUSTED and "--artifact_dir has" in error.details()


def submit_until_broken(api, acknowledged, disk, chance):
    """Submits for a moment, breaks the disk, and submits on for another."""
    break_at = time.monotonic() + chance.uniform(0, 0.25)
    end, broken = None, False
    while end is None or time.monotonic() < end:
        if not broken and time.monotonic() >= break_at:
            disk.break_down()
            end, broken = time.monotonic() + 0.3, True
        try:
            acknowledged.append(api.submit(new_id()))
        except grpc.RpcError as error:
            if is_full(error):  # a quick machine fills the queue with more clips than the disk may hold
                time.sleep(0.01)
                continue
            assert broken and error.code() == grpc.StatusCode.UNAVAILABLE, error
            if acknowledged:
                api.get(acknowledged[0])  # what is there can be read


def read_only(binary, folder, chance, rounds):
    """The disk breaks down at a random moment; after its repair every acknowledged job is there and ends."""
    acknowledged = []
    with disks.Disk("ext4", folder / "broken", 512) as disk:
        data = disk.path / "data"
        for _ in range(rounds):
            with ServerProcess(binary, ["--max_queued=100000", "--max_attempts=100", "--drain_timeout=0s"], data_dir=data) as server:
                submit_until_broken(Api(server.address), acknowledged, disk, chance)
                assert server.process.poll() is None, server.log()
                server.process.terminate()
                assert server.process.wait(PATIENCE_SECONDS) == 0, server.log()
            disk.repair()
        with ServerProcess(binary, ["--max_queued=100000", "--max_attempts=100"], data_dir=data) as server:
            api = Api(server.address)
            for name in acknowledged:
                job = api.await_end(name)
                assert job.state == api.job.SUCCEEDED, job
                api.check_result(job)
    print(f"read-only: {rounds} times, {len(acknowledged)} acknowledged jobs, every one SUCCEEDED after the repair",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    disks.enter_private_mounts()
    print(f"seed {options.seed}", flush=True)
    ovi_stubs.generate()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        full_at_every_write(options.server, folder / "full", options.rounds)
        full_while_writing(options.server, folder / "writing", max(3, options.rounds // 10))
        if disks.can_mount_ext4():
            read_only(options.server, folder / "read_only", random.Random(options.seed), max(3, options.rounds // 10))
        else:
            print("read-only: skipped, as no ext4 image can be mounted here")


if __name__ == "__main__":
    main()

"""A PostgreSQL of a test's own: made with Debian's package in a temporary folder, on a free port of 127.0.0.1, and ended
by its process id.

    with PostgresServer() as postgres:
        ... postgres.uri ...
        postgres.restart()      # as pg_ctl restart -m immediate: no checkpoint, connections are cut, recovery follows
"""

import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

# What ctest takes for "skipped".
SKIPPED = 77


def find_programs():
    """The folder with initdb and postgres, or None: Debian keeps each version's apart, and none of them in the PATH."""
    for folder in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True):
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    found = shutil.which("initdb")
    return pathlib.Path(found).parent if found else None


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


class PostgresServer:
    """Context manager; `uri` once entered. `durable` False: nothing is flushed to disk, which kill tests must not have."""

    def __init__(self, durable=True):
        self._programs = find_programs()
        if self._programs is None:
            raise FileNotFoundError("there is no PostgreSQL server here (package postgresql)")
        self._durable = durable
        # PostgreSQL refuses to run as root.
        self._user = None
        if os.getuid() == 0:
            names = {entry.pw_name for entry in pwd.getpwall()}
            self._user = "postgres" if "postgres" in names else "nobody"

    def __enter__(self):
        # Whoever ends the test (timeout 60 ...) ends the database with it.
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="ovi-postgres-"))
        if self._user is not None:
            shutil.chown(self._folder, self._user)
        self.port = free_port()
        self.uri = f"postgresql://ovi@127.0.0.1:{self.port}/postgres"
        try:
            subprocess.run([self._programs / "initdb", "--pgdata", self._folder / "data", "--username=ovi", "--auth=trust",
                            "--encoding=UTF8", "--no-sync"], check=True, cwd=self._folder, user=self._user,
                           stdout=subprocess.DEVNULL)
            self.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def start(self):
        log = open(self._folder / "log", "a")
        flags = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "",
                 "fsync": "on" if self._durable else "off", "shared_buffers": "16MB", "max_connections": "60",
                 "log_min_messages": "fatal", "lc_messages": "C"}
        self.process = subprocess.Popen(
            [self._programs / "postgres", "-D", self._folder / "data",
             *(word for name, value in flags.items() for word in ("-c", f"{name}={value}"))],
            cwd=self._folder, user=self._user, stdout=log, stderr=log, start_new_session=True)
        log.close()
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            ready = subprocess.run([self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)], check=False)
            if ready.returncode == 0:
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start: {(self._folder / 'log').read_text()}")

    def stop(self, how=signal.SIGQUIT):
        """SIGQUIT: immediate; SIGINT: fast."""
        self.process.send_signal(how)
        self.process.wait(60)

    def restart(self, pause_seconds=0.0):
        self.stop()
        time.sleep(pause_seconds)
        self.start()

    def __exit__(self, *_):
        if getattr(self, "process", None) is not None and self.process.poll() is None:
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

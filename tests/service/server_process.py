"""Starts an ovi-server for a test on a free loopback port and stops it by its own process id."""

import pathlib
import re
import subprocess
import tempfile
import threading
import time


class ServerProcess:
    """Context manager; `address` is host:port once entered."""

    def __init__(self, binary, flags=(), start_timeout=60, preexec_fn=None, data_dir=None):
        """`data_dir` stays when the server is gone; without one there is a folder that goes with it."""
        self._command = [str(binary), "--listen=127.0.0.1:0", "--drain_timeout=5s", *flags]
        self._start_timeout = start_timeout
        self._preexec_fn = preexec_fn
        self._data_dir = data_dir
        self.address = None
        self.peak_rss_bytes = 0
        self._stop_watching = threading.Event()
        self.process = None

    def __enter__(self):
        self._folder = tempfile.TemporaryDirectory()
        self._log_path = pathlib.Path(self._folder.name) / "server.log"
        self._data_dir = pathlib.Path(self._data_dir or f"{self._folder.name}/data")
        with open(self._log_path, "w") as log:
            self.process = subprocess.Popen([*self._command, f"--data_dir={self._data_dir}"],
                                            stdout=log, stderr=subprocess.STDOUT, preexec_fn=self._preexec_fn)
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            found = re.search(r"listening on (\S+:\d+)", self.log())
            if found:
                self.address = found.group(1)
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.01)
        log = self.log()
        self.__exit__()
        raise RuntimeError(f"ovi-server did not start: {log}")

    def __exit__(self, *_):
        self._stop_watching.set()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._folder.cleanup()

    def log(self):
        return self._log_path.read_text()

    def files(self):
        """What lies in the data folder, less the lock that holds it, the record of the jobs and what was measured."""
        return [str(path) for path in self._data_dir.rglob("*") if path.is_file() and path.name not in ("lock", "server_uid", "step_times.json")
                and not path.name.startswith("jobs.db")]

    def watch_memory(self):
        """Starts looking at the resident memory ten times a second: the server resets the kernel's own peak at each of its
        memory points."""
        def look():
            while not self._stop_watching.wait(0.1):
                try:
                    status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
                except FileNotFoundError:
                    return
                found = re.search(r"VmHWM:\s+(\d+) kB", status)
                self.peak_rss_bytes = max(self.peak_rss_bytes, int(found.group(1)) * 1024 if found else 0)
        threading.Thread(target=look, daemon=True).start()

"""ovi-client while the server that makes its job is replaced by the next one.

    client_restart_test.py build/dev/bin/fake_engine_server build/dev/bin/ovi-client
"""

import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from server_process import ServerProcess  # noqa: E402

SERVER, CLIENT = "", ""
PATIENCE_SECONDS = 120


class ClientRestartTest(unittest.TestCase):
    def setUp(self):
        self.folder = self.enterContext(tempfile.TemporaryDirectory())
        os.environ["OVI_FAKE_ENGINE"] = "hold"  # the first server's clips do not end by themselves
        self.addCleanup(os.environ.pop, "OVI_FAKE_ENGINE", None)
        self.server = self.enterContext(ServerProcess(SERVER, ["--drain_timeout=0s"], data_dir=f"{self.folder}/data"))

    def start_client(self, *flags):
        """Returns when the job runs."""
        self.log = pathlib.Path(self.folder) / "client.log"
        with open(self.log, "w") as log:
            client = subprocess.Popen([CLIENT, "--server", self.server.address, *flags, "generate", "a ball", "--seed=7",
                                       "-o", f"{self.folder}/clip.mp4"], stdout=log, stderr=subprocess.STDOUT)
        self.addCleanup(client.wait)
        self.addCleanup(client.kill)
        self.until_said("diffusion")
        return client

    def until_said(self, text):
        deadline = time.monotonic() + PATIENCE_SECONDS
        while text not in self.log.read_text():
            self.assertLess(time.monotonic(), deadline, self.log.read_text())
            time.sleep(0.02)

    def test_it_is_told_waits_and_gets_its_clip(self):
        client = self.start_client()
        self.server.process.send_signal(signal.SIGTERM)
        self.assertEqual(self.server.process.wait(PATIENCE_SECONDS), 0)
        self.until_said("the server is away; waiting up to 600 s for it")
        self.assertIn("put back into the queue: its server stops", self.log.read_text())
        os.environ["OVI_FAKE_ENGINE"] = ""
        with ServerProcess(SERVER, [f"--listen={self.server.address}"], data_dir=f"{self.folder}/data"):
            self.assertEqual(client.wait(PATIENCE_SECONDS), 0, self.log.read_text())
        self.assertEqual(len(pathlib.Path(f"{self.folder}/clip.mp4").read_bytes()), 1000)

    def test_it_is_told_when_a_killed_server_comes_back(self):
        client = self.start_client()
        self.server.process.kill()
        self.server.process.wait()
        os.environ["OVI_FAKE_ENGINE"] = ""
        with ServerProcess(SERVER, [f"--listen={self.server.address}"], data_dir=f"{self.folder}/data"):
            self.assertEqual(client.wait(PATIENCE_SECONDS), 0, self.log.read_text())
        self.assertIn("put back into the queue: its server ended", self.log.read_text())

    def test_it_does_not_wait_for_ever(self):
        client = self.start_client("--reconnect-timeout=2")
        self.server.process.kill()
        self.server.process.wait()
        begin = time.monotonic()
        self.assertEqual(client.wait(PATIENCE_SECONDS), 64 + 14, self.log.read_text())  # UNAVAILABLE
        self.assertGreater(time.monotonic() - begin, 1)
        self.assertIn("is ovi-server running there?", self.log.read_text())
        self.assertFalse(pathlib.Path(f"{self.folder}/clip.mp4").exists())


if __name__ == "__main__":
    SERVER, CLIENT = sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()

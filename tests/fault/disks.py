"""Disks that can be filled, or go away, under a server: mounts that only this process and its children see."""

import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77  # what ctest takes as "skipped"
_INSIDE = "OVI_PRIVATE_MOUNTS"


def enter_private_mounts():
    """Starts this program again where it may mount and nobody else sees it: as root, or as root of a user namespace.
    Ends it with SKIPPED, saying why, where neither is allowed."""
    if os.environ.get(_INSIDE):
        return
    ways = [["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"]]
    said = ""
    for way in ways if os.geteuid() == 0 else ways[1:]:
        with tempfile.TemporaryDirectory() as folder:
            probe = subprocess.run([*way, "mount", "-t", "tmpfs", "-o", "size=1m", "none", folder], capture_output=True,
                                   text=True)
        if probe.returncode == 0:
            os.environ[_INSIDE] = "1"
            os.execvp(way[0], [*way, sys.executable, *sys.argv])
        said = probe.stderr.strip()
    print(f"skipped: nothing can be mounted here ({said})")
    sys.exit(SKIPPED)


class Disk:
    """Context manager: a file system of its own at `path`."""

    def __init__(self, kind, path, megabytes):
        self.path = pathlib.Path(path)
        self.path.mkdir(parents=True)
        self._megabytes = megabytes
        self._ballast = self.path / "ballast"
        self._mount = {"tmpfs": self._mount_tmpfs, "ext4": self._mount_ext4}[kind]
        self._image = self.path.parent / f"{self.path.name}.img"

    def __enter__(self):
        self._mount()
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", self.path], check=True)

    def _mount_tmpfs(self):
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self._megabytes}m", "none", self.path], check=True)

    def _mount_ext4(self):
        if not self._image.exists():
            with open(self._image, "wb") as file:
                file.truncate(self._megabytes << 20)
            subprocess.run(["mkfs.ext4", "-q", self._image], check=True)
        subprocess.run(["mount", "-o", "loop,errors=remount-ro", self._image, self.path], check=True)

    def leave(self, free_bytes):
        """Fills it but for so many bytes."""
        self.empty()
        room = os.statvfs(self.path)
        with open(self._ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, room.f_bavail * room.f_frsize - free_bytes))

    def empty(self):
        self._ballast.unlink(missing_ok=True)

    def break_down(self):
        """ext4 as after an error of its disk: read-only, and what was not synced is lost."""
        subprocess.run(["mount", "-o", "remount,abort", self.path], check=True)

    def repair(self):
        """After break_down, when nobody has a file open there."""
        subprocess.run(["umount", self.path], check=True)
        checked = subprocess.run(["e2fsck", "-fy", self._image], capture_output=True, text=True)
        assert checked.returncode < 4, checked.stdout
        self._mount()


def can_mount_ext4():
    with tempfile.TemporaryDirectory() as folder:
        try:
            with Disk("ext4", f"{folder}/disk", 8):
                return True
        except (subprocess.CalledProcessError, FileNotFoundError):
            return False

"""Loop devices and mounts for the tests of faults; all of it needs root."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MS_NOATIME = 1024

UNCORRECTED = 4  # e2fsck's exit codes from there on


def why_not() -> str:
    """Why such tests cannot run here; empty where they can."""
    if os.geteuid() != 0:
        return "mounting needs root"
    for device in ("/dev/fuse", "/dev/loop-control"):
        if not Path(device).exists():
            return f"this kernel has no {device}"
    for program in ("mkfs.ext4", "losetup", "mount"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") is None:
            return f"{program} is not installed"
    return ""


def run(*words: str | Path, check: bool = True) -> str:
    """A command's output. Raises CalledProcessError."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    done = subprocess.run(
        [str(word) for word in words],
        check=check,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    return done.stdout.strip()


def make_ext4(image: Path, size: int, group: int = 0) -> None:
    """A small ext4 with a journal, laid out as on a card; `group`: blocks in a group, so that even
    a very small one has a copy of its superblock."""
    with image.open("wb") as file:
        file.truncate(size)
    words = ["-q", "-F", "-b", "4096", "-J", "size=4", "-E", "lazy_itable_init=0"]
    run("mkfs.ext4", *words, *(["-g", str(group)] if group else []), image)


def repair(image: Path, group: int) -> None:
    """As a Raspberry Pi does at start. A torn superblock is taken from its copy, which e2fsck finds
    by itself where groups have the usual size."""
    try:
        run("e2fsck", "-fy", image)
    except subprocess.CalledProcessError as error:
        if error.returncode >= UNCORRECTED:
            run("e2fsck", "-fy", "-b", str(group), "-B", "4096", image, check=False)


@contextmanager
def looped(image: Path) -> Iterator[str]:
    """The image as a block device."""
    device = run("losetup", "--find", "--show", image)
    try:
        yield device
    finally:
        run("losetup", "--detach", device, check=False)


@contextmanager
def mounted(device: str, folder: Path, kind: str = "ext4") -> Iterator[Path]:
    """The device's file system in a folder."""
    folder.mkdir(exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(device.encode(), bytes(folder), kind.encode(), MS_NOATIME, None):
        number = ctypes.get_errno()
        raise OSError(number, f"{device} cannot be mounted: {os.strerror(number)}")
    try:
        yield folder
    finally:
        for _ in range(100):
            if libc.umount2(bytes(folder), 0) == 0:
                break
            time.sleep(0.05)

"""A stick is pulled out in a call and put back: a real ext4 whose disk goes away under it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from firmware.archive.volume import Volumes
from scripts.durability.block import looped, make_ext4, run, why_not
from scripts.durability.journal_disk import WRITE, read_log
from tests.archive.support import RATE, STEP, Feed, numbers

pytestmark = pytest.mark.skipif(bool(why_not()), reason=why_not())

ROOT = Path(__file__).resolve().parents[2]
DISK_BYTES = 32 * 2**20


class Stick:
    """An ext4 on a disk that is a process: with the process the disk is gone."""

    def __init__(self, folder: Path) -> None:
        self.mount = folder / "media/stick"
        self.mount.mkdir(parents=True)
        self.bus = folder / "bus"
        self.bus.mkdir()
        self.image = folder / "stick.img"
        self._log = folder / "journal"
        make_ext4(self.image, DISK_BYTES)
        words = [self.bus, str(DISK_BYTES), self._log]
        self._disk = subprocess.Popen(
            [sys.executable, "-u", "-m", "scripts.durability.journal_disk", *words], cwd=ROOT
        )
        for _ in range(500):
            if (self.bus / "disk").exists():
                break
            time.sleep(0.02)
        with (self.bus / "disk").open("r+b") as disk:
            disk.write(self.image.read_bytes())
        self._loop = run("losetup", "--find", "--show", self.bus / "disk")
        run("mount", "-o", "noatime", self._loop, self.mount)

    def pull(self) -> None:
        """The disk is gone at once: whatever is asked of it from now on is an error."""
        self._disk.kill()
        self._disk.wait()

    def unplugged(self) -> None:
        """What the system does about it."""
        run("umount", "-l", self.mount)
        run("losetup", "--detach", self._loop, check=False)
        run("umount", "-l", self.bus, check=False)

    def put_back(self) -> str:
        """The same stick, with what had reached it."""
        with self.image.open("r+b") as disk:
            for entry in read_log(self._log):
                if entry.kind == WRITE:
                    disk.seek(entry.offset)
                    disk.write(entry.data)
        device = run("losetup", "--find", "--show", self.image)
        run("mount", "-o", "noatime", device, self.mount)
        return device


def test_a_stick_that_is_pulled_out_and_put_back_costs_no_sample(tmp_path: Path) -> None:
    stick = Stick(tmp_path)
    device = ""
    try:
        volumes = Volumes(tmp_path / "home", tmp_path / "media", is_mount=os.path.ismount)
        box = Feed(volumes, threads=True)
        held = box.begin()

        def talk(seconds: float) -> None:
            for _ in range(round(seconds * RATE / STEP)):
                box.feed(held, STEP / RATE)
                time.sleep(STEP / RATE / 4)

        talk(4.0)
        stick.pull()
        pulled = held.frames
        while len(held.bases()) < 2:
            talk(STEP / RATE)
        assert "cannot be written" in box.keeper.trouble or box.keeper.trouble == ""
        talk(3.0)
        stick.unplugged()
        volumes.scan()
        frames = held.frames
        box.keeper.finish(held, dict(held.record))
        while not box.keeper.idle:
            box.happened += box.keeper.poll()
            time.sleep(0.01)
        box.happened += box.keeper.poll()
        call = box.entered(held.id)
        assert call["parts"][1]["offset"] <= pulled
        assert "is not here" in call["gaps"][0]["reason"]
        device = stick.put_back()
        box.keeper._scanner.submit(box.keeper._scan)
        for _ in range(1000):
            box.happened += box.keeper.poll()
            if not box.archive.get(held.id)["gaps"]:
                break
            time.sleep(0.01)
        assert np.array_equal(box.sound(held.id), numbers(frames))
        assert box.archive.get(held.id)["frames_stored"] == frames
        box.keeper.stop()
    finally:
        run("umount", "-l", stick.mount, check=False)
        if device:
            run("losetup", "--detach", device, check=False)


def test_loops_are_made_and_let_go(tmp_path: Path) -> None:
    image = tmp_path / "x.img"
    make_ext4(image, DISK_BYTES)
    with looped(image) as device:
        assert device in run("losetup", "--list", "--noheadings")
    assert str(image) not in run("losetup", "--list", "--noheadings")

"""Sticks: real FAT32, exFAT and ext4 on a real kernel, and disks that fail under them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware.archive.files import read_json
from firmware.archive.recovery import recover
from firmware.archive.volume import Volumes
from tests.archive.support import RATE, Feed, numbers

SIZE = 48 * 2**20
MAKE = {
    "vfat": ["mkfs.vfat", "-F", "32", "-n", "CALLS"],
    "exfat": ["mkfs.exfat", "-L", "CALLS"],
    "ext4": ["mkfs.ext4", "-q", "-F"],
}
RESERVED = set('<>:"/\\|?*')


def run(*words: object) -> str:
    done = subprocess.run(
        [str(word) for word in words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{words}: {done.stderr}"
    return done.stdout.strip()


class Stick:
    """A file system on a mapped device, which can be made to fail."""

    def __init__(self, folder: Path, kind: str, number: int = 0) -> None:
        self.kind = kind
        self.name = f"stick{number}"
        self.mount = folder / f"media/sd{'abc'[number]}1"
        self.mount.mkdir(parents=True)
        image = folder / f"{self.name}.img"
        with image.open("wb") as file:
            file.truncate(SIZE)
        run(*MAKE[kind], image)
        self.loop = run("losetup", "--find", "--show", image)
        self._table = f"0 {SIZE // 512} linear {self.loop} 0"
        run("dmsetup", "--noudevsync", "--noudevrules", "create", self.name, "--table", self._table)
        self._device = Path("/dev") / run(
            *("dmsetup", "info", "-c", "--noheadings", "-o", "blkdevname", self.name)
        )
        self.plug_in()

    def plug_in(self) -> None:
        run("mount", "-t", self.kind, self._device, self.mount)

    def unplug(self) -> None:
        run("umount", "-l", self.mount)

    def _become(self, table: str) -> None:
        run("dmsetup", "suspend", "--noflush", "--nolockfs", self.name)
        run("dmsetup", "load", self.name, "--table", table)
        run("dmsetup", "--noudevsync", "--noudevrules", "resume", self.name)

    def fail(self) -> None:
        """Whatever is asked of the disk is an error from now on."""
        self._become(f"0 {SIZE // 512} error")

    def refuse_writes(self) -> None:
        """A worn-out card: it can be read and not be written."""
        self._become(f"0 {SIZE // 512} flakey {self.loop} 0 0 600 1 error_writes")

    def heal(self) -> None:
        self._become(self._table)

    def throw_away(self) -> None:
        subprocess.run(["umount", "-l", str(self.mount)], check=False)
        subprocess.run(["dmsetup", "remove", "--force", self.name], check=False)
        subprocess.run(["losetup", "--detach", self.loop], check=False)


@pytest.fixture(params=MAKE)
def stick(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stick]:
    made = Stick(tmp_path, request.param)
    yield made
    made.throw_away()


def box_with(tmp_path: Path) -> Feed:
    return Feed(Volumes(tmp_path / "home", tmp_path / "media", reserve=2**20))


def test_a_call_on_a_stick_is_whole_and_its_names_are_valid_everywhere(
    stick: Stick, tmp_path: Path
) -> None:
    box = box_with(tmp_path)
    call = box.call(3.0)
    box.archive.flag(call["id"], True)
    box.archive.note(call["id"], "żółw")
    master = box.archive.audio_path(call["id"])
    assert master.is_relative_to(stick.mount)
    stick.unplug()
    stick.plug_in()
    assert np.array_equal(box.sound(call["id"]), numbers(3 * RATE))
    record = read_json(master.with_suffix(".json")) or {}
    assert record["sha256_pcm"] == call["sha256_pcm"]
    for path in stick.mount.rglob("*"):
        assert not RESERVED & set(path.name), path.name
        assert len(path.name) < 200
        assert path.name == path.name.rstrip(" .")


def test_what_a_killed_recorder_left_on_a_stick_is_recovered(stick: Stick, tmp_path: Path) -> None:
    box = box_with(tmp_path)
    held = box.begin()
    box.feed(held, 3.0)
    for part in held._parts:
        part._abandon()
    stick.unplug()
    stick.plug_in()
    again = Volumes(tmp_path / "home", tmp_path / "media", reserve=2**20)
    again.scan()
    recover(box.archive, again)
    [call] = box.archive.calls()
    assert call["outcome"] == "unfinished"
    assert call["frames_stored"] >= 2 * RATE
    sound = box.sound(call["id"])
    assert np.array_equal(sound, numbers(len(sound)))


@pytest.mark.parametrize("how", ["fail", "refuse_writes"])
def test_a_disk_that_fails_in_a_call_costs_no_sample(
    stick: Stick, tmp_path: Path, how: str
) -> None:
    box = box_with(tmp_path)
    held = box.begin()
    box.feed(held, 3.0)
    getattr(stick, how)()
    box.feed(held, 3.0)
    assert [part.volume.id == "" for part in held._parts] == [False, True]
    stick.unplug()
    box.keeper.volumes.scan()
    call = box.finish(held)
    stick.heal()
    stick.plug_in()
    box.keeper._scan()
    box.keeper.poll()
    assert np.array_equal(box.sound(call["id"]), numbers(6 * RATE))
    found = box.archive.get(call["id"])
    assert (found["gaps"], found["frames_stored"]) == ([], 6 * RATE)


def test_a_full_stick_is_left_for_the_boxs_own_medium(stick: Stick, tmp_path: Path) -> None:
    box = box_with(tmp_path)
    held = box.begin()
    box.feed(held, 1.0)
    with (stick.mount / "films").open("wb") as file:
        try:
            while True:
                file.write(bytes(2**16))
        except OSError:
            pass
    box.feed(held, 40.0)
    call = box.finish(held)
    assert np.array_equal(box.sound(call["id"]), numbers(41 * RATE))
    assert call["parts"][-1]["volume"] == ""


def test_two_sticks_with_one_label_are_two_volumes(tmp_path: Path) -> None:
    first, second = Stick(tmp_path, "vfat", 0), Stick(tmp_path, "vfat", 1)
    try:
        box = box_with(tmp_path)
        names = [volume.name for volume in box.keeper.volumes.here()]
        assert names == ["the USB medium sda1", "the USB medium sdb1", "the box's own medium"]
        call = box.call(1.0)
        first.unplug()
        box.keeper.volumes.scan()
        other = box.call(1.0)
        assert call["parts"][0]["volume"] != other["parts"][0]["volume"]
    finally:
        first.throw_away()
        second.throw_away()

"""A medium that comes back after a crash brings what was recorded on it."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Keeper
from firmware.archive.volume import Volumes
from firmware.archive.writer import HEADER_BYTES
from tests.archive.support import RATE, RECORD, STEP, Feed, numbers

# A stick fails in a call, the call goes on on the box's own medium, and the power goes.
CUT_OFF = """
import os, sys
from pathlib import Path
from firmware.archive.errors import ArchiveError
from firmware.archive.volume import Volumes
from firmware.archive.writer import HEADER_BYTES
from tests.archive.support import Feed
folder = Path(sys.argv[1])
box = Feed(Volumes(folder / "home", folder / "media", is_mount=Path.is_dir))
held = box.begin()
box.feed(held, 3.0)
held._parts[-1].error = ArchiveError("the stick: Input/output error")
box.feed(held, 3.0)
os.kill(os.getpid(), 9)
"""


class Box:
    """What the power cut left, with the stick in a drawer; `nothing`: no sample had reached the
    box's own medium."""

    def __init__(self, folder: Path, nothing: bool = False) -> None:
        self.stick, self.drawer = folder / "media/stick", folder / "drawer"
        self.stick.mkdir(parents=True)
        subprocess.run([sys.executable, "-c", CUT_OFF, str(folder)], check=False)
        assert len(list(self.stick.rglob("*.part.wav"))) == 1
        [at_home] = (folder / "home").rglob("*.part.wav")
        if nothing:
            os.truncate(at_home, HEADER_BYTES)
        self.stick.rename(self.drawer)
        self.feed = Feed(Volumes(folder / "home", folder / "media", is_mount=Path.is_dir))

    def put_back(self) -> None:
        self.drawer.rename(self.stick)
        self.feed.keeper._scan()
        self.feed.happened += self.feed.keeper.poll()

    @property
    def keeper(self) -> Keeper:
        return self.feed.keeper


@pytest.mark.parametrize("nothing", [False, True])
def test_what_lies_on_a_stick_that_was_away_at_recovery_is_joined_to_its_call(
    tmp_path: Path, nothing: bool
) -> None:
    box = Box(tmp_path, nothing)
    [before] = box.feed.archive.calls()
    assert before["outcome"] == "unfinished"
    assert bool(before["audio"]) == (not nothing)
    box.put_back()
    [call] = box.feed.archive.calls()
    sound = box.feed.sound(call["id"])
    assert np.array_equal(sound, numbers(len(sound)))
    assert len(sound) == call["frames_stored"] == call["frames_expected"]
    assert call["gaps"] == []
    assert call["duration_s"] == pytest.approx(len(sound) / RATE)
    assert len(sound) == 3 * RATE if nothing else len(sound) > 5 * RATE
    assert (call.get("damage") or []) == []
    assert call["id"] == before["id"]
    assert call["sequence"] == before["sequence"]


def test_a_recording_that_lacks_its_beginning_says_that_a_medium_is_away(tmp_path: Path) -> None:
    box = Box(tmp_path)
    [call] = box.feed.archive.calls()
    [gap] = call["gaps"]
    assert (gap["offset"], gap["reason"]) == (0, "its medium is not here")


def test_what_was_joined_is_there_when_the_list_is_made_anew(tmp_path: Path) -> None:
    box = Box(tmp_path, nothing=True)
    box.put_back()
    heard = box.feed.sound(box.feed.archive.calls()[0]["id"])
    (tmp_path / "home/catalogue.sqlite").unlink()
    again = Feed(box.keeper.volumes)
    [call] = again.archive.calls()
    assert np.array_equal(again.sound(call["id"]), heard)
    assert not call.get("damage")


def test_a_call_whose_audio_the_owner_deleted_gets_none_back(tmp_path: Path) -> None:
    box = Box(tmp_path)
    [call] = box.feed.archive.calls()
    box.feed.archive.add_later(call["id"], audio=None, deleted_at="2026-04-01T00:00:00+00:00")
    box.put_back()
    assert box.feed.archive.get(call["id"])["audio"] is None
    assert not list(box.stick.rglob("*.part.wav"))


def test_a_stick_that_is_back_while_its_call_goes_on_is_joined_when_that_is_over(
    tmp_path: Path,
) -> None:
    stick, drawer = tmp_path / "media/stick", tmp_path / "drawer"
    stick.mkdir(parents=True)
    life = Life(tmp_path)
    life.capture(3.0)
    life.held._parts[-1].error = ArchiveError("the stick: Input/output error")
    life.capture(3.0)
    life.killed()
    stick.rename(drawer)
    life = Life(tmp_path, life.at + 1.0)  # it goes on with the call, without the stick
    life.capture(1.0)
    drawer.rename(stick)
    life.keeper._scan()
    life.capture(1.0)
    life.keeper.finish(life.held, RECORD)
    life.keeper.stop()
    [call] = life.archive.calls()
    [gap] = call["gaps"]
    assert gap["reason"] == "the recorder was not running"
    assert RATE <= gap["count"] < 2 * RATE
    wanted = numbers(call["frames_expected"])
    wanted[gap["offset"] : gap["offset"] + gap["count"]] = 0
    with life.archive.sound(call["id"]).open() as file:
        assert np.array_equal(soundfile.read(file, dtype="int16")[0], wanted)
    assert not list(stick.rglob("*.part.wav"))


class Life:
    """One life of a recorder with a stick, from a time of the monotonic clock on."""

    def __init__(self, folder: Path, at: float = 0.0) -> None:
        self.at = at
        volumes = Volumes(folder / "home", folder / "media", is_mount=Path.is_dir)
        self.archive = Archive(folder / "home")
        self.keeper = Keeper(self.archive, volumes, clock=lambda: self.at)
        self.keeper.start("this run of the machine")
        boot = {"boot_id": "this run of the machine", "audio_monotonic": at}
        record = {**RECORD, **boot}
        self.held = self.keeper.resume(record) or self.keeper.begin(record)

    def capture(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / STEP)):
            first = round(self.at * RATE)
            self.held.write(first, numbers(STEP, first))
            self.keeper.poll()
            self.at += STEP / RATE

    def killed(self) -> None:
        """Nothing is closed; the system takes the locks from the files."""
        for part in self.held._parts:
            part.leave()

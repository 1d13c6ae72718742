"""A recorder whose only medium is full or cannot be written, for days: real file systems."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.volume import Volumes
from firmware.archive.waiting import Waiting
from firmware.audio.frames import Period
from firmware.config import Config
from firmware.events import FlagPressed, OffHook, OnHook
from firmware.recorder import Recorder
from tests.archive.support import RATE, STEP, numbers

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")

LIMIT_S = 10.0  # of sound may wait in memory


@pytest.fixture
def card(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "card"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", folder], check=True)
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


class Line:
    """A recorder on a virtual clock, its calls on one medium."""

    def __init__(self, folder: Path) -> None:
        self.first = 0
        self.later = 0.0  # time that passes without sound
        self.hooked: list[dict[str, Any]] = []
        self.archive = Archive(folder, rebuild=False, patient=True)
        waiting = Waiting(round(2 * RATE * LIMIT_S))
        self.keeper = Keeper(self.archive, Volumes(folder), clock=lambda: self.now, waiting=waiting)
        self.keeper.start()
        self.recorder = Recorder(
            *(Config(), self.archive, RATE),
            keeper=self.keeper,
            wall=lambda: 1.8e9 + self.now,
            hook=self.hooked.append,
        )
        self.run(3.0)

    @property
    def now(self) -> float:
        return self.first / RATE + self.later

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / STEP)):
            self.recorder.on_audio(Period(self.first, numbers(STEP, self.first), self.now))
            self.first += STEP

    def call(self, seconds: float, flag: bool = False) -> None:
        self.recorder.on_line(OffHook(self.now))
        self.run(seconds)
        if flag:
            self.recorder.on_line(FlagPressed(self.now))
        self.recorder.on_line(OnHook(self.now))
        self.run(0.2)

    def calls(self) -> list[dict[str, Any]]:
        return [one for one in reversed(self.archive.calls()) if one["kind"] == "call"]

    def true_to_the_line(self, call: dict[str, Any]) -> bool:
        """Each sample is the one that was on the line, or is in a gap."""
        wanted = numbers(call["frames_expected"], round(call["audio_monotonic"] * RATE))
        for gap in call["gaps"]:
            wanted[gap["offset"] : gap["offset"] + gap["count"]] = 0
        with self.archive.sound(call["id"]).open() as file:
            return np.array_equal(soundfile.read(file, dtype="int16")[0], wanted)


def fill(folder: Path) -> Path:
    """Not one byte is free."""
    path = folder / "films"
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return path


def test_calls_on_a_full_medium_wait_and_what_cannot_wait_is_told_of_each(card: Path) -> None:
    line = Line(card)
    line.call(3.0)
    films = fill(card)
    line.call(3.0)
    line.call(2.0, flag=True)
    assert "sound-lost" not in line.recorder.alarms
    line.call(4.0)
    line.call(1.0)
    assert "full" in line.recorder.alarms["medium-failing"]
    why = line.recorder.alarms["sound-lost"]
    assert "could not be kept: no medium took" in why
    assert "1 call" in why or "2 calls" in why
    assert any(one["alarm"] == "sound-lost" for one in line.hooked)
    films.unlink()
    line.run(60.0)
    before, whole_gone, flagged, part_gone, last = line.calls()
    assert [one["sequence"] for one in line.calls()] == sorted(
        one["sequence"] for one in line.calls()
    )
    assert before["gaps"] == flagged["gaps"] == last["gaps"] == []
    assert flagged["flagged"]
    assert (whole_gone["audio"], whole_gone["outcome"]) == (None, "unknown")
    assert whole_gone["frames_stored"] == 0 < whole_gone["frames_expected"]
    for one in (before, flagged, part_gone, last):
        assert line.true_to_the_line(one)
    lost = [gap for one in (whole_gone, part_gone) for gap in one["gaps"]]
    assert {gap["reason"] for gap in lost} == {"no medium could store it"}
    blind = [one for one in line.archive.calls() if one["kind"] == "blind"]
    assert {one["cause"] for one in blind} == {"no-space"}
    seconds = sum(gap["count"] for gap in lost) / RATE
    assert sum(one["duration_s"] for one in blind) == pytest.approx(seconds, abs=0.1)
    line.run(61.0)
    assert f"{seconds:.0f} s of 2 calls" in line.recorder.alarms["sound-lost"]
    assert "medium-failing" not in line.recorder.alarms
    line.later += 86500.0
    line.run(1.0)
    assert "sound-lost" not in line.recorder.alarms


def test_a_card_that_turns_read_only_in_a_call_loses_nothing_while_there_is_memory(
    card: Path,
) -> None:
    line = Line(card)
    line.recorder.on_line(OffHook(line.now))
    line.run(1.0)
    for handle in Path("/proc/self/fd").iterdir():  # the kernel does it whoever has files open
        if handle.exists() and card in handle.resolve().parents:
            os.close(int(handle.name))
    subprocess.run(["mount", "-o", "remount,ro", card], check=True)
    line.run(2.0)
    line.recorder.on_line(OnHook(line.now))
    line.run(3.0)
    line.call(1.0)
    assert "cannot be written" in line.recorder.alarms["medium-failing"]
    assert "sound-lost" not in line.recorder.alarms
    subprocess.run(["mount", "-o", "remount,rw", card], check=True)
    line.run(70.0)
    calls = line.calls()
    assert len(calls) == 2
    for one in calls:
        assert one["gaps"] == []
        assert line.true_to_the_line(one)
    assert "medium-failing" not in line.recorder.alarms

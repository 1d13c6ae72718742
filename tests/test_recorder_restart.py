"""A recorder that is started anew goes on with the call it was in, and with no other."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.layout import OPEN
from firmware.archive.recovery import recover
from firmware.archive.volume import Volumes
from firmware.audio.frames import Gap, Period
from firmware.config import Config
from firmware.events import OffHook, OnHook
from firmware.recorder import Recorder
from tests.archive.support import RATE, STEP

BOOT = "this run of the machine"


class Life:
    """One run of the recorder, from a monotonic time on."""

    def __init__(self, folder: Path, at: float, hook: str = "gpio") -> None:
        self.at = at
        self.first = 0
        self.archive = Archive(folder, rebuild=False)
        self.keeper = Keeper(self.archive, Volumes(folder), clock=lambda: self.at)
        self.keeper.start(BOOT)
        config = Config()
        config = replace(config, line=replace(config.line, hook=hook))
        self.recorder = Recorder(config, self.archive, RATE, keeper=self.keeper, boot_id=BOOT)

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / STEP)):
            self.recorder.on_audio(Period(self.first, np.full(STEP, 1000, np.int16), self.at))
            self.first += STEP
            self.at += STEP / RATE

    def killed(self) -> None:
        """Nothing is closed; the system takes the lock from the file."""
        if self.keeper._open is not None:
            self.keeper._open._parts[-1].leave()


def talk_and_be_killed(folder: Path, hook: str = "gpio") -> float:
    """A call is broken off; the time after it."""
    life = Life(folder, 100.0, hook)
    life.run(4.0)
    life.recorder.on_line(OffHook(life.at))
    life.run(3.0)
    life.killed()
    return life.at + 1.0


@pytest.mark.parametrize(("hook", "silent_s"), [("gpio", 0.5), ("vox", 2.5)])
def test_a_telephone_that_is_still_off_the_hook_goes_on_with_its_call(
    tmp_path: Path, hook: str, silent_s: float
) -> None:
    life = Life(tmp_path, talk_and_be_killed(tmp_path, hook), hook)
    life.run(silent_s)
    life.recorder.on_line(OffHook(life.at))
    life.run(2.0)
    life.recorder.on_line(OnHook(life.at))
    life.run(0.5)
    [call] = [one for one in life.archive.calls() if one["kind"] == "call"]
    assert [len(call["parts"]), len(call["gaps"])] == [2, 1]


def test_a_line_seen_on_hook_ends_the_broken_off_call_even_if_the_next_one_is_broken_off_too(
    tmp_path: Path,
) -> None:
    life = Life(tmp_path, talk_and_be_killed(tmp_path))
    life.run(1.2)  # nobody is on the line
    life.recorder.on_line(OffHook(life.at))
    life.killed()  # before a sample of the new call was stored
    life = Life(tmp_path, life.at + 1.0)
    life.run(0.1)
    life.recorder.on_line(OffHook(life.at))
    life.run(2.0)
    life.recorder.on_line(OnHook(life.at))
    life.run(0.5)
    newer, older = [one for one in life.archive.calls() if one["kind"] == "call"]
    assert older["outcome"] == "unfinished" != newer["outcome"]
    assert older["frames_expected"] == pytest.approx(5 * RATE, abs=3 * STEP)


def lose(life: Life, count: int) -> None:
    """The card gave nothing for so many samples."""
    life.recorder.on_audio(Gap(life.first, count, "xrun", life.at))
    life.first += count
    life.at += count / RATE


def broken_off_after_a_gap(folder: Path) -> float:
    """A call in which a second is missing is broken off; when."""
    life = Life(folder, 100.0)
    life.run(4.0)
    life.recorder.on_line(OffHook(life.at))
    life.run(2.0)
    lose(life, 8000)
    life.run(3.0)
    life.killed()
    return life.at


def test_what_the_card_did_not_give_is_told_though_the_power_goes_before_the_end(
    tmp_path: Path,
) -> None:
    broken_off_after_a_gap(tmp_path)
    [call] = recover(Archive(tmp_path)).closed
    assert call["gaps"] == [{"offset": 4 * RATE, "count": 8000, "reason": "xrun"}]
    assert call["frames_expected"] - call["frames_stored"] == 8000


def test_what_the_card_did_not_give_before_a_restart_is_told_of_the_call_that_goes_on(
    tmp_path: Path,
) -> None:
    at = broken_off_after_a_gap(tmp_path)
    for _ in range(2):
        life = Life(tmp_path, at + 1.0)
        life.run(0.1)
        life.recorder.on_line(OffHook(life.at))
        life.run(2.0)
        life.killed()
        at = life.at
    life = Life(tmp_path, at + 1.0)
    life.run(0.1)
    life.recorder.on_line(OffHook(life.at))
    life.run(1.0)
    life.recorder.on_line(OnHook(life.at))
    life.run(0.5)
    [call] = [one for one in life.archive.calls() if one["kind"] == "call"]
    reasons = [gap["reason"] for gap in call["gaps"]]
    assert reasons == ["xrun", *["the recorder was not running"] * 3]
    lost = sum(gap["count"] for gap in call["gaps"])
    assert call["frames_expected"] - call["frames_stored"] == lost


def test_a_call_whose_record_is_torn_is_entered_and_the_recorder_goes_on(tmp_path: Path) -> None:
    at = talk_and_be_killed(tmp_path)
    for record in (tmp_path / OPEN).glob("*.json"):
        record.write_text("{torn")
    life = Life(tmp_path, at)
    life.run(2.0)
    life.recorder.on_line(OffHook(life.at))
    life.run(2.0)
    life.recorder.on_line(OnHook(life.at))
    life.run(0.5)
    calls = [one for one in life.archive.calls() if one["kind"] == "call"]
    assert [bool(one["audio"]) for one in calls] == [True, True]

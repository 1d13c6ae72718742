"""The recorder keeps going whatever happens to one of its parts."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.keeper import Trouble
from firmware.archive.recovery import recover
from firmware.audio.frames import Gap, Period
from firmware.config import Config
from firmware.events import FlagPressed, OffHook, OnHook, PrivatePressed, PulseDigit
from firmware.recorder import Recorder

RATE = 8000
STEP = 160


class Line:
    """Feeds a recorder with numbered samples, so that each sample can be told from the others."""

    def __init__(self, directory: Path) -> None:
        self.archive = Archive(directory)
        self.messages: list[dict[str, object]] = []
        self.recorder = Recorder(Config(), self.archive, RATE, self.messages.append)
        self.first = 0

    @property
    def now(self) -> float:
        return self.first / RATE

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / STEP)):
            samples = (np.arange(self.first, self.first + STEP) % 1000).astype(np.int16)
            self.recorder.on_audio(Period(self.first, samples, self.now))
            self.first += STEP

    def lose(self, count: int) -> None:
        self.recorder.on_audio(Gap(self.first, count, "xrun", self.now))
        self.first += count


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


def test_a_call_starts_two_seconds_before_the_off_hook_and_keeps_every_sample(
    line: Line, tmp_path: Path
) -> None:
    line.run(5)
    line.recorder.on_line(OffHook(line.now))
    line.run(4)
    line.recorder.on_line(OnHook(line.now))
    line.run(1)
    [call] = line.archive.calls()
    assert call["preroll_s"] == 2.0
    sound, rate = soundfile.read(tmp_path / call["audio"], dtype="int16")
    assert rate == RATE
    assert np.array_equal(sound[: 6 * RATE], (np.arange(3 * RATE, 9 * RATE) % 1000))


def test_a_gap_is_counted_in_the_call(line: Line) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    line.run(1)
    line.lose(800)
    line.run(1)
    line.recorder.on_line(OnHook(line.now))
    line.run(1)
    [call] = line.archive.calls()
    assert sum(gap["count"] for gap in call["gaps"]) == 800
    assert call["frames_expected"] - call["frames_stored"] == 800


def test_a_flag_in_a_call_marks_the_second_and_protects_it(line: Line) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    line.run(2)
    line.recorder.on_line(FlagPressed(line.now))
    line.run(1)
    line.recorder.on_line(OnHook(line.now))
    line.run(1)
    [call] = line.archive.calls()
    assert call["flagged"]
    assert call["flags"] == [pytest.approx(2.0, abs=0.04)]


def test_a_private_call_leaves_a_row_and_no_audio(line: Line, tmp_path: Path) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    line.run(2)
    line.recorder.on_line(PrivatePressed(line.now))
    line.run(1)
    line.recorder.on_line(OnHook(line.now))
    line.run(1)
    [call] = line.archive.calls()
    assert call["private"]
    assert call["audio"] is None
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".flac")]


def test_a_call_running_at_shutdown_is_closed_as_unfinished(line: Line) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    line.run(2)
    line.recorder.shutdown(line.now)
    [call] = line.archive.calls()
    assert call["outcome"] == "unfinished"
    assert call["audio"]


def test_a_flag_and_dialled_digits_survive_a_power_cut_in_the_call(
    line: Line, tmp_path: Path
) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    line.recorder.on_line(PulseDigit(line.now, "7"))
    line.run(1.5)
    line.recorder.on_line(FlagPressed(line.now))
    after = tmp_path.with_name(tmp_path.name + "-after")
    shutil.copytree(tmp_path, after)
    [found] = recover(Archive(after)).closed
    assert found["outcome"] == "unfinished"
    assert found["flagged"]
    assert found["flags"] == [pytest.approx(1.5, abs=0.04)]
    assert found["dialled"] == "7"


def test_a_running_call_that_does_not_change_is_written_once(line: Line, tmp_path: Path) -> None:
    line.run(3)
    line.recorder.on_line(OffHook(line.now))
    [begun] = tmp_path.rglob("*.part.json")
    before = begun.stat().st_mtime_ns
    line.run(4)
    assert begun.stat().st_mtime_ns == before


def test_what_recovery_found_is_told_for_a_day(line: Line) -> None:
    line.run(1)
    line.recorder.hear(Trouble("recovered", "1 call damaged, 41 s missing."))
    line.recorder.tick(line.now + 86000)
    assert "41 s missing" in line.recorder.alarms["recovered"]
    line.recorder.tick(line.now + 87000)
    assert line.recorder.alarms == {}

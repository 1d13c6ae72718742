"""What is found wrong is an alarm, each of its own kind, and is over when it is right again."""

import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.alarms import SWITCH_OF
from firmware.archive import Archive, recording
from firmware.archive.keeper import Keeper
from firmware.archive.volume import Volumes
from firmware.audio.frames import Gap, Period
from firmware.clock import Belief
from firmware.config import AlarmsConfig, Config
from firmware.events import OffHook, OnHook
from firmware.recorder import Recorder
from tests.archive.support import RATE, STEP
from tests.archive.test_completeness import turns

Sound = NDArray[np.int16]
TALK = turns(-12, -24)


class Line:
    """A recorder on a virtual clock; what its hook was told."""

    def __init__(self, folder: Path, **switches: bool) -> None:
        self.first = 0
        self.hooked: list[dict[str, Any]] = []
        self.told: list[dict[str, Any]] = []
        config = replace(Config(), alarms=replace(AlarmsConfig(), **switches))
        self.recorder = Recorder(
            *(config, Archive(folder), RATE, self.told.append),
            hook=self.hooked.append,
            belief=lambda: Belief("ntp", 0.01),
        )
        self.hear(np.zeros(3 * RATE, np.int16))

    @property
    def now(self) -> float:
        return self.first / RATE

    def hear(self, sound: Sound) -> None:
        for start in range(0, len(sound), STEP):
            self.recorder.on_audio(Period(self.first, sound[start : start + STEP], self.now))
            self.first += STEP

    def call(self, sound: Sound, lost: int = 0) -> None:
        self.recorder.on_line(OffHook(self.now))
        self.hear(sound)
        if lost:
            self.recorder.on_audio(Gap(self.first, lost, "xrun", self.now))
            self.first += lost
        self.recorder.on_line(OnHook(self.now))
        self.hear(np.zeros(3 * RATE, np.int16))

    def states(self, kind: str) -> list[str]:
        return [one["state"] for one in self.hooked if one["alarm"] == kind]


WRONG: dict[str, tuple[Sound, int]] = {
    "recording-silent": (np.zeros(10 * RATE, np.int16), 0),
    "recording-one-sided": (turns(-12, -12), 0),
    "recording-clipped": (np.where(np.arange(4 * RATE) % 16 < 8, 32767, -32768).astype("<i2"), 0),
    "recording-frames": (TALK[: 5 * RATE], 800),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_recording_that_is_wrong_is_an_alarm_until_one_is_right(
    tmp_path: Path, kind: str
) -> None:
    line = Line(tmp_path)
    line.call(*WRONG[kind])
    assert line.recorder.alarms.keys() == {kind}
    assert line.recorder.alarms[kind].startswith("The call of ")
    assert line.states(kind) == ["raised"]
    assert {"event": "alarm", "kind": kind, "why": line.recorder.alarms[kind]} in line.told
    line.call(TALK[: 10 * RATE])
    assert line.recorder.alarms == {}
    assert line.states(kind) == ["raised", "over"]


@pytest.mark.parametrize("kind", WRONG)
def test_what_its_owner_turned_off_is_not_told(tmp_path: Path, kind: str) -> None:
    line = Line(tmp_path, **{SWITCH_OF[kind]: False})
    line.call(*WRONG[kind])
    assert line.recorder.alarms == {}
    assert line.hooked == []
    [call] = [one for one in Archive(tmp_path).calls() if one["kind"] == "call"]
    assert call["audio"]


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Until it is set no medium answers."""
    event = threading.Event()
    real = os.fdatasync

    def hanging(handle: int) -> None:
        event.wait(60)
        real(handle)

    monkeypatch.setattr(recording, "STALL_S", 0.1)
    monkeypatch.setattr(os, "fdatasync", hanging)
    yield event
    event.set()


def test_a_medium_that_keeps_a_call_waiting_is_an_alarm_until_it_answers(
    tmp_path: Path, answer: threading.Event
) -> None:
    archive = Archive(tmp_path)
    keeper = Keeper(archive, Volumes(tmp_path), threads=True)
    keeper.start()
    recorder = Recorder(Config(), archive, RATE, keeper=keeper)
    first = 0

    def talk_until(slow: bool) -> None:
        nonlocal first
        for _ in range(1000):
            period = Period(first, np.full(STEP, 1000, np.int16), first / RATE)
            recorder.on_audio(period)
            first += STEP
            if ("medium-slow" in recorder.alarms) == slow and first > 2 * RATE:
                return
            time.sleep(0.005)
        raise AssertionError("it never came to that")

    recorder.on_audio(Period(first, np.zeros(STEP, np.int16), 0.0))
    first += STEP
    recorder.on_line(OffHook(first / RATE))
    talk_until(slow=True)
    assert "is slow: nothing was confirmed" in recorder.alarms["medium-slow"]
    answer.set()
    talk_until(slow=False)
    recorder.shutdown(first / RATE)

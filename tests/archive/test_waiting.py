"""Sound that waits for a medium has a bound, and what has to go is told of its call."""

import os
import threading
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import soundfile
from hypothesis import example, given, settings
from hypothesis import strategies as st

from firmware.archive import Archive, recording, writer
from firmware.archive.errors import ArchiveFull
from firmware.archive.keeper import Entered, Keeper
from firmware.archive.recording import Recording
from firmware.archive.volume import Volumes
from firmware.archive.waiting import LEAST_BYTES, MOST_BYTES, Waiting, bound
from tests.archive.support import RATE, RECORD, STEP, numbers

LIMIT = 2 * RATE * 4  # four seconds
NOT_STORED = "no medium could store it"


@pytest.mark.parametrize(
    ("memory", "least_s", "most_s"),
    [(440 * 2**20, 3400, 3700), (2**20, 1000, 1100), (8 * 2**30, 16000, 17000)],
)
def test_the_bound_follows_the_machines_memory_an_hour_on_the_smallest_pi(
    memory: int, least_s: float, most_s: float
) -> None:
    assert least_s < bound(memory) / 2 / RATE < most_s
    assert LEAST_BYTES <= bound() <= MOST_BYTES


class Refusing(Waiting):
    """Notes whether anything went while there was room."""

    def keep_within(self, count: int = 0) -> None:
        before = self.shed
        super().keep_within(count)
        if self.shed > before:
            assert self.total + (self.shed - before) + count > self.limit, "shed while under it"
        assert self.total + count <= self.limit, "above the bound"


class Box:
    """A keeper on a virtual clock, on one medium that can be full."""

    def __init__(self, folder: Path) -> None:
        self.at = 0.0
        self.full = False
        self.archive = Archive(folder)
        self.waiting = Refusing(LIMIT)
        volumes = Volumes(folder)
        self.keeper = Keeper(self.archive, volumes, clock=lambda: self.at, waiting=self.waiting)
        self.keeper.start()
        self.held: Recording | None = None
        self.made: list[str] = []
        self.entered: dict[str, dict[str, Any]] = {}

    @contextmanager
    def medium(self) -> Iterator[None]:
        """Writing fails while it is full."""
        real = (writer.RecordingWriter.__init__, writer.RecordingWriter.sync)

        def failing(number: int) -> Any:
            def call(*words: Any) -> None:
                if self.full:
                    raise ArchiveFull("the card is full")
                real[number](*words)

            return call

        with (
            patch.object(writer.RecordingWriter, "__init__", failing(0)),
            patch.object(writer.RecordingWriter, "sync", failing(1)),
        ):
            yield

    def poll(self) -> None:
        for one in self.keeper.poll():
            if isinstance(one, Entered):
                self.entered[one.record["id"]] = one.record

    def talk(self, seconds: float) -> None:
        if self.held is None:
            self.held = self.keeper.begin(RECORD)
            self.made.append(self.held.id)
        for _ in range(round(seconds * RATE / STEP)):
            self.held.write(self.held.frames, numbers(STEP, self.held.frames))
            self.at += STEP / RATE
            self.poll()
            assert self.waiting.total <= LIMIT

    def hang_up(self, **facts: Any) -> None:
        if self.held is not None:
            held, self.held = self.held, None
            self.keeper.finish(held, {**RECORD, **facts})
            self.poll()

    def flag(self, number: int) -> None:
        if self.made:
            self.keeper.flag(self.made[number % len(self.made)])

    def rest(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.at += 1.0
            self.poll()

    def end(self) -> None:
        """There is room again."""
        self.full = False
        self.hang_up()
        self.rest(150)
        assert self.keeper.idle

    def gaps(self, call_id: str) -> int:
        """How many samples of a call are missing; all others are those of the line."""
        call = self.entered[call_id]
        gaps = call["gaps"]
        assert {gap["reason"] for gap in gaps} <= {NOT_STORED}
        missing = sum(int(gap["count"]) for gap in gaps)
        assert call["frames_stored"] == call["frames_expected"] - missing
        if not call["audio"]:
            assert call["frames_stored"] == 0
            return missing
        wanted = numbers(call["frames_expected"])
        for gap in gaps:
            wanted[gap["offset"] : gap["offset"] + gap["count"]] = 0
        with self.archive.sound(call_id).open() as file:
            assert np.array_equal(soundfile.read(file, dtype="int16")[0], wanted)
        return missing


DEEDS = st.one_of(
    st.tuples(st.just("talk"), st.floats(0.1, 3.0)),
    st.tuples(st.just("hang_up")),
    st.tuples(st.just("flag"), st.integers(0, 9)),
    st.tuples(st.just("full"), st.booleans()),
    st.tuples(st.just("rest"), st.integers(1, 40)),
)


# The medium confirmed some of a piece of sound when it became full.
IN_PART = [("full", False), ("talk", 1.0), ("full", True), ("talk", 4.0), ("full", False)]


@settings(deadline=None, max_examples=60)
@example(IN_PART)
@given(st.lists(DEEDS, max_size=25))
def test_the_bound_is_kept_nothing_goes_below_it_and_each_sample_that_went_is_told(
    tmp_path_factory: pytest.TempPathFactory, deeds: list[tuple[Any, ...]]
) -> None:
    box = Box(tmp_path_factory.mktemp("box"))
    with box.medium():
        box.full = True
        for name, *values in deeds:
            if name == "full":
                box.full = values[0]
            else:
                getattr(box, name)(*values)
        box.end()
    assert set(box.entered) == set(box.made)
    assert 2 * sum(map(box.gaps, box.made)) == box.waiting.shed
    assert box.waiting.total == 0
    assert list(box.waiting) == []
    assert not list((box.archive.root / "open").glob("*"))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    made = Box(tmp_path)
    with made.medium():
        made.full = True
        yield made


def call(box: Box, seconds: float, **facts: Any) -> str:
    box.talk(seconds)
    box.hang_up(**facts)
    return box.made[-1]


def test_the_oldest_sound_of_calls_that_are_over_goes_first(box: Box) -> None:
    first, second = call(box, 2.0), call(box, 1.0)
    third = call(box, 3.0)
    box.end()
    assert [box.gaps(one) / RATE for one in (first, second, third)] == [2.0, 0.0, 0.0]
    assert box.entered[first]["audio"] is None
    assert box.entered[first]["outcome"] == "answered"
    assert [one["sequence"] for one in box.archive.calls()] == [3, 2, 1]


def test_a_flagged_call_is_kept_while_another_can_go(box: Box) -> None:
    flagged, plain = call(box, 1.0, flagged=True), call(box, 1.0)
    later = call(box, 1.0)
    box.flag(2)  # with the button, after the call
    last = call(box, 2.5)
    box.end()
    told = [box.gaps(one) / RATE for one in (flagged, plain, later, last)]
    assert told == [0.0, 1.0, 0.0, pytest.approx(0.5, abs=0.05)]
    assert box.archive.get(later)["flagged"]


def test_the_running_call_is_kept_before_those_that_are_over(box: Box) -> None:
    first = call(box, 2.0)
    box.talk(3.9)
    running = box.made[-1]
    box.end()
    assert box.gaps(running) == 0
    assert box.gaps(first) == pytest.approx(1.9 * RATE, abs=STEP)


def test_where_only_flagged_calls_wait_the_running_one_still_has_a_little(box: Box) -> None:
    for _ in range(4):
        call(box, 1.0, flagged=True)
    box.talk(2.0)
    running = box.made[-1]
    assert box.held is not None
    assert 0 < box.held.waiting_bytes <= LIMIT // 64 + 2 * STEP
    box.end()
    assert 0 < box.gaps(running) < 2.0 * RATE
    assert box.gaps(box.made[0]) <= RATE // 10


def test_weeks_without_a_medium_leave_no_file_no_thread_and_no_heap_of_tries(box: Box) -> None:
    box.talk(1.0)
    held = box.held
    assert held is not None
    for number in range(100):
        box.hang_up()
        box.talk(0.1)
        box.rest(3600 if number % 50 == 0 else 60)
    assert len(held.bases()) <= 2
    assert len(list(box.waiting)) <= LIMIT / 2 / (0.1 * RATE) + 2
    assert not list((box.archive.root / "open").glob("*"))
    box.end()
    assert len(box.entered) == 101


def test_a_medium_that_hangs_for_good_takes_neither_memory_nor_threads_without_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "STALL_S", 0.05)
    monkeypatch.setattr(recording, "RETRY_S", 0.0)
    answer = threading.Event()
    real = os.fdatasync

    def hanging(handle: int) -> None:
        if Path(f"/proc/self/fd/{handle}").readlink().name.endswith(".part.wav"):
            answer.wait(60)
        real(handle)

    monkeypatch.setattr(os, "fdatasync", hanging)
    archive = Archive(tmp_path)
    keeper = Keeper(archive, Volumes(tmp_path), threads=True, waiting=Waiting(LIMIT))
    keeper.start()
    held = keeper.begin(RECORD)
    at_first = threading.active_count()
    tracemalloc.start()
    for second in range(120):
        held.write(held.frames, numbers(RATE, held.frames))
        keeper.poll()
        if second % 10 == 0:
            time.sleep(0.06)  # longer than it may take to answer
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken < 6 * LIMIT  # of 30 times as much sound
    assert threading.active_count() <= at_first + 1
    assert "No medium answers" in keeper.trouble
    answer.set()
    keeper.finish(held, RECORD)
    [entered] = [one.record for one in keeper.stop() if isinstance(one, Entered)]
    lost = sum(gap["count"] for gap in entered["gaps"])
    assert 110 * RATE < lost < 120 * RATE
    wanted = numbers(120 * RATE)
    for gap in entered["gaps"]:
        wanted[gap["offset"] : gap["offset"] + gap["count"]] = 0
    with archive.sound(held.id).open() as file:
        assert np.array_equal(soundfile.read(file, dtype="int16")[0], wanted)


def test_a_medium_that_is_full_for_days_is_not_gone_through_again_and_again(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone_through: list[Any] = []
    monkeypatch.setattr(box.archive, "enter_missing", gone_through.append)
    call(box, 1.0)
    box.rest(600)
    assert gone_through == []
    box.end()
    assert len(box.entered) == 1

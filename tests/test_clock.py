"""Start times have a source and a bound; durations are monotonic; corrections stand beside."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.audio.frames import Period
from firmware.clock import (
    NOT_BELIEVED,
    Belief,
    WallClock,
    believe,
    boot_id,
    by_caller_id,
    correction,
    start_facts,
)
from firmware.config import Config
from firmware.events import CallerId, Heard, LineEvent, OffHook, OnHook, RingBurst
from firmware.recorder import Recorder
from tests.archive.support import RATE, STEP, numbers

NOW = datetime(2027, 5, 6, 7, 8, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("now", "ntp", "rtc", "source"),
    [
        (NOW, 0.01, False, "ntp"),
        (NOW, None, True, "rtc"),
        (NOW, None, False, "none"),
        (0.0, 0.01, True, "none"),
        (datetime(2000, 1, 1, tzinfo=UTC).timestamp(), None, True, "none"),
        (datetime(2107, 1, 1, tzinfo=UTC).timestamp(), 0.01, True, "none"),
    ],
)
def test_a_clock_is_believed_by_who_set_it(
    now: float, ntp: float | None, rtc: bool, source: str
) -> None:
    assert believe(now, lambda: ntp, lambda: rtc).source == source


def test_this_machines_clock_can_be_asked() -> None:
    assert believe(time.time()).source in ("ntp", "rtc", "none")
    assert len(boot_id()) == 36


def test_the_clock_is_asked_again_after_ten_seconds() -> None:
    at = [0.0]
    asked: list[float] = []

    def judge(now: float) -> Belief:
        asked.append(now)
        return NOT_BELIEVED

    clock = WallClock(lambda: NOW, judge, lambda: at[0])
    for moment in (0.0, 5.0, 10.0, 15.0):
        at[0] = moment
        clock.belief()
    assert len(asked) == 2


@pytest.fixture
def warsaw(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Europe/Warsaw")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("when", "told"),
    [
        ("07011230", "2026-07-01T10:30"),
        ("12011230", "2026-12-01T11:30"),
        ("01010000", "2026-12-31T23:00"),
        ("02290800", "2028-02-29T07:00"),
        ("13011230", None),
        ("0701", None),
        (None, None),
        ("0701123x", None),
    ],
)
def test_a_caller_id_tells_the_time_in_the_boxs_zone_and_the_year_is_the_next_that_fits(
    warsaw: None, when: object, told: str | None
) -> None:
    found = by_caller_id(when, datetime(2026, 6, 1, tzinfo=UTC))
    assert (found and found.isoformat()[:16]) == told


def test_a_clock_that_nothing_set_gives_way_to_the_exchanges(warsaw: None) -> None:
    call = {"started_monotonic": 10.0, "caller_ids": [{"when": "07011230"}]}
    facts = start_facts(call, 5.0, 20.0, NOT_BELIEVED)
    assert facts["clock_source"] == "caller-id"
    assert facts["clock_error_s"] == 60.0
    assert facts["started_at"].startswith("2026-07-01T10:30")
    assert start_facts(call, NOW, 20.0, Belief("ntp", 0.1))["clock_source"] == "ntp"


def test_a_correction_needs_the_same_run_of_the_machine() -> None:
    call = {"started_monotonic": 100.0, "boot_id": "a", "clock_source": "none"}
    right = Belief("ntp", 0.02)
    found = correction(call, "a", NOW, 400.0, right)
    assert found is not None
    assert datetime.fromisoformat(found["started_at"]).timestamp() == NOW - 300
    assert correction(call, "b", NOW, 400.0, right) is None
    assert correction(call, "a", NOW, 400.0, NOT_BELIEVED) is None
    assert correction({**call, "clock_source": "ntp"}, "a", NOW, 400.0, right) is None


class Line:
    """A recorder whose wall clock can be anything and jump at any time."""

    def __init__(self, folder: Path, wall: float) -> None:
        self.archive = Archive(folder)
        self.wall = wall
        self.believed = NOT_BELIEVED
        self.recorder = Recorder(
            *(Config(), self.archive, RATE),
            wall=lambda: self.wall + self.now,
            boot_id="this",
            belief=lambda: self.believed,
        )
        self.first = 0

    @property
    def now(self) -> float:
        return self.first / RATE

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * RATE / STEP)):
            self.recorder.on_audio(Period(self.first, numbers(STEP, self.first), self.now))
            self.first += STEP

    def event(self, kind: type[LineEvent]) -> None:
        self.recorder.on_line(kind(self.now))

    def call(self, jump: float = 0.0) -> None:
        self.run(1)
        self.event(OffHook)
        self.run(1)
        self.wall += jump
        self.run(1)
        self.event(OnHook)
        self.run(0.2)


DAY = 86400.0
STARTS = {
    "1970": datetime(1970, 1, 1, tzinfo=UTC),
    "2000": datetime(2000, 1, 1, tzinfo=UTC),
    "DST begins": datetime(2027, 3, 28, 0, 59, 59, tzinfo=UTC),
    "DST ends": datetime(2027, 10, 31, 0, 59, 59, tzinfo=UTC),
    "leap day": datetime(2028, 2, 28, 23, 59, 59, tzinfo=UTC),
    "2038": datetime(2038, 1, 19, 3, 14, 6, tzinfo=UTC),
    "new year": datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
}


@pytest.mark.parametrize("jump", [0.0, 400 * DAY, -400 * DAY, 3600.0, -3600.0, 0.5])
@pytest.mark.parametrize("start", STARTS)
def test_no_clock_makes_a_length_or_the_order_wrong(
    tmp_path: Path, warsaw: None, start: str, jump: float
) -> None:
    line = Line(tmp_path, STARTS[start].timestamp())
    for _ in range(3):
        line.call(jump)
    calls = line.archive.calls()
    assert [call["sequence"] for call in calls] == [3, 2, 1]
    assert [call["duration_s"] for call in calls] == [2.0, 2.0, 2.0]
    begun = [call["started_monotonic"] for call in calls]
    assert begun == sorted(begun, reverse=True)
    for call in calls:
        assert call["clock_source"] == "none"
        assert line.archive.audio_path(call["id"]).is_file()


def test_calls_of_before_the_clock_was_set_get_their_true_time_beside(tmp_path: Path) -> None:
    line = Line(tmp_path, 0.0)
    line.call()
    [before] = line.archive.calls()
    sidecar = line.archive.audio_path(before["id"]).with_suffix(".json").read_bytes()
    line.wall, line.believed = NOW, Belief("ntp", 0.02)
    line.run(1)
    [call] = line.archive.calls()
    assert call["started_at"] == before["started_at"]
    assert call["started_at"].startswith("1970")
    true = datetime.fromisoformat(call["corrected"]["started_at"]).timestamp()
    assert true == pytest.approx(NOW + 1.0, abs=0.05)
    assert line.archive.audio_path(call["id"]).with_suffix(".json").read_bytes() == sidecar


def test_a_call_with_caller_id_on_a_box_without_a_clock_has_the_exchanges_time(
    tmp_path: Path, warsaw: None
) -> None:
    line = Line(tmp_path, 0.0)
    line.run(1)
    line.recorder.on_line(RingBurst(line.now, 0.5, 25.0))
    told = CallerId(line.now, line.now, "etsi-v23", number="600100200", when="07011230")
    line.recorder._act(line.recorder.machine.handle(Heard(line.now, told)))
    line.event(OffHook)
    line.run(1)
    line.event(OnHook)
    line.run(0.2)
    [call] = line.archive.calls()
    assert (call["clock_source"], call["clock_error_s"]) == ("caller-id", 60.0)
    assert call["started_at"].startswith("2026-07-01T10:30")

"""The box's clocks: what the wall clock may be believed, and which run of the machine this is.

A Raspberry Pi has no clock of its own that runs without power. Durations come from the monotonic
clock; a start time is kept with its source and the bound of its error, and is never overwritten:
what is found out later stands beside it.
"""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
RTC = Path("/sys/class/rtc")
FLOOR = datetime(2026, 1, 1, tzinfo=UTC)  # this release cannot have run earlier
CEILING = datetime(2100, 1, 1, tzinfo=UTC)
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronized
RTC_ERROR_S = 60.0  # a DS3231 drifts 2 ppm, a minute a year; cheaper ones more
CALLER_ID_ERROR_S = 60.0  # whole minutes, by the exchange's clock


@dataclass(frozen=True, slots=True)
class Belief:
    """Where the wall clock has its time from, and how wrong it may be; None: any error."""

    source: str
    error_s: float | None


NOT_BELIEVED = Belief("none", None)


def boot_id() -> str:
    """Which run of the machine this is: monotonic times of another run mean nothing here."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""


class _Timex(ctypes.Structure):
    """struct timex of adjtimex(2), as far as it is read; the rest is room."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("rest", ctypes.c_char * 512),
    )


def ntp_error_s() -> float | None:
    """The kernel's bound of the clock's error while NTP steers it; None while nothing does."""
    asked = _Timex()
    state = ctypes.CDLL(None, use_errno=True).adjtimex(ctypes.byref(asked))
    if state < 0 or state == TIME_ERROR:
        return None
    return float(asked.maxerror) / 1e6


def set_from_rtc() -> bool:
    """Whether the kernel took its time from a battery-backed clock at start."""
    for entry in RTC.glob("rtc*/hctosys") if RTC.is_dir() else ():
        try:
            if entry.read_text("ascii").strip() == "1":
                return True
        except OSError:
            continue
    return False


def believe(
    now: float,
    ntp: Callable[[], float | None] = ntp_error_s,
    rtc: Callable[[], bool] = set_from_rtc,
) -> Belief:
    """What the wall clock, which says `now` (Unix seconds), may be believed."""
    if not FLOOR.timestamp() <= now < CEILING.timestamp():
        return NOT_BELIEVED
    error = ntp()
    if error is not None:
        return Belief("ntp", round(error, 3))
    return Belief("rtc", RTC_ERROR_S) if rtc() else NOT_BELIEVED


def by_caller_id(when: object, not_before: datetime = FLOOR) -> datetime | None:
    """The time that a caller ID's MMDDHHMM tells, in the box's time zone; None where it tells none.

    It has no year: it is the first one that is not before `not_before`, less a day.
    """
    if not isinstance(when, str) or re.fullmatch(r"\d{8}", when) is None:
        return None
    month, day, hour, minute = (int(when[at : at + 2]) for at in (0, 2, 4, 6))
    earliest = not_before - timedelta(days=1)
    for year in range(earliest.year, earliest.year + 9):  # a leap day comes within eight years
        try:
            told = datetime(year, month, day, hour, minute).astimezone()
        except ValueError:
            continue
        if told >= earliest:
            return told.astimezone(UTC)
    return None


def start_facts(
    call: dict[str, Any], wall: float, now: float, belief: Belief, not_before: datetime = FLOOR
) -> dict[str, Any]:
    """When a call began: `started_at`, where that is from, and how wrong it may be.

    `wall` and `now`: the wall clock and the monotonic clock at one instant; the call has its
    `started_monotonic`. A clock that nothing set gives way to the exchange's, if a caller ID came.
    """
    started = datetime.fromtimestamp(max(0.0, wall - (now - call["started_monotonic"])), UTC)
    source, error = belief.source, belief.error_s
    if belief.source == "none":
        for one in call.get("caller_ids") or []:
            told = by_caller_id(one.get("when"), not_before)
            if told is not None:
                started, source, error = told, "caller-id", CALLER_ID_ERROR_S
                break
    return {
        "started_at": started.isoformat(timespec="milliseconds"),
        "clock_source": source,
        "clock_error_s": error,
    }


def correction(
    call: dict[str, Any], boot: str, wall: float, now: float, belief: Belief
) -> dict[str, Any] | None:
    """What stands beside a call's start time now that the clock is right; None: nothing better.

    Only the monotonic clock of the same run of the machine (`boot`) tells how long ago it was.
    """
    at = call.get("started_monotonic")
    if belief.source != "ntp" or call.get("clock_source") in ("ntp", None):
        return None
    if not boot or call.get("boot_id") != boot or not isinstance(at, int | float):
        return None
    started = datetime.fromtimestamp(wall - (now - at), UTC)
    return {
        "started_at": started.isoformat(timespec="milliseconds"),
        "clock_source": belief.source,
        "clock_error_s": belief.error_s,
    }


class WallClock:
    """The wall clock and what it may be believed; asked again at most every ten seconds."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        judge: Callable[[float], Belief] = believe,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.wall = wall
        self._judge = judge
        self._clock = clock
        self._asked: float | None = None
        self._belief = NOT_BELIEVED

    def belief(self) -> Belief:
        """What the clock may be believed now."""
        now = self._clock()
        if self._asked is None or now - self._asked >= 10.0:
            self._asked = now
            self._belief = self._judge(self.wall())
        return self._belief

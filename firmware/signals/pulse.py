"""Pulse dialling: breaks of the loop, counted to digits.

A dial makes 8-12 breaks a second with a break of 50-72 % of the cycle, so 42-90 ms each, and
pauses of 300 ms or more between digits; a new dial makes 10 with 60 to 67 %, an old one is slow,
fast or worn. A lone break of that length is what cannot be told by itself: see `PulseReader`.
"""

from __future__ import annotations

from dataclasses import dataclass

BREAK_S = (0.038, 0.095)  # 0.50/12 s and 0.72/8 s, with 4 ms for the contacts
MAKE_S = 0.070  # 0.50/8 s with 7 ms for the contacts
DIGIT_OVER_S = 0.2
LONE_PULSE_S = 0.072
DIAL_IN_USE_S = 10.0
DIALLING_S = 30.0
MOST_PULSES = 10


@dataclass(frozen=True, slots=True)
class Break:
    """The loop was open from `start`, in seconds, for `length` seconds."""

    start: float
    length: float


class PulseReader:
    """Breaks in, digits out; times in seconds.

    One break alone may be a dialled 1 or a hook flash. The ambiguous zone is `flash_min_s` to
    95 ms; there it is a 1

    - within 10 s after another digit: the dial is in use;
    - when it is at most 72 ms long, and within 30 s after the telephone was lifted: at 10 pulses a
      second a dial's break is 60-67 ms, a recall button's 80 ms or more;

    and a flash otherwise. So a first digit 1 from a dial slower than 9 pulses a second is taken for
    a flash, and a recall of 50-72 ms in the first half minute for a 1. Where a flash is longer than
    any pulse (`flash_min_s` above 95 ms, as in the US), nothing is ambiguous.
    """

    def __init__(self, flash_min_s: float) -> None:
        self._flash_min = flash_min_s
        self._breaks: list[Break] = []
        self._lifted = 0.0
        self._last_digit: float | None = None

    def lifted(self, time: float) -> None:
        """The telephone went off-hook."""
        self._breaks, self._lifted, self._last_digit = [], time, None

    @staticmethod
    def is_pulse(length: float) -> bool:
        """Whether a break of so many seconds may be one of a dial."""
        return BREAK_S[0] <= length <= BREAK_S[1]

    def add(self, one: Break) -> None:
        """A break of pulse length is over."""
        self._breaks.append(one)

    @property
    def counting(self) -> bool:
        """Whether breaks wait for their digit to be over."""
        return bool(self._breaks)

    def finish(self) -> tuple[str | None, Break | None]:
        """The digit that the breaks make, and the first of them; without one it may be a flash.

        Both None where there were no breaks, or more than any digit has.
        """
        breaks, self._breaks = self._breaks, []
        if not breaks or len(breaks) > MOST_PULSES:
            return None, None
        first = breaks[0]
        if len(breaks) == 1 and first.length >= self._flash_min and not self._is_one(first):
            return None, first
        self._last_digit = first.start
        return str(len(breaks) % 10), first

    def _is_one(self, lone: Break) -> bool:
        if self._last_digit is not None and lone.start - self._last_digit <= DIAL_IN_USE_S:
            return True
        return lone.length <= LONE_PULSE_S and lone.start - self._lifted <= DIALLING_S

"""Sound that waits in memory for a medium: what all calls hold together has a bound.

While every medium is full, failing or away, calls are recorded all the same, and those that end
wait for a medium. Days of that would fill the memory; the kernel would then end the recorder, and
all of it would be lost. So the oldest sound goes first, and its call says so.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from typing import Protocol

# Of the machine's memory: 55 MB of the 440 MB that a Raspberry Pi Zero 2 W gives, which is an hour
# at 8 kHz. Recorder, page and system need about 300 MB there; Python needs a fifth more for it.
SHARE = 8
MOST_BYTES = 2**28  # a large machine does not keep a day of sound that the next power cut takes
LEAST_BYTES = 2**24
FLOOR = 64  # this share of the bound is left to the running call while other sound can go


class Waits(Protocol):
    """A call whose sound waits, wholly or in part."""

    @property
    def id(self) -> str:
        """The call's id."""

    @property
    def rate(self) -> int:
        """Samples per second."""

    @property
    def waiting_bytes(self) -> int:
        """What of it no medium has confirmed."""

    @property
    def over(self) -> bool:
        """Whether the call has ended."""

    @property
    def flagged(self) -> bool:
        """Whether the owner marked it."""

    @property
    def moving(self) -> bool:
        """Whether a medium takes it just now."""

    def settle(self) -> None:
        """Let go of what a medium has confirmed meanwhile."""

    def shed(self, count: int) -> int:
        """Let its oldest sound go, `count` bytes or a little more; how many bytes went."""


def bound(memory: int | None = None) -> int:
    """How many bytes of sound may wait on a machine with so much memory, by default this one."""
    if memory is None:
        memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(MOST_BYTES, max(LEAST_BYTES, memory // SHARE))


class Waiting:
    """All calls with sound that waits, the oldest first. `limit`: bytes, together.

    `shed`: how many bytes had to go, and `shed_s`: how many seconds, since `forget`.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.limit = bound() if limit is None else limit
        self.shed = 0
        self.shed_s = 0.0
        self._shed_of: set[str] = set()
        self._calls: list[Waits] = []

    def __iter__(self) -> Iterator[Waits]:
        return iter(self._calls)

    @property
    def total(self) -> int:
        """Bytes that wait now."""
        return sum(one.waiting_bytes for one in self._calls)

    @property
    def words(self) -> str:
        """What had to go, for the owner; empty where nothing had to."""
        if not self.shed:
            return ""
        count = len(self._shed_of)
        calls = "1 call" if count == 1 else f"{count} calls"
        return (
            f"{math.ceil(self.shed_s)} s of {calls} could not be kept: no medium took them, and the"
            " box's memory has an end. Each call says what is missing. Free some space, or plug in"
            " a medium; flagged calls are kept longest."
        )

    def join(self, call: Waits) -> None:
        """A call begins."""
        self._calls.append(call)

    def leave(self, call: Waits) -> None:
        """A call is on a medium, or was erased."""
        if call in self._calls:
            self._calls.remove(call)

    def forget(self) -> None:
        """The owner was told long enough."""
        self.shed, self.shed_s = 0, 0.0
        self._shed_of.clear()

    def keep_within(self, count: int = 0) -> None:
        """Make room for `count` bytes more: let go what is above the bound."""
        if self.total + count <= self.limit:
            return
        for one in self._calls:
            one.settle()
        above = self.total + count - self.limit
        while above > 0 and (chosen := self._next()) is not None:
            call, most = chosen
            went = call.shed(min(above, most))
            if not went:
                return
            self.shed += went
            self.shed_s += went / 2 / call.rate
            self._shed_of.add(call.id)
            above -= went

    def _next(self) -> tuple[Waits, int] | None:
        """Whose sound goes next, and how much of it at most.

        Calls that are over before the one that runs, which keeps a little; flagged ones last; one
        that a medium takes just now after those that wait. Of equal ones the oldest.
        """
        floor = self.limit // FLOOR
        choices = []
        for age, one in enumerate(self._calls):
            if not (held := one.waiting_bytes):
                continue
            if one.over:
                choices.append(((2 * one.flagged, one.moving, age), one, held))
            elif not one.flagged and held > floor:
                choices.append(((1, False, age), one, held - floor))
            else:
                choices.append(((3, False, age), one, held))
        if not choices:
            return None
        _, call, most = min(choices, key=lambda choice: choice[0])
        return call, most

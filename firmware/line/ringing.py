"""Ringing: at least three edges at 15-68 Hz (the band of ringing voltage, TIA-968 B type)."""

from __future__ import annotations

from firmware.events import LineEvent, RingBurst, RingStarted

LONGEST_CYCLE_S = 1 / 15
SHORTEST_CYCLE_S = 0.99 / 68  # 0.15 ms for the detector's own jitter (found by simulation)
EDGES = 3
BOUNCE_S = 0.003  # an edge so soon after another belongs to it
QUIET_S = 0.15


class RingClassifier:
    """Pure: edges of the ring detector and time in, RingStarted and RingBurst out."""

    def __init__(self) -> None:
        self._first = 0.0
        self._last: float | None = None
        self._seen = float("-inf")
        self._count = 0
        self.valid = False

    def suspected(self, now: float) -> bool:
        """Whether there may be ringing voltage: the hook cannot be judged then."""
        return self._last is not None and now - self._last < QUIET_S

    def edge(self, active: bool, time: float) -> list[LineEvent]:
        """The detector's output changed; only its rising edges are counted."""
        found = self.tick(time)
        if not active:
            return found
        since, self._seen = time - self._seen, time
        if since < BOUNCE_S:
            return found
        if self._last is not None:
            cycle = time - self._last
            if cycle < SHORTEST_CYCLE_S and self.valid:
                return found
            if not SHORTEST_CYCLE_S <= cycle <= LONGEST_CYCLE_S and not self.valid:
                self._last = None
        if self._last is None:
            self._first, self._count = time, 0
        self._last = time
        self._count += 1
        if self._count == EDGES and not self.valid:
            self.valid = True
            found.append(RingStarted(self._first))
        return found

    def tick(self, now: float) -> list[LineEvent]:
        """Let time pass."""
        if self._last is None or now - self._last < QUIET_S:
            return []
        first, last, count = self._first, self._last, self._count
        was_valid, self.valid, self._last = self.valid, False, None
        if not was_valid:
            return []
        frequency = (count - 1) / (last - first)
        return [RingBurst(last, round(last - first, 4), round(frequency, 1))]

    def deadline(self) -> float | None:
        """When `tick` is wanted next."""
        return None if self._last is None else self._last + QUIET_S

"""Contact bounce: a change counts when it has lasted; its time is when it began."""

from __future__ import annotations


class Debouncer:
    """Pure: edges and time in, settled changes out. `level` is the settled level."""

    def __init__(self, level: bool, hold_s: float) -> None:
        self.level = level
        self._hold = hold_s
        self._pending: float | None = None

    def edge(self, level: bool, time: float) -> list[tuple[bool, float]]:
        """The input changed at `time` (monotonic seconds); the changes that settled before."""
        settled = self.tick(time)
        if level == self.level:
            self._pending = None
        elif self._pending is None:
            self._pending = time
        return settled + (self.tick(time) if self._hold == 0 else [])

    def tick(self, now: float) -> list[tuple[bool, float]]:
        """Let time pass."""
        if self._pending is None or now < self._pending + self._hold:
            return []
        begun, self._pending = self._pending, None
        self.level = not self.level
        return [(self.level, begun)]

    def deadline(self) -> float | None:
        """When `tick` is wanted next."""
        return None if self._pending is None else self._pending + self._hold

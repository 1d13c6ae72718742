"""The pre-roll ring: the last seconds of the stream, so that no call's start is missing."""

from __future__ import annotations

from collections import deque

from firmware.audio.frames import Gap, Period


class PreRollRing:
    """Holds at least `seconds` of the stream at `rate` samples per second."""

    def __init__(self, seconds: float, rate: int) -> None:
        self._room = round(seconds * rate)
        self._rate = rate
        self._items: deque[Period | Gap] = deque()

    def append(self, item: Period | Gap) -> None:
        """Take the next item and let go what is older than the room."""
        self._items.append(item)
        oldest_wanted = item.end - self._room
        while self._items and self._items[0].end <= oldest_wanted:
            self._items.popleft()

    def since(self, first: int) -> list[Period | Gap]:
        """What is held from stream index `first` on; the first item is cut to begin there."""
        found: list[Period | Gap] = []
        for item in self._items:
            if item.end <= first:
                continue
            skip = max(0, first - item.first)
            at = item.time + skip / self._rate
            if isinstance(item, Gap):
                found.append(Gap(item.first + skip, item.count - skip, item.reason, at))
            else:
                found.append(Period(item.first + skip, item.samples[skip:], at))
        return found

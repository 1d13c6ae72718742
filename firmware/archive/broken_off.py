"""The call that a restart of the recorder broke off, and that may go on."""

from __future__ import annotations

from typing import Any

from firmware.archive.leftovers import LeftCall

OF_THE_SOUND = (
    *("parts", "frames_expected", "frames_stored", "gaps", "clipped"),
    "duration_s",
)


class BrokenOff:
    """None, or the unfinished call of seconds ago. `watched_since`: when the line began to be
    watched; what is off-hook at once was so before it."""

    def __init__(self) -> None:
        self._left: LeftCall | None = None
        self.watched_since = 0.0

    def __bool__(self) -> bool:
        return self._left is not None

    def start(self, left: list[LeftCall], boot_id: str, now: float) -> None:
        """The recorder starts: take the newest of what was left, if it may go on."""
        self.watched_since = now
        if left and boot_id and left[-1].goes_on(boot_id, now):
            self._left = left.pop()

    def give_up(self) -> LeftCall | None:
        """It is over: what is to be recovered."""
        left, self._left = self._left, None
        return left

    def record(self, off_hook_by: float) -> dict[str, Any] | None:
        """Its record, where the line was off-hook from the start on."""
        if self._left is None or self.watched_since < off_hook_by:
            return None
        return self._left.record()

    def go_on(self, record: dict[str, Any]) -> tuple[dict[str, Any], tuple[Any, ...]] | None:
        """The record with which its recording goes on, and what the recording must know of what
        there is. `record["audio_monotonic"]`: the time of the first sample that comes now."""
        left = self.give_up()
        if left is None:
            return None
        begun = left.record()
        since = record["audio_monotonic"] - begun["audio_monotonic"]
        offset = max(left.frames, round(since * left.rate))
        kept = {**begun, "outcome": record["outcome"]}
        for key in OF_THE_SOUND:
            kept.pop(key, None)
        return kept, (left.facts(), offset, left.next_part, tuple(left.gaps(offset)))

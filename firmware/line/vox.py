"""Voice activation: a fallback for boards without hook detection.

It cannot tell incoming from outgoing, nor a pause from a hang-up; the page says that it is used.
"""

from __future__ import annotations

from firmware.events import LineEvent, OffHook, OnHook

ATTACK_S = 0.3
LAPSE_S = 0.5


class VoxDetector:
    """Pure: levels in, OffHook and OnHook out. `hang_s` of silence end a call."""

    def __init__(self, threshold_dbm0: float = -40.0, hang_s: float = 15.0) -> None:
        self._threshold = threshold_dbm0
        self._hang = hang_s
        self._voice_since: float | None = None
        self._voice_last = 0.0
        self.active = False

    def release_call(self) -> None:
        """The call that was found is over, though sound may go on: that would be another call."""
        if self.active:
            self.active, self._voice_since = False, None

    def feed(self, level_dbm0: float, time: float) -> list[LineEvent]:
        """The level of one period that began at `time`."""
        loud = level_dbm0 >= self._threshold
        if self._voice_since is not None and time - self._voice_last > LAPSE_S and not self.active:
            self._voice_since = None
        if loud:
            if self._voice_since is None:
                self._voice_since = time
            self._voice_last = time
            if not self.active and time - self._voice_since >= ATTACK_S:
                self.active = True
                return [OffHook(self._voice_since)]
        elif self.active and time - self._voice_last >= self._hang:
            self.active, self._voice_since = False, None
            return [OnHook(time)]
        return []

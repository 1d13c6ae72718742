"""The three lamps: what the box does, by steady light and blink patterns.

| state | ok (green) | rec (red) | fault (yellow) |
| --- | --- | --- | --- |
| idle | steady | | |
| ringing | blinks fast | | |
| recording | steady | steady | |
| flagged | steady | blinks slowly | |
| private | steady | blinks fast | |
| fault | | | blinks slowly |
"""

from __future__ import annotations

from typing import Any

from firmware.line.errors import PinError
from firmware.line.profile import HatProfile

STEADY, FAST, SLOW = None, 0.2, 0.7
PATTERNS: dict[str, dict[str, float | None]] = {
    "idle": {"ok": STEADY},
    "ringing": {"ok": FAST},
    "recording": {"ok": STEADY, "rec": STEADY},
    "flagged": {"ok": STEADY, "rec": SLOW},
    "private": {"ok": STEADY, "rec": FAST},
    "fault": {"fault": SLOW},
}


class Lamps:
    """Raises PinError where a pin cannot be used."""

    def __init__(self, profile: HatProfile, pin_factory: Any) -> None:
        from gpiozero import LED

        self._lamps: dict[str, Any] = {}
        self._shown: tuple[str, bool] | None = None
        for name, pin in profile.lamps.items():
            try:
                self._lamps[name] = LED(pin, pin_factory=pin_factory)
            except Exception as error:  # each pin factory has errors of its own
                self.close()
                raise PinError(f"GPIO {pin} (lamp {name}) cannot be used: {error}") from error

    def show(self, state: str, fault: bool = False) -> None:
        """Show a state of the table; `fault` blinks the fault lamp beside it."""
        if (state, fault) == self._shown:
            return
        self._shown = (state, fault)
        pattern = dict(PATTERNS[state])
        if fault:
            pattern["fault"] = SLOW
        for name, lamp in self._lamps.items():
            if name not in pattern:
                lamp.off()
            elif (period := pattern[name]) is None:
                lamp.on()
            else:
                lamp.blink(on_time=period, off_time=period)

    def close(self) -> None:
        """Lamps off, pins free."""
        for lamp in self._lamps.values():
            lamp.close()
        self._lamps.clear()

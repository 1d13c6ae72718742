"""What hook edges mean: off-hook, on-hook, hook flash, or the digits of a rotary dial.

A break is an interruption of the loop: of a dial (see `firmware.signals.pulse`), of a recall
button (ETSI timed break 50-130 ms, US hook flash 300-1000 ms), or the end of the call.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.events import HookFlash, LineEvent, OffHook, OnHook, PulseDigit
from firmware.signals.pulse import DIGIT_OVER_S, MAKE_S, Break, PulseReader


@dataclass(frozen=True, slots=True)
class HookSettings:
    """In seconds: a shorter break is no flash, a longer one is a hang-up."""

    flash_max_s: float = 0.35
    flash_min_s: float = 0.045


def settings_for(flash: str) -> HookSettings:
    """The settings of the configuration's word: "etsi" or "us"."""
    return HookSettings(1.1, 0.2) if flash == "us" else HookSettings()


class HookClassifier:
    """Pure: debounced edges and time in, line events out. On-hook at first."""

    def __init__(self, settings: HookSettings | None = None) -> None:
        self._settings = settings or HookSettings()
        self._dial = PulseReader(self._settings.flash_min_s)
        self.off_hook = False
        self._broken: float | None = None
        self._made = 0.0

    def edge(self, off_hook: bool, time: float) -> list[LineEvent]:
        """The loop closed (True) or opened (False) at `time`, monotonic seconds."""
        found = self.tick(time)
        if off_hook and not self.off_hook:
            self.off_hook, self._broken = True, None
            self._dial.lifted(time)
            return [*found, OffHook(time)]
        if not self.off_hook:
            return found
        if not off_hook and self._broken is None:
            if self._dial.counting and time - self._made > MAKE_S:
                found += self._finish_digit()
            self._broken = time
        elif off_hook and self._broken is not None:
            found += self._restored(self._broken, time)
        return found

    def _restored(self, broken: float, time: float) -> list[LineEvent]:
        length = time - broken
        self._broken, self._made = None, time
        if self._dial.is_pulse(length):
            self._dial.add(Break(broken, length))
            return []
        found = self._finish_digit()
        if length >= self._settings.flash_min_s:
            found.append(HookFlash(broken, length))
        return found

    def _finish_digit(self) -> list[LineEvent]:
        digit, first = self._dial.finish()
        if first is None:
            return []
        if digit is None:
            return [HookFlash(first.start, first.length)]
        return [PulseDigit(first.start, digit)]

    def tick(self, now: float) -> list[LineEvent]:
        """Let time pass."""
        found: list[LineEvent] = []
        if self._broken is not None and now - self._broken > self._settings.flash_max_s:
            found += self._finish_digit()
            found.append(OnHook(self._broken))
            self.off_hook, self._broken = False, None
        elif self._dial.counting and self._broken is None and now - self._made >= DIGIT_OVER_S:
            found += self._finish_digit()
        return found

    def deadline(self) -> float | None:
        """When `tick` is wanted next."""
        if self._broken is not None:
            return self._broken + self._settings.flash_max_s
        return self._made + DIGIT_OVER_S if self._dial.counting else None

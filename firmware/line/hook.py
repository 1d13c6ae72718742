"""What hook edges mean: off-hook, on-hook, hook flash, or the digits of a rotary dial.

A break is an interruption of the loop. Pulse dialling makes 8-12 breaks a second with a break of
50-72 % (so 42-90 ms each) and pauses of 300 ms or more between digits; an ETSI timed break lasts
50-130 ms, a US hook flash 300-1000 ms. One break alone of pulse length may be either a dialled 1
or an ETSI flash: it is a 1 while a rotary dial is in use, or when it is shorter than any timed
break is sent (`LONE_PULSE_S`) in the first seconds off-hook; a flash otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.events import HookFlash, LineEvent, OffHook, OnHook, PulseDigit

PULSE_BREAK_S = (0.038, 0.095)  # 0.50/12 s and 0.72/8 s, with 4 ms for the contacts
PULSE_MAKE_S = 0.070  # 0.50/8 s with 7 ms for the contacts
DIGIT_OVER_S = 0.2
LONE_PULSE_S = 0.072
DIAL_IN_USE_S = 10.0
DIALLING_S = 30.0
FLASH_MIN_S = 0.045


@dataclass(frozen=True, slots=True)
class HookSettings:
    """`flash_max_s`: a longer break is a hang-up; 0.35 s where ETSI rules, 1.1 s in the US."""

    flash_max_s: float = 0.35


def settings_for(flash: str) -> HookSettings:
    """The settings of the configuration's word: "etsi" or "us"."""
    return HookSettings(1.1 if flash == "us" else 0.35)


class HookClassifier:
    """Pure: debounced edges and time in, line events out. On-hook at first."""

    def __init__(self, settings: HookSettings | None = None) -> None:
        self._flash_max = (settings or HookSettings()).flash_max_s
        self.off_hook = False
        self._lifted = 0.0
        self._broken: float | None = None
        self._made = 0.0
        self._pulses: list[tuple[float, float]] = []
        self._last_digit: float | None = None

    def edge(self, off_hook: bool, time: float) -> list[LineEvent]:
        """The loop closed (True) or opened (False) at `time`, monotonic seconds."""
        found = self.tick(time)
        if off_hook and not self.off_hook:
            self.off_hook, self._lifted, self._broken = True, time, None
            self._last_digit = None
            return [*found, OffHook(time)]
        if not self.off_hook:
            return found
        if not off_hook and self._broken is None:
            if self._pulses and time - self._made > PULSE_MAKE_S:
                found += self._finish_digit()
            self._broken = time
        elif off_hook and self._broken is not None:
            found += self._restored(self._broken, time)
        return found

    def _restored(self, broken: float, time: float) -> list[LineEvent]:
        length = time - broken
        self._broken, self._made = None, time
        if PULSE_BREAK_S[0] <= length <= PULSE_BREAK_S[1]:
            self._pulses.append((broken, length))
            return []
        found = self._finish_digit()
        if length >= FLASH_MIN_S:
            found.append(HookFlash(broken, length))
        return found

    def _finish_digit(self) -> list[LineEvent]:
        pulses, self._pulses = self._pulses, []
        if not pulses:
            return []
        first, length = pulses[0]
        if len(pulses) == 1 and length >= FLASH_MIN_S and not self._dialled_one(first, length):
            return [HookFlash(first, length)]
        if len(pulses) > 10:
            return []
        self._last_digit = first
        return [PulseDigit(first, str(len(pulses) % 10))]

    def _dialled_one(self, first: float, length: float) -> bool:
        if self._last_digit is not None and first - self._last_digit <= DIAL_IN_USE_S:
            return True
        return length <= LONE_PULSE_S and first - self._lifted <= DIALLING_S

    def tick(self, now: float) -> list[LineEvent]:
        """Let time pass."""
        found: list[LineEvent] = []
        if self._broken is not None and now - self._broken > self._flash_max:
            found += self._finish_digit()
            found.append(OnHook(self._broken))
            self.off_hook, self._broken = False, None
        elif self._pulses and self._broken is None and now - self._made >= DIGIT_OVER_S:
            found += self._finish_digit()
        return found

    def deadline(self) -> float | None:
        """When `tick` is wanted next."""
        if self._broken is not None:
            return self._broken + self._flash_max
        return self._made + DIGIT_OVER_S if self._pulses else None

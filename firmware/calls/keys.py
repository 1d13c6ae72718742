"""Codes dialled on the own telephone during a call, told from what the far end sends. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from firmware.events import DtmfDigit


@dataclass(slots=True)
class KeyCodes:
    """Codes dialled on the own telephone during a call: "*7" and so on; off where there are none.

    A digit of the own telephone reaches the box before the line weakens it: below `own_dbm0` it is
    taken for the far end's and does nothing. On a short line both can be as loud: then a far end
    may flag a call, which harms nobody, but `private` should stay off.
    """

    codes: dict[str, str] = field(default_factory=dict)
    own_dbm0: float = -14.0
    within_s: float = 3.0
    after_dialling_s: float = 8.0
    _last: float | None = None
    _seen: str = ""
    _quiet_since: float = 0.0

    def begin(self, time: float, dialling: bool) -> None:
        """A call has begun; while it is dialled, `*` may be a service code of the network."""
        self._seen, self._last = "", None
        self._quiet_since = time if dialling else time - self.after_dialling_s

    def heard(self, time: float, digit: DtmfDigit) -> str | None:
        """What the digit completes: flag, private, announce; None for everything else."""
        if not self.codes or digit.level_dbm0 < self.own_dbm0:
            return None
        pause = time - self._quiet_since
        if digit.digit != "*" and not self._seen:
            if pause < self.after_dialling_s:
                self._quiet_since = time  # a number is being dialled still
            return None
        if digit.digit == "*" and pause < self.after_dialling_s:
            self._quiet_since = time
            return None
        if self._last is not None and time - self._last > self.within_s:
            self._seen = ""
        self._seen, self._last = self._seen + digit.digit, time
        for meaning, code in self.codes.items():
            if self._seen.endswith(code):
                self._seen = ""
                return meaning
        self._seen = self._seen[-2:]
        return None

"""The vocabulary: everything that can happen on a telephone line.

Line events carry `time`, seconds on the recorder's monotonic clock. Signal events come from
decoders, which know no clock: they carry `start` and `end` in samples of the stream they were fed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LineEvent:
    """Something the line interface saw; `time` in monotonic seconds."""

    time: float


class RingStarted(LineEvent):
    """Ringing voltage is valid: at least three edges at 15-68 Hz."""


@dataclass(frozen=True, slots=True)
class RingBurst(LineEvent):
    """One burst of ringing is over; `time` is its end, `duration` in seconds, `frequency` in Hz."""

    duration: float
    frequency: float


class OffHook(LineEvent):
    """A telephone on the line was lifted."""


class OnHook(LineEvent):
    """The line has been on-hook for longer than a hook flash; `time` is when it went on-hook."""


@dataclass(frozen=True, slots=True)
class HookFlash(LineEvent):
    """A timed break (ETSI 50-130 ms, US 300-1000 ms); `duration` in seconds, `time` its start."""

    duration: float


@dataclass(frozen=True, slots=True)
class PulseDigit(LineEvent):
    """One digit of pulse dialling; `time` is its first break."""

    digit: str


class LineReversal(LineEvent):
    """Tip and ring changed polarity."""


class LineCut(LineEvent):
    """No feed voltage: cut or unplugged."""


class LineRestored(LineEvent):
    """The feed voltage is back."""


class FlagPressed(LineEvent):
    """A short press of the flag button."""


class PrivatePressed(LineEvent):
    """A long press of the flag button."""


@dataclass(frozen=True, slots=True)
class Signal:
    """Something a decoder heard, from sample `start` up to but not including `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class DtmfDigit(Signal):
    """One DTMF digit; `level_dbm0` is the sum of both tones."""

    digit: str
    level_dbm0: float


@dataclass(frozen=True, slots=True)
class CallerId(Signal):
    """A caller-ID message. Texts are hostile: control characters are already removed.

    `standard`: bellcore-sdmf, bellcore-mdmf, etsi-v23, ntt or dtmf. `kind`: call, message-waiting,
    advice-of-charge, short-message or other: only a call has the caller's number. `number_absent`
    and `name_absent` say why there is none: withheld, unavailable, not decoded, not sent. `when` is
    MMDDHHMM as it was sent, believable or not. `parameters`: everything else the message says, by
    the standard's names.
    """

    standard: str
    kind: str = "call"
    parameters: tuple[tuple[str, str], ...] = ()
    number: str | None = None
    name: str | None = None
    when: str | None = None
    number_absent: str | None = None
    name_absent: str | None = None
    raw_hex: str = ""


@dataclass(frozen=True, slots=True)
class ToneStarted(Signal):
    """A tone is known to sound since `start`; told at `end`, as early as it is certain."""

    name: str
    plan: str
    level_dbm0: float = 0.0


@dataclass(frozen=True, slots=True)
class Tone(Signal):
    """A call progress or fax tone that is over, told once for all its bursts.

    `name`: dial, busy, ringback, reorder, sit, cng or ced; `plan`: the country whose tone plan it
    fits, or ITU for the tones that are the same everywhere.
    """

    name: str
    plan: str
    level_dbm0: float = 0.0


@dataclass(frozen=True, slots=True)
class AlertingTone(Signal):
    """CAS or DT-AS: 2130 and 2750 Hz together."""

    level_dbm0: float


@dataclass(frozen=True, slots=True)
class Heard:
    """A signal placed on the monotonic clock by the recorder.

    `time` is the signal's start, `until` its end (its start, where it is left out).
    """

    time: float
    signal: Signal
    until: float | None = None

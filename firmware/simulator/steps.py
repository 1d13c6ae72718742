"""The steps of a scenario: what the exchange, the telephone and the two people can do.

Times are seconds, levels dBm0. Steps follow one another; a step with `background = true` starts
at its turn and the next one does not wait for it (`join` does).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from firmware.simulator.generators.dtmf import DIGITS
from firmware.simulator.generators.tones import EVERYWHERE, NAMES, PLANS
from firmware.simulator.rules import (
    Choice,
    Number,
    Text,
    Whole,
    YesNo,
    parameter,
    required,
)

_LEVEL = Number(-80.0, 3.0, "dBm0")
_SECONDS = Number(0.001, 3600.0, "seconds")
_HERTZ = Number(10.0, 100.0, "Hz")
_DTMF = Text(f"[{DIGITS.replace('*', chr(92) + '*')}]+", f"one or more DTMF digits of {DIGITS}")
_ABSENT = Choice(("", "O", "P"))


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens."""

    def complaint(self) -> str | None:
        """What is wrong with values that are right one by one."""
        return None


@dataclass(frozen=True, slots=True)
class Ring(Step):
    """Ringing: bursts of `on` seconds with `off` between them; the last may be cut short."""

    bursts: int = parameter(1, Whole(1, 60))
    on: float = parameter(1.0, Number(0.1, 10.0, "seconds"))
    off: float = parameter(4.0, Number(0.1, 10.0, "seconds"))
    last: float = parameter(0.0, Number(0.0, 10.0, "seconds"))
    frequency: float = parameter(25.0, Number(15.0, 68.0, "Hz"))
    level: float = parameter(-30.0, _LEVEL)


@dataclass(frozen=True, slots=True)
class CallerIdBurst(Step):
    """A caller-ID transmission. `time` is MMDDHHMM; absent: O unavailable, P withheld."""

    standard: str = parameter("bellcore", Choice(("bellcore", "v23", "dtmf")))
    format: str = parameter("mdmf", Choice(("mdmf", "sdmf")))
    number: str = parameter("", Text(said="text"))
    name: str = parameter("", Text(said="text"))
    time: str = parameter("", Text(r"(\d{8})?", "eight digits MMDDHHMM"))
    number_absent: str = parameter("", _ABSENT)
    name_absent: str = parameter("", _ABSENT)
    more: str = parameter(
        "", Text(r"(([0-9a-f]{2}){2,}( |$))*", "parameters in hex: code, then the value's bytes")
    )
    spoil: str = parameter("none", Choice(("none", "checksum", "garbage")))
    seizure: int = parameter(300, Whole(0, 1000))
    mark: int = parameter(180, Whole(0, 1000))
    level: float = parameter(-13.5, _LEVEL)
    twist: float = parameter(0.0, Number(-20.0, 20.0, "dB"))
    start: str = parameter("A", Choice(("A", "B", "C", "D")))
    end: str = parameter("C", Choice(("C", "D", "#")))

    def complaint(self) -> str | None:
        if self.standard == "dtmf" and not (self.number and self.number.isdigit()):
            return "number: expected one or more digits, as standard is 'dtmf'"
        if self.standard != "dtmf" and self.format == "sdmf" and len(self.time) != 8:
            return "time: expected eight digits MMDDHHMM, as format is 'sdmf'"
        return None


@dataclass(frozen=True, slots=True)
class LiftHandset(Step):
    """The telephone goes off-hook."""


@dataclass(frozen=True, slots=True)
class HangUp(Step):
    """The telephone goes on-hook; both voices end."""


@dataclass(frozen=True, slots=True)
class DialDtmf(Step):
    """DTMF from the telephone; `twist` is column over row in dB."""

    digits: str = required(_DTMF)
    on: float = parameter(0.08, Number(0.01, 10.0, "seconds"))
    off: float = parameter(0.08, Number(0.0, 10.0, "seconds"))
    level: float = parameter(-8.0, _LEVEL)
    twist: float = parameter(2.0, Number(-20.0, 20.0, "dB"))
    deviation: float = parameter(0.0, Number(-0.1, 0.1))


@dataclass(frozen=True, slots=True)
class DialPulses(Step):
    """A rotary dial: breaks of the loop, `gap` seconds after each digit."""

    digits: str = required(Text(r"\d+", "one or more digits 0-9"))
    rate: float = parameter(10.0, Number(7.0, 22.0, "pulses a second"))
    break_ratio: float = parameter(0.6, Number(0.4, 0.8))
    gap: float = parameter(0.8, Number(0.2, 10.0, "seconds"))


@dataclass(frozen=True, slots=True)
class Flash(Step):
    """A timed break of the loop."""

    duration: float = parameter(0.1, Number(0.01, 1.5, "seconds"))


@dataclass(frozen=True, slots=True)
class Say(Step):
    """One of the two people speaks: a built-in voice, or a sound file beside the scenario."""

    voice: str = required(Text(r"[^\0]+", "the name of a voice"))
    side: str = parameter("near", Choice(("near", "far")))
    level: float = parameter(-16.0, _LEVEL)
    background: bool = parameter(False, YesNo())


@dataclass(frozen=True, slots=True)
class PlayTone(Step):
    """A tone of the exchange; `level` is that of each frequency."""

    name: str = required(Choice(NAMES))
    plan: str = parameter("pl", Choice(tuple(PLANS)))
    duration: float = parameter(0.0, Number(0.0, 3600.0, "seconds"))
    level: float = parameter(-13.0, _LEVEL)
    deviation: float = parameter(0.0, Number(-0.1, 0.1))
    background: bool = parameter(False, YesNo())

    def complaint(self) -> str | None:
        if self.duration == 0.0 and self.name not in ("cas", "dt-as", "sit"):
            return f"duration: expected {_SECONDS.describe()}, as {self.name!r} has no end"
        return None

    @property
    def length(self) -> float:
        """The duration, or that of one run of the cadence."""
        return self.duration or sum(part.on for part in EVERYWHERE[self.name])


@dataclass(frozen=True, slots=True)
class Silence(Step):
    """Nothing, for `duration`, or until `after_ring` seconds after the last ring burst."""

    duration: float = parameter(0.0, Number(0.0, 3600.0, "seconds"))
    after_ring: float = parameter(0.0, Number(0.0, 60.0, "seconds"))

    def complaint(self) -> str | None:
        if (self.duration > 0.0) == (self.after_ring > 0.0):
            return "expected either duration or after_ring"
        return None


@dataclass(frozen=True, slots=True)
class Join(Step):
    """Wait for everything that was started in the background."""


@dataclass(frozen=True, slots=True)
class Reversal(Step):
    """Tip and ring change places."""


@dataclass(frozen=True, slots=True)
class Cut(Step):
    """The pair is cut: no feed, no loop current, no voices."""


@dataclass(frozen=True, slots=True)
class Restore(Step):
    """The pair is whole again."""


@dataclass(frozen=True, slots=True)
class PressFlag(Step):
    """The owner presses the flag button."""

    duration: float = parameter(0.2, Number(0.02, 10.0, "seconds"))


@dataclass(frozen=True, slots=True)
class Noise(Step):
    """White noise from now on, for `duration` or to the end; the next step does not wait."""

    level: float = required(_LEVEL)
    duration: float = parameter(0.0, Number(0.0, 3600.0, "seconds"))


@dataclass(frozen=True, slots=True)
class Hum(Step):
    """Mains hum from now on, for `duration` or to the end; the next step does not wait."""

    level: float = required(_LEVEL)
    frequency: float = parameter(50.0, _HERTZ)
    duration: float = parameter(0.0, Number(0.0, 3600.0, "seconds"))


STEPS: Mapping[str, type[Step]] = MappingProxyType(
    {
        "ring": Ring,
        "caller_id": CallerIdBurst,
        "off_hook": LiftHandset,
        "on_hook": HangUp,
        "dial_dtmf": DialDtmf,
        "dial_pulses": DialPulses,
        "flash": Flash,
        "say": Say,
        "tone": PlayTone,
        "silence": Silence,
        "join": Join,
        "reversal": Reversal,
        "cut": Cut,
        "restore": Restore,
        "press_flag": PressFlag,
        "noise": Noise,
        "hum": Hum,
    }
)
"""What `do` may be."""


def out_of_order(steps: tuple[Step, ...]) -> tuple[int, str] | None:
    """The first step (from 1) that cannot happen on a real line when its turn comes, and why."""
    lifted, whole, rung = False, True, False
    for number, step in enumerate(steps, 1):
        match step:
            case LiftHandset() if lifted:
                return number, "off_hook: expected a telephone on the hook; it is off already"
            case HangUp() if not lifted:
                return number, "on_hook: expected a telephone off the hook; it is on already"
            case Ring() if lifted or not whole:
                return number, "ring: expected a telephone on the hook and a whole line"
            case DialDtmf() | Say() if not lifted:
                return number, "expected an off_hook before it"
            case DialPulses() | Flash() if not (lifted and whole):
                return number, "expected an off_hook before it and a whole line"
            case Cut() if not whole:
                return number, "cut: expected a whole line; it is cut already"
            case Restore() if whole:
                return number, "restore: expected a cut before it"
            case Silence(after_ring=after) if after > 0.0 and not rung:
                return number, "after_ring: expected a ring before it"
        match step:
            case LiftHandset():
                lifted = True
            case HangUp():
                lifted = False
            case Cut():
                whole = False
            case Restore():
                whole = True
            case Ring():
                rung = True
    return None

"""What the state machine decides; the recorder carries it out. `time` in monotonic seconds."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.calls.call import Call


@dataclass(frozen=True, slots=True)
class StartRecording:
    """Record from the off-hook at `time` (and the pre-roll before it)."""

    time: float


@dataclass(frozen=True, slots=True)
class StopRecording:
    """The call's last sample was at `time`."""

    time: float


@dataclass(frozen=True, slots=True)
class EraseRecording:
    """The running call was made private: its audio goes."""

    time: float


@dataclass(frozen=True, slots=True)
class Finished:
    """A call that was off-hook is over."""

    call: Call


@dataclass(frozen=True, slots=True)
class Missed:
    """Nobody answered: a row without audio."""

    call: Call


@dataclass(frozen=True, slots=True)
class FlagRunning:
    """The running call was flagged: it must survive a power cut from now on."""

    time: float


@dataclass(frozen=True, slots=True)
class FlagLast:
    """Flag the call that ended last."""

    time: float


@dataclass(frozen=True, slots=True)
class RaiseAlarm:
    """Something the owner must see."""

    kind: str
    time: float


@dataclass(frozen=True, slots=True)
class ClearAlarm:
    """That is over."""

    kind: str
    time: float


@dataclass(frozen=True, slots=True)
class StateChanged:
    """The line is now idle, ringing, incall, stuck or cut."""

    state: str
    time: float
    call: Call | None


Decision = (
    StartRecording
    | StopRecording
    | EraseRecording
    | Finished
    | Missed
    | FlagRunning
    | FlagLast
    | RaiseAlarm
    | ClearAlarm
    | StateChanged
)

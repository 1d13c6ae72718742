"""The call state machine: line events and signals in, decisions out.

Deterministic: the same events at the same times give the same decisions. It never reads a clock;
`deadline()` says when `tick()` is wanted next.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.calls.call import Call, Direction, Outcome
from firmware.calls.decisions import (
    ClearAlarm,
    Decision,
    EraseRecording,
    Finished,
    FlagLast,
    FlagRunning,
    Missed,
    RaiseAlarm,
    StartRecording,
    StateChanged,
    StopRecording,
)
from firmware.events import (
    AlertingTone,
    CallerId,
    DtmfDigit,
    FlagPressed,
    Heard,
    HookFlash,
    LineCut,
    LineEvent,
    LineRestored,
    LineReversal,
    OffHook,
    OnHook,
    PrivatePressed,
    PulseDigit,
    RingBurst,
    RingStarted,
    Signal,
    Tone,
)

OFF_HOOK_ALARM = "off-hook-too-long"
CUT_ALARM = "line-cut"


@dataclass(frozen=True, slots=True)
class CallSettings:
    """All in seconds."""

    ring_timeout_s: float = 8.0
    off_hook_alarm_s: float = 3600.0
    off_hook_limit_s: float = 14400.0
    flag_last_s: float = 600.0
    dialling_s: float = 60.0


class CallMachine:
    """`state` is idle, ringing, incall, stuck or cut; `call` is the running call."""

    def __init__(self, settings: CallSettings | None = None) -> None:
        self._settings = settings or CallSettings()
        self.state = "idle"
        self.call: Call | None = None
        self._quiet_at = 0.0
        self._last_ended: float | None = None
        self._early: CallerId | None = None
        self._early_at = 0.0

    def deadline(self) -> float | None:
        """When `tick()` is wanted, in monotonic seconds; None while nothing is awaited."""
        if self.state == "ringing":
            return self._quiet_at
        if self.state == "incall" and self.call is not None and self.call.off_hook is not None:
            limit = self._settings
            wait = limit.off_hook_limit_s
            if not self.call.off_hook_too_long:
                wait = min(wait, limit.off_hook_alarm_s)
            return self.call.off_hook + wait
        return None

    def tick(self, now: float) -> list[Decision]:
        """Let time pass."""
        made: list[Decision] = []
        while (due := self.deadline()) is not None and now >= due:
            call = self.call
            if call is None:
                return made
            if self.state == "ringing":
                made += self._miss(due)
            elif not call.off_hook_too_long and due < self._limit(call):
                call.off_hook_too_long = True
                made.append(RaiseAlarm(OFF_HOOK_ALARM, due))
            else:
                if not call.off_hook_too_long:
                    call.off_hook_too_long = True
                    made.append(RaiseAlarm(OFF_HOOK_ALARM, due))
                made += self._end(due, Outcome.TOO_LONG, "stuck")
        return made

    def _limit(self, call: Call) -> float:
        begun = call.off_hook if call.off_hook is not None else call.started
        return begun + self._settings.off_hook_limit_s

    def handle(self, event: LineEvent | Heard) -> list[Decision]:
        """Take one event; events come in the order of their times."""
        made = self.tick(event.time)
        match event:
            case RingStarted() | RingBurst():
                made += self._restored(event.time) + self._ring(event)
            case OffHook():
                made += self._restored(event.time) + self._lift(event.time)
            case OnHook():
                made += self._hang_up(event.time)
            case LineCut():
                made += self._cut(event.time)
            case LineRestored():
                made += self._restored(event.time)
            case FlagPressed():
                made += self._flag(event.time)
            case PrivatePressed():
                made += self._make_private(event.time)
            case HookFlash() | LineReversal() | PulseDigit():
                self._note(event)
            case Heard():
                made += self._hear(event.time, event.signal)
        return made

    def shutdown(self, now: float) -> list[Decision]:
        """The recorder stops: a running call is closed as unfinished."""
        made = self.tick(now)
        if self.state == "ringing":
            made += self._miss(now)
        elif self.state == "incall":
            made += self._end(now, Outcome.UNFINISHED, "idle")
        return made

    def _turn(self, state: str, time: float) -> StateChanged:
        self.state = state
        return StateChanged(state, time, self.call)

    def _ring(self, event: LineEvent) -> list[Decision]:
        made: list[Decision] = []
        if self.state not in ("idle", "ringing"):
            return made
        if self.state == "idle":
            started = event.time - (event.duration if isinstance(event, RingBurst) else 0.0)
            self.call = Call(Direction.INCOMING, started)
            if self._early is not None and started - self._early_at < self._settings.ring_timeout_s:
                self._identify(self._early)
            self._early = None
            made.append(self._turn("ringing", event.time))
        if self.call is not None and isinstance(event, RingBurst):
            self.call.rings += 1
        self._quiet_at = event.time + self._settings.ring_timeout_s
        return made

    def _lift(self, time: float) -> list[Decision]:
        if self.state not in ("idle", "ringing"):
            return []
        if self.call is None:
            self.call = Call(Direction.OUTGOING, time)
        self.call.off_hook = time
        made: list[Decision] = [self._turn("incall", time)]
        made.append(StartRecording(time))
        return made

    def _hang_up(self, time: float) -> list[Decision]:
        if self.state == "stuck":
            return [ClearAlarm(OFF_HOOK_ALARM, time), self._turn("idle", time)]
        if self.state != "incall" or self.call is None:
            return []
        made: list[Decision] = []
        if self.call.off_hook_too_long:
            made.append(ClearAlarm(OFF_HOOK_ALARM, time))
        return made + self._end(time, Outcome.ANSWERED, "idle")

    def _end(self, time: float, outcome: Outcome, state: str) -> list[Decision]:
        call = self.call
        if call is None:
            return []
        call.ended = time
        last = call.offset(time)
        call.hook_events = [one for one in call.hook_events if one["offset"] <= last]
        if call.direction is Direction.OUTGOING and call.dialled:
            call.number = call.dialled
        call.outcome = Outcome.PRIVATE if call.private else outcome
        self.call = None
        self._last_ended = time
        made: list[Decision] = [] if call.private else [StopRecording(time)]
        return [*made, Finished(call), self._turn(state, time)]

    def _miss(self, time: float) -> list[Decision]:
        call = self.call
        if call is None:
            return []
        call.ended = time
        call.outcome = Outcome.MISSED
        self.call = None
        self._last_ended = time
        return [Missed(call), self._turn("idle", time)]

    def _cut(self, time: float) -> list[Decision]:
        if self.state == "cut":
            return []
        made: list[Decision] = []
        if self.state == "ringing":
            made += self._miss(time)
        elif self.state == "incall":
            if self.call is not None and self.call.off_hook_too_long:
                made.append(ClearAlarm(OFF_HOOK_ALARM, time))
            made += self._end(time, Outcome.LINE_CUT, "idle")
        return [*made, RaiseAlarm(CUT_ALARM, time), self._turn("cut", time)]

    def _restored(self, time: float) -> list[Decision]:
        """A call on a line that looks cut proves it whole: it is recorded."""
        if self.state != "cut":
            return []
        return [ClearAlarm(CUT_ALARM, time), self._turn("idle", time)]

    def _flag(self, time: float) -> list[Decision]:
        if self.state == "incall" and self.call is not None:
            self.call.flags.append(self.call.offset(time))
            return [FlagRunning(time)]
        if self._last_ended is not None and time - self._last_ended <= self._settings.flag_last_s:
            return [FlagLast(time)]
        return []

    def _make_private(self, time: float) -> list[Decision]:
        if self.state != "incall" or self.call is None or self.call.private:
            return []
        self.call.private = True
        return [EraseRecording(time)]

    def _note(self, event: HookFlash | LineReversal | PulseDigit) -> None:
        if self.call is None:
            return
        if isinstance(event, PulseDigit):
            if self.call.direction is Direction.OUTGOING:
                self.call.dialled += event.digit
            return
        kind = "flash" if isinstance(event, HookFlash) else "reversal"
        self.call.hook_events.append({"kind": kind, "offset": self.call.offset(event.time)})

    def _hear(self, time: float, signal: Signal) -> list[Decision]:
        if isinstance(signal, CallerId):
            if self.state == "idle":
                self._early, self._early_at = signal, time
            elif self.state == "incall" and self.call is not None:
                self.call.waiting.append(
                    {
                        "number": signal.number,
                        "name": signal.name,
                        "offset": self.call.offset(time),
                    }
                )
            else:
                self._identify(signal)
            return []
        call = self.call
        if call is None or self.state != "incall":
            return []
        offset = call.offset(time)
        if isinstance(signal, DtmfDigit):
            call.tones.append({"kind": "dtmf", "digit": signal.digit, "offset": offset})
            if call.direction is Direction.OUTGOING and offset <= self._settings.dialling_s:
                call.dialled += signal.digit
        elif isinstance(signal, Tone):
            call.tones.append({"kind": signal.name, "plan": signal.plan, "offset": offset})
        elif isinstance(signal, AlertingTone):
            call.tones.append({"kind": "cas", "offset": offset})
        return []

    def _identify(self, signal: CallerId) -> None:
        call = self.call
        if call is None:
            return
        call.caller_id_raw = signal.raw_hex
        call.number, call.name = signal.number, signal.name
        call.number_absent, call.name_absent = signal.number_absent, signal.name_absent
        call.caller_ids.append({"standard": signal.standard, "when": signal.when})

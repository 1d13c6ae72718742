"""The call state machine: line events and signals in, decisions out.

Deterministic: the same events at the same times give the same decisions. It never reads a clock;
`deadline()` says when `tick()` is wanted next.
"""

from __future__ import annotations

from dataclasses import dataclass

from firmware.calls import tones
from firmware.calls.call import Call, Direction, Outcome
from firmware.calls.callers import Early, identify, keep, wait_in_line
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
from firmware.calls.progress import CallProgress
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
    ToneStarted,
)

OFF_HOOK_ALARM = "off-hook-too-long"
CUT_ALARM = "line-cut"
FAR_END_GONE = ("busy", "reorder")
BEFORE_S = 1.0  # a tone that began so long before the off-hook is still one of the call


@dataclass(frozen=True, slots=True)
class CallSettings:
    """All in seconds. `hook_seen`: off-hook and on-hook are detected, not guessed from sound."""

    ring_timeout_s: float = 8.0
    off_hook_alarm_s: float = 3600.0
    off_hook_limit_s: float = 14400.0
    flag_last_s: float = 600.0
    dialling_s: float = 60.0
    hook_seen: bool = True


class CallMachine:
    """`state` is idle, ringing, incall, stuck or cut; `call` is the running call.

    `hook_seen` may change between calls: a board whose pins fail is listened to instead.
    """

    def __init__(self, settings: CallSettings | None = None) -> None:
        self._settings = settings or CallSettings()
        self.hook_seen = self._settings.hook_seen
        self.state = "idle"
        self.call: Call | None = None
        self._quiet_at = 0.0
        self._last_ended: float | None = None
        self._early = Early()
        self._progress: CallProgress | None = None
        self._gone = False  # busy or reorder tone sounds

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
            case Heard(signal=CallerId(kind=kind) as message) if kind != "call":
                if self.call is not None:
                    keep(self.call, message)
            case HookFlash() | LineReversal() | PulseDigit():
                self._note(event)
            case Heard():
                until = event.time if event.until is None else event.until
                made += self._hear(event.time, until, event.signal)
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
        self._gone = False  # the line rings: whatever tone there was is over
        if self.state not in ("idle", "ringing"):
            return made
        if self.state == "idle":
            started = event.time - (event.duration if isinstance(event, RingBurst) else 0.0)
            self.call = Call(Direction.INCOMING, started)
            if (early := self._take_early(started)) is not None:
                identify(self.call, early)
            made.append(self._turn("ringing", event.time))
        if self.call is not None and isinstance(event, RingBurst):
            self.call.rings += 1
        self._quiet_at = event.time + self._settings.ring_timeout_s
        return made

    def _lift(self, time: float) -> list[Decision]:
        if self.state not in ("idle", "ringing"):
            return []
        if self._gone and not self.hook_seen:
            return []  # what VOX took for a call is the busy tone of the last one
        if self.call is None and not self.hook_seen and (early := self._take_early(time)):
            self.call = Call(Direction.INCOMING, time)
            identify(self.call, early)
        elif self.call is None:
            self.call = Call(Direction.OUTGOING, time)
            self._progress = CallProgress(time)
        else:
            self.call.answered = True
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
        if self._progress is not None:
            told, call.answered = self._progress.verdict(time)
            outcome = told if outcome is Outcome.ANSWERED else outcome
        elif call.answered is None and outcome is Outcome.ANSWERED:
            outcome = Outcome.UNKNOWN  # found by voice: it may have been ringing only
        call.outcome = Outcome.PRIVATE if call.private else outcome
        self.call, self._progress = None, None
        self._last_ended = time
        made: list[Decision] = [] if call.private else [StopRecording(time)]
        return [*made, Finished(call), self._turn(state, time)]

    def _miss(self, time: float) -> list[Decision]:
        call = self.call
        if call is None:
            return []
        call.ended = time
        call.outcome, call.answered = Outcome.MISSED, False
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
                if self._progress is not None:
                    self._progress.digit(event.time)
            return
        if isinstance(event, LineReversal) and self._progress is not None:
            self._progress.polarity()
        kind = "flash" if isinstance(event, HookFlash) else "reversal"
        self.call.hook_events.append({"kind": kind, "offset": self.call.offset(event.time)})

    def _hear(self, time: float, until: float, signal: Signal) -> list[Decision]:
        if isinstance(signal, CallerId):
            self._hear_caller(time, signal)
            return []
        if isinstance(signal, Tone | ToneStarted) and signal.name in FAR_END_GONE:
            self._gone = isinstance(signal, ToneStarted)
        call = self.call
        if call is None or self.state != "incall":
            return []
        offset = call.offset(time)
        if isinstance(signal, DtmfDigit):
            call.tones.append({"kind": "dtmf", "digit": signal.digit, "offset": offset})
            self._dial(call, signal.digit, time)
        elif isinstance(signal, AlertingTone):
            call.tones.append({"kind": "cas", "offset": offset})
        elif isinstance(signal, ToneStarted):
            return self._tone_began(call, time, until, signal)
        elif isinstance(signal, Tone) and offset >= -BEFORE_S:
            self._tone_over(call, time, until, signal)
        return []

    def _hear_caller(self, time: float, signal: CallerId) -> None:
        if self.state == "idle":
            self._early.hold(signal, time)
        elif self.state == "incall" and self.call is not None and self._called_in(time):
            self.call.direction, self._progress = Direction.INCOMING, None
            self.call.answered = None
            identify(self.call, signal)
        elif self.state == "incall" and self.call is not None:
            wait_in_line(self.call, signal, time)
        elif self.call is not None:
            identify(self.call, signal)

    def _take_early(self, started: float) -> CallerId | None:
        return self._early.take(started, self._settings.ring_timeout_s)

    def _called_in(self, time: float) -> bool:
        """Whether a caller's message tells who calls here: by voice, it is heard as the call."""
        call = self.call
        if self.hook_seen or call is None or call.dialled or call.direction is Direction.INCOMING:
            return False
        return call.offset(time) < self._settings.ring_timeout_s

    def _dial(self, call: Call, digit: str, time: float) -> None:
        """Digits make the number until the exchange answers them or the time is over."""
        progress = self._progress
        if progress is None or progress.connecting:
            return
        if call.offset(time) <= self._settings.dialling_s:
            call.dialled += digit
            progress.digit(time)

    def _tone_began(
        self, call: Call, time: float, until: float, signal: ToneStarted
    ) -> list[Decision]:
        tones.began(call, time, signal)
        if self._progress is not None:
            self._progress.began(signal.name, time)
        if signal.name in FAR_END_GONE and not self.hook_seen:
            return self._end(until, Outcome.ANSWERED, "idle")
        return []

    def _tone_over(self, call: Call, time: float, until: float, signal: Tone) -> None:
        if self._progress is not None:
            self._progress.over(signal.name, until)
        tones.over(call, time, until, signal)

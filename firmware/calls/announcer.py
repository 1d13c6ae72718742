"""When to play an announcement or a beep into the line: pure, events and time in, sounds out."""

from __future__ import annotations

from dataclasses import dataclass

from firmware.calls.consent import ConsentSettings, Plan, plan
from firmware.events import (
    AlertingTone,
    Heard,
    HookFlash,
    LineCut,
    LineEvent,
    LineReversal,
    OffHook,
    OnHook,
    RingBurst,
    RingStarted,
    Tone,
    ToneStarted,
)

BEEP_EVERY_S = 15.0
WAITING_S = 20.0
"""After a call-waiting tone nobody knows who is on the line until this long has passed."""
RING_S = 8.0
FAR_END_GONE = ("dial", "busy", "reorder", "sit")


@dataclass(frozen=True, slots=True)
class PlayAnnouncement:
    """Play the announcement now; `time` in monotonic seconds."""

    time: float


@dataclass(frozen=True, slots=True)
class PlayBeep:
    """Play the beep now."""

    time: float


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Be silent at once: it is not sure any more who hears it."""

    time: float


Play = PlayAnnouncement | PlayBeep | StopPlaying


@dataclass(slots=True)
class Announcer:
    """Says when to play. It plays only while it is certain that two people are talking: an incoming
    call from its answer on; an outgoing one from the exchange's line reversal on, or when the owner
    asks. A call-waiting tone or a hook flash ends the certainty for a while, a tone of the exchange
    for the rest of the call."""

    settings: ConsentSettings
    _plan: Plan | None = None
    _incoming: bool = False
    _rang: float | None = None
    _certain: bool = False
    _announced: bool = False
    _doubt_until: float = 0.0
    _next_beep: float | None = None
    _number: str | None = None
    _wanted: str | None = None
    _off_hook: bool = False
    _reversed: bool = False

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds."""
        if not self._off_hook or self._plan is None or not self._certain:
            return None
        waits = []
        if self._next_beep is not None:
            waits.append(max(self._next_beep, self._doubt_until))
        if self._plan.announce and not self._announced:
            waits.append(self._doubt_until)
        return min(waits, default=None)

    def identify(self, number: str | None, wanted: str | None = None) -> None:
        """The other side's number is known, and what the owner wants with it."""
        self._number, self._wanted = number, wanted
        if self._off_hook:
            self._plan = self._planned()
            if not self._plan.beep:
                self._next_beep = None

    def refuse(self, time: float) -> list[Play]:
        """Nothing is recorded of this call after all: there is nothing to announce."""
        self._certain, self._next_beep = False, None
        return [StopPlaying(time)] if self._off_hook else []

    def handle(self, event: LineEvent | Heard) -> list[Play]:
        """Take one event, in the order of their times."""
        match event:
            case RingStarted() | RingBurst():
                if not self._off_hook:
                    self._rang = event.time
                return []
            case OffHook():
                return self._lifted(event.time)
            case OnHook() | LineCut():
                return self.over(event.time)
            case LineReversal():
                if self._off_hook and not self._incoming and not self._reversed:
                    self._certain = self._reversed = True
                    return self._begin(event.time)
                return []  # the second one says that the far end hung up
            case HookFlash():
                return self._doubt(event.time)
            case Heard(signal=AlertingTone()):
                return self._doubt(event.time)
            case Heard(signal=Tone(name=name) | ToneStarted(name=name)) if name in FAR_END_GONE:
                was, self._certain = self._certain, False
                return [StopPlaying(event.time)] if was else []
        return []

    def tick(self, now: float) -> list[Play]:
        """Let time pass."""
        if not self._off_hook or self._plan is None or now < self._doubt_until:
            return []
        made = self._begin(now) if self._certain and not self._announced else []
        if self._certain and self._next_beep is not None and now >= self._next_beep:
            self._next_beep = now + BEEP_EVERY_S
            made.append(PlayBeep(now))
        return made

    def why_not(self, now: float) -> str:
        """Why nothing can be announced now: no-call or doubt; empty where it can."""
        if not self._off_hook:
            return "no-call"
        return "doubt" if now < self._doubt_until else ""

    def announce_now(self, now: float) -> list[Play]:
        """The owner asks for it, by key or on the page; refused in a doubtful moment."""
        if self.why_not(now):
            return []
        self._certain = self._announced = True
        return [PlayAnnouncement(now)]

    def _planned(self) -> Plan:
        way = "incoming" if self._incoming else "outgoing"
        return plan(self.settings, way, self._number, self._wanted)

    def _lifted(self, time: float) -> list[Play]:
        self._off_hook = True
        self._incoming = self._rang is not None and time - self._rang <= RING_S
        self._certain = self._incoming
        self._plan = self._planned()
        return self._begin(time) if self._certain else []

    def _begin(self, time: float) -> list[Play]:
        """The call is certain: announce where the plan says so, and start the beeps' clock."""
        if self._plan is None or time < self._doubt_until:
            return []
        if self._plan.beep and self._next_beep is None:
            self._next_beep = time + BEEP_EVERY_S
        if not self._plan.announce or self._announced:
            return []
        self._announced = True
        return [PlayAnnouncement(time)]

    def _doubt(self, time: float) -> list[Play]:
        self._doubt_until = time + WAITING_S
        if self._next_beep is not None:
            self._next_beep = max(self._next_beep, self._doubt_until)
        return [StopPlaying(time)] if self._off_hook else []

    def over(self, time: float) -> list[Play]:
        """The call is over, by a hang-up or by what was heard."""
        was = self._off_hook
        self._plan, self._rang, self._number, self._wanted = None, None, None, None
        self._off_hook = self._certain = self._announced = False
        self._incoming = self._reversed = False
        self._doubt_until, self._next_beep = 0.0, None
        return [StopPlaying(time)] if was else []

"""Consent: who must know that a call is recorded, and when to say so. Pure decisions.

Nothing here makes a recording lawful: a rule is data with its statute and source, and an
announcement tells people what is done.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from firmware.events import (
    AlertingTone,
    DtmfDigit,
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
)

BEEP_EVERY_S = 15.0
WAITING_S = 20.0
"""After a call-waiting tone nobody knows who is on the line until this long has passed."""
RING_S = 8.0


class Must(StrEnum):
    """Who must know."""

    ONE = "one"
    ALL = "all"


class Start(StrEnum):
    """What the box does by default: record, record and announce, or wait for its owner."""

    RECORD = "record"
    ANNOUNCE = "announce"
    WAIT = "wait"


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the data: a country or state."""

    place: str
    name: str
    must: Must
    start: Start
    statute: str
    source: str
    business_start: Start
    business_statute: str
    note: str = ""

    @property
    def strictness(self) -> tuple[int, int]:
        """For comparing two places."""
        order = (Start.RECORD, Start.ANNOUNCE, Start.WAIT)
        return (int(self.must is Must.ALL), order.index(self.start))


@dataclass(frozen=True, slots=True)
class ConsentSettings:
    """`announce`, `beep`: the directions that the owner chose, None where he chose nothing and the
    rule decides. `always`, `never_announced`, `never_recorded`: numbers. `confirmed`: the owner has
    set up an announcement in a place where the box waits for one."""

    rule: Rule
    business: bool = False
    announce: frozenset[str] | None = None
    beep: frozenset[str] = frozenset()
    always: tuple[str, ...] = ()
    never_announced: tuple[str, ...] = ()
    never_recorded: tuple[str, ...] = ()
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done about one call. `why` names the rule or the choice, for the call's record."""

    record: bool
    announce: bool
    beep: bool
    why: str


def same(number: str | None, others: Iterable[str]) -> bool:
    """Whether the number is one of them, with and without its country's code."""
    own = re.sub(r"\D", "", number or "")
    for other in others:
        digits = re.sub(r"\D", "", other)
        if not own or not digits:
            continue
        if own == digits or (min(len(own), len(digits)) >= 9 and own[-9:] == digits[-9:]):
            return True
    return False


def plan(settings: ConsentSettings, direction: str, number: str | None) -> Plan:
    """Decide about a call; `direction`: incoming or outgoing."""
    rule = settings.rule
    if same(number, settings.never_recorded):
        return Plan(False, False, False, "never-recorded-number")
    start = rule.business_start if settings.business else rule.start
    if start is Start.RECORD and rule.start is not Start.RECORD:
        start = rule.start
    if rule.start is Start.WAIT and not settings.confirmed:
        return Plan(False, False, False, f"{rule.place}: not armed until an announcement is set up")
    announce = start is not Start.RECORD
    why = f"{rule.place}: {'business' if settings.business else 'home'}, {start}"
    if settings.announce is not None:
        chosen = direction in settings.announce
        if announce and not chosen and rule.start is Start.WAIT:
            return Plan(False, False, False, f"{rule.place}: not recorded without an announcement")
        announce, why = chosen, f"{rule.place}: the owner's choice"
    if same(number, settings.never_announced) and rule.start is not Start.WAIT:
        announce, why = False, "never-announced-number"
    if same(number, settings.always):
        announce, why = True, "always-announced-number"
    return Plan(True, announce, direction in settings.beep, why)


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
    asks. A call-waiting tone or a hook flash ends the certainty for a while."""

    settings: ConsentSettings
    _plan: Plan | None = None
    _incoming: bool = False
    _rang: float | None = None
    _certain: bool = False
    _announced: bool = False
    _doubt_until: float = 0.0
    _next_beep: float | None = None
    _number: str | None = None
    _off_hook: bool = False
    played: list[dict[str, Any]] = field(default_factory=list)

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds."""
        if not self._off_hook or self._plan is None:
            return None
        waits = [] if self._next_beep is None else [self._next_beep]
        if self._certain and self._plan.announce and not self._announced:
            waits.append(self._doubt_until)
        return min(waits, default=None)

    def identify(self, number: str | None) -> None:
        """The other side's number is known."""
        self._number = number

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
                return self._over(event.time)
            case LineReversal():
                if self._off_hook and not self._incoming and not self._certain:
                    self._certain = True
                    return self._begin(event.time)
                return []
            case HookFlash():
                return self._doubt(event.time)
            case Heard(signal=AlertingTone()):
                return self._doubt(event.time)
            case Heard(signal=Tone(name=name)) if name in ("dial", "busy", "reorder", "sit"):
                self._certain = False
                return []
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

    def announce_now(self, now: float) -> list[Play]:
        """The owner asks for it, by key or on the page; refused in a doubtful moment."""
        if not self._off_hook or now < self._doubt_until:
            return []
        self._certain = self._announced = True
        return [PlayAnnouncement(now)]

    def _lifted(self, time: float) -> list[Play]:
        self._off_hook = True
        self._incoming = self._rang is not None and time - self._rang <= RING_S
        self._certain = self._incoming
        self._plan = plan(self.settings, "incoming" if self._incoming else "outgoing", self._number)
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

    def _over(self, time: float) -> list[Play]:
        was = self._off_hook
        self._plan, self._rang, self._number = None, None, None
        self._off_hook = self._certain = self._announced = self._incoming = False
        self._doubt_until, self._next_beep = 0.0, None
        return [StopPlaying(time)] if was else []


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

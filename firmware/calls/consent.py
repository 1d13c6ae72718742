"""Consent: who must know that a call is recorded, and when to say so. Pure decisions.

Nothing here makes a recording lawful: a rule is data with its statute and source, and an
announcement tells people what is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from firmware.calls.number import ANY
from firmware.calls.number_rules import same

NEVER, HOLD = "never", "hold"


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
    set up an announcement in a place where the box waits for one. `country`: of the numbers."""

    rule: Rule
    business: bool = False
    announce: frozenset[str] | None = None
    beep: frozenset[str] = frozenset()
    always: tuple[str, ...] = ()
    never_announced: tuple[str, ...] = ()
    never_recorded: tuple[str, ...] = ()
    confirmed: bool = False
    country: str = ANY


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done about one call. `why` names the rule or the choice, for the call's record.

    `refused`: why it is not recorded: never-recorded, not-armed or not-announced; else empty.
    `hold`: the owner wants every call of this number kept.
    """

    announce: bool
    beep: bool
    why: str
    refused: str = ""
    hold: bool = False

    @property
    def record(self) -> bool:
        """Whether there may be audio of the call."""
        return not self.refused


def plan(
    settings: ConsentSettings, direction: str, number: str | None, wanted: str | None = None
) -> Plan:
    """Decide about a call. `direction`: incoming or outgoing; `wanted`: the owner's rule for this
    number among his contacts: never or hold."""
    if wanted == NEVER or same(number, settings.never_recorded, settings.country):
        return Plan(False, False, "never-recorded-number", "never-recorded")
    made = _by_place(settings, direction, number)
    return replace(made, hold=wanted == HOLD and made.record)


def _by_place(settings: ConsentSettings, direction: str, number: str | None) -> Plan:
    rule = settings.rule
    start = rule.business_start if settings.business else rule.start
    if start is Start.RECORD and rule.start is not Start.RECORD:
        start = rule.start
    if rule.start is Start.WAIT and not settings.confirmed:
        why = f"{rule.place}: not armed until an announcement is set up"
        return Plan(False, False, why, "not-armed")
    announce = start is not Start.RECORD
    why = f"{rule.place}: {'business' if settings.business else 'home'}, {start}"
    if settings.announce is not None:
        chosen = direction in settings.announce
        if announce and not chosen and rule.start is Start.WAIT:
            why = f"{rule.place}: not recorded without an announcement"
            return Plan(False, False, why, "not-announced")
        announce, why = chosen, f"{rule.place}: the owner's choice"
    waits = rule.start is Start.WAIT
    if same(number, settings.never_announced, settings.country) and not waits:
        announce, why = False, "never-announced-number"
    if same(number, settings.always, settings.country):
        announce, why = True, "always-announced-number"
    return Plan(announce, direction in settings.beep, why)

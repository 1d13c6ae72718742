"""The consent desk of a running recorder: it decides, plays, and keeps account.

The recorder tells it every event and asks it before it records; it never touches the recording.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from firmware.audio.frames import Samples
from firmware.audio.playout import Played
from firmware.calls.announcer import Announcer, Play, PlayAnnouncement, PlayBeep, StopPlaying
from firmware.calls.consent import Plan, plan
from firmware.calls.keys import KeyCodes
from firmware.config import Config
from firmware.consent_ledger import LedgerCheck, Playing, ledger, name_of
from firmware.consent_terms import Terms
from firmware.events import (
    DtmfDigit,
    FlagPressed,
    Heard,
    LineEvent,
    OffHook,
    OnHook,
    PrivatePressed,
    RingBurst,
)

RING_S = 8.0
KEPT_SOUNDS = 8  # a master may be made after the owner has chosen another announcement
WHY_NOT = {
    "no-call": "No call is running.",
    "doubt": "A call is waiting, or the hook was flashed a moment ago: nobody can be sure who would"
    " hear it. Try again in 20 seconds.",
    "no-card": "No card is set up to play into the line (consent.playout in the configuration).",
    "busy": "Another sound is being played into the line.",
    "late": "The recorder is busy: the announcement was not played. Try again.",
    "refused": "This call is not recorded: there is nothing to announce.",
}
StartSound = Callable[[str, Samples], bool]


class ConsentDesk:
    """`start(name, samples)` plays and says whether it could begin; `stop()` is silence."""

    def __init__(
        self,
        config: Config,
        terms: Terms,
        start: StartSound,
        stop: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = config.consent
        self._start = start
        self._stop = stop
        self._clock = clock
        codes = {
            "flag": chosen.key_flag,
            "private": chosen.key_private,
            "announce": chosen.key_announce,
        }
        self._keys = KeyCodes(codes if chosen.keys == "on" else {}, chosen.key_own_dbm0)
        self._may_play = bool(chosen.playout)
        self._sounds: dict[str, Samples] = {}
        self._rang: float | None = None
        self._refused = False
        self._playings: list[Playing] = []
        self._terms = self._taken(terms)
        self._announcer = Announcer(terms.settings)

    def _taken(self, terms: Terms) -> Terms:
        for sound in (terms.announcement, terms.beep):
            name = name_of(sound)
            self._sounds = {**self._sounds, name: sound}
        newest = list(self._sounds)[-KEPT_SOUNDS:]
        self._sounds = {name: self._sounds[name] for name in newest}
        return terms

    def renew(self, terms: Terms) -> None:
        """Other terms hold from now on; a call that runs is announced as it began."""
        self._terms = self._taken(terms)
        self._announcer.settings = terms.settings

    def plan(self, direction: str, number: str | None) -> Plan:
        """What is done about a call; where `record` is false, what there is of it is erased."""
        return plan(self._terms.settings, direction, number, self._terms.numbers.rule(number))

    def identify(self, number: str | None) -> None:
        """The other side's number, as soon as it is known."""
        self._announcer.identify(number, self._terms.numbers.rule(number))

    def refuse(self, now: float) -> None:
        """The running call is not recorded: nothing more is played into it."""
        self._refused = True
        self._carry_out(self._announcer.refuse(now))

    def take(self, event: LineEvent | Heard) -> list[LineEvent]:
        """Take an event of the line; what a key code means comes back as the button's own event."""
        made: list[LineEvent] = []
        if isinstance(event, RingBurst):
            self._rang = event.time
        elif isinstance(event, OffHook):
            self._playings, self._refused = [], False
            ringing = self._rang is not None and event.time - self._rang <= RING_S
            self._keys.begin(event.time, dialling=not ringing)
        elif isinstance(event, OnHook):
            self._rang = None
        elif isinstance(event, Heard) and isinstance(event.signal, DtmfDigit):
            made = self._key(event.time, event.signal)
        self._carry_out(self._announcer.handle(event))
        return made

    def over(self, now: float) -> None:
        """The call is over, whatever the hook does: nothing more is played into it."""
        self._carry_out(self._announcer.over(now))

    def _key(self, time_: float, digit: DtmfDigit) -> list[LineEvent]:
        match self._keys.heard(time_, digit):
            case "flag":
                return [FlagPressed(time_)]
            case "private":
                return [PrivatePressed(time_)]
            case "announce":
                self.announce_now(self._clock())
        return []

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds."""
        return self._announcer.deadline()

    def tick(self, now: float) -> None:
        """Let time pass."""
        self._carry_out(self._announcer.tick(now))

    def why_not(self, now: float) -> str:
        """Why nothing can be announced now, a key of `WHY_NOT`; empty where it can."""
        if not self._may_play:
            return "no-card"
        if self._refused:
            return "refused"
        return self._announcer.why_not(now)

    def announce_now(self, now: float) -> str:
        """The owner asks for the announcement; why it cannot be played now, or ""."""
        if why := self.why_not(now):
            return why
        before = len(self._playings)
        self._carry_out(self._announcer.announce_now(now))
        return "busy" if any(one.error for one in self._playings[before:]) else ""

    def _carry_out(self, plays: list[Play]) -> None:
        for play in plays:
            match play:
                case StopPlaying():
                    self._stop()
                case PlayAnnouncement():
                    self._sound_out("announcement", self._terms.announcement)
                case PlayBeep():
                    self._sound_out("beep", self._terms.beep)

    def _sound_out(self, name: str, samples: Samples) -> None:
        made = Playing(name, self._clock(), len(samples), name_of(samples))
        if not self._may_play:
            made.error = "no card is set up to play into the line"
        elif not self._start(name, samples):
            if name == "beep":
                return  # the sound that plays tells as much
            made.error = "another sound was playing"
        self._playings.append(made)

    def played(self, done: Played) -> None:
        """What the play-out says when a sound is over; why it failed, or how much of it came."""
        for one in reversed(self._playings):
            if one.what == done.name and not one.error and one.at <= done.started:
                one.error = done.error
                one.frames = done.frames
                return

    def playings(self) -> list[Playing]:
        """What was played into the call that runs, or ran last."""
        return self._playings

    def ledger(self, decided: Plan, earlier: list[dict[str, Any]]) -> dict[str, Any]:
        """The call's ledger so far, before anybody has listened. `earlier`: what was played into
        the same call before the recorder was started anew."""
        return ledger(self._terms.settings.rule, decided, self._playings, earlier)

    def listen(self, record: dict[str, Any]) -> LedgerCheck | None:
        """Who listens to the recording of a call while its master is made; any thread may ask."""
        return LedgerCheck.of(record, self._sounds)

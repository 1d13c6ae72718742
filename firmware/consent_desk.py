"""The consent desk of a running recorder: it decides, plays, and keeps account.

The recorder tells it every event and asks it before it records; it never touches the recording.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.audio import announce
from firmware.audio.errors import AudioError
from firmware.audio.frames import Samples
from firmware.audio.playout import Played
from firmware.calls.consent import (
    Announcer,
    ConsentSettings,
    KeyCodes,
    Plan,
    Play,
    PlayAnnouncement,
    PlayBeep,
    StopPlaying,
    plan,
)
from firmware.config import Config, ConsentConfig
from firmware.consent_ledger import Playing, ledger, not_heard
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
from firmware.law import rule_for

SIDES: dict[str, frozenset[str] | None] = {
    "rule": None,
    "none": frozenset(),
    "incoming": frozenset({"incoming"}),
    "outgoing": frozenset({"outgoing"}),
    "both": frozenset({"incoming", "outgoing"}),
}
RING_S = 8.0
StartSound = Callable[[str, Samples], bool]


def settings_of(config: ConsentConfig) -> ConsentSettings:
    """The owner's choices. Raises UnknownPlace."""

    def numbers(text: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in text.split(",") if one.strip())

    return ConsentSettings(
        rule=rule_for(config.place),
        business=config.use == "business",
        announce=SIDES[config.announce],
        beep=SIDES[config.beep] or frozenset(),
        always=numbers(config.always_announced),
        never_announced=numbers(config.never_announced),
        never_recorded=numbers(config.never_recorded),
        confirmed=config.armed == "yes",
    )


class ConsentDesk:
    """`start(name, samples)` plays and says whether it could begin; `stop()` is silence.

    `trouble`: why the owner's announcement cannot be played; empty where all is well. Raises
    UnknownPlace at construction.
    """

    def __init__(
        self,
        config: Config,
        rate: int,
        start: StartSound,
        stop: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = config.consent
        self._rate = rate
        self._start = start
        self._stop = stop
        self._clock = clock
        self._settings = settings_of(chosen)
        self._announcer = Announcer(self._settings)
        codes = {
            "flag": chosen.key_flag,
            "private": chosen.key_private,
            "announce": chosen.key_announce,
        }
        self._keys = KeyCodes(codes if chosen.keys == "on" else {}, chosen.key_own_dbm0)
        self._may_play = bool(chosen.playout)
        self.trouble = ""
        gain = chosen.playout_gain_db
        self._beep = announce.beep(rate, gain)
        self._announcement = self._sound(chosen.announcement, gain)
        self._rang: float | None = None
        self._playings: list[tuple[str, float, str]] = []
        self._plan: Plan | None = None

    def _sound(self, name: str, gain_db: float) -> Samples:
        if name not in announce.LANGUAGES:
            try:
                return announce.own_announcement(Path(name), self._rate, gain_db)
            except AudioError as error:
                self.trouble = f"{error} The English announcement is played instead."
                name = "en"
        return announce.announcement(name, self._rate, gain_db)

    def identify(self, number: str | None) -> None:
        """The other side's number, as soon as it is known."""
        self._announcer.identify(number)

    def plan(self, direction: str, number: str | None) -> Plan:
        """Whether this call is recorded; asked before a recording begins, and again when more of
        the number is known: `record` False means that what there is of it is erased."""
        self._plan = plan(self._settings, direction, number)
        return self._plan

    def take(self, event: LineEvent | Heard) -> list[LineEvent]:
        """Take an event of the line; what a key code means comes back as the button's own event."""
        made: list[LineEvent] = []
        if isinstance(event, RingBurst):
            self._rang = event.time
        elif isinstance(event, OffHook):
            self._playings, self._plan = [], None
            ringing = self._rang is not None and event.time - self._rang <= RING_S
            self._keys.begin(event.time, dialling=not ringing)
        elif isinstance(event, OnHook):
            self._rang = None
        elif isinstance(event, Heard) and isinstance(event.signal, DtmfDigit):
            made = self._key(event.time, event.signal)
        self._carry_out(self._announcer.handle(event))
        return made

    def _key(self, time_: float, digit: DtmfDigit) -> list[LineEvent]:
        match self._keys.heard(time_, digit):
            case "flag":
                return [FlagPressed(time_)]
            case "private":
                return [PrivatePressed(time_)]
            case "announce":
                self.announce_now(time_)
        return []

    def deadline(self) -> float | None:
        """When `tick` is wanted, in monotonic seconds."""
        return self._announcer.deadline()

    def tick(self, now: float) -> None:
        """Let time pass."""
        self._carry_out(self._announcer.tick(now))

    def announce_now(self, now: float) -> bool:
        """The owner asks for the announcement; False where it cannot be played now."""
        if not self._may_play:
            return False
        made = self._announcer.announce_now(now)
        self._carry_out(made)
        return bool(made)

    def _carry_out(self, plays: list[Play]) -> None:
        for play in plays:
            match play:
                case StopPlaying():
                    self._stop()
                case PlayAnnouncement():
                    self._sound_out("announcement", self._announcement)
                case PlayBeep():
                    self._sound_out("beep", self._beep)

    def _sound_out(self, name: str, samples: Samples) -> None:
        now = self._clock()
        if not self._may_play:
            self._playings.append((name, now, "no card is set up to play into the line"))
        elif self._start(name, samples):
            self._playings.append((name, now, ""))
        elif name == "announcement":
            self._playings.append((name, now, "another sound was playing"))

    def played(self, done: Played) -> None:
        """What the play-out says when a sound is over; a failure is kept for the ledger."""
        if not done.error:
            return
        self._playings = [
            (name, at, done.error) if name == done.name and at <= done.started else (name, at, why)
            for name, at, why in self._playings
        ]

    def finished(
        self, recording: Samples, began: float, direction: str, number: str | None
    ) -> tuple[dict[str, Any], str]:
        """The call's ledger for its record, and the alarm's words or "".

        `recording`: (n,) int16 of the whole call; `began`: the monotonic time of its first sample.
        """
        sounds = {"announcement": self._announcement, "beep": self._beep}
        playings = [
            Playing(name, max(0, round((at - began) * self._rate)), sounds[name], why)
            for name, at, why in self._playings
        ]
        decided = self._plan or self.plan(direction, number)
        kept = ledger(self._settings.rule, decided, playings, recording, self._rate)
        return kept, not_heard(kept) if decided.record else ""

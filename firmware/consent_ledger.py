"""The consent ledger of one call: the rule, what was played, and whether it is really audible.

It goes into the call's record as `consent`. What was played and cannot be heard in the recording is
an alarm: somebody was told nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from firmware.audio.announce import BEEP_HZ, BEEP_S
from firmware.audio.frames import Samples
from firmware.calls.consent import Plan, Rule
from firmware.signals.matched import Match, find, find_tone

AUDIBLE_DBM0 = -45.0
AROUND_S = 1.5
SHORTEST_S = 0.3
ALARM = "announcement-not-heard"
NOBODY = ("no-answer", "busy", "congestion", "unobtainable", "not-dialled")
"""Outcomes of a call in which nobody was on the other side."""


@dataclass(slots=True)
class Playing:
    """`what`: "announcement" or "beep"; `at`: when it was begun, in monotonic seconds; `frames`: of
    it that were played; `sound`: which one it was; `error`: why it was not played; `expected`: the
    sample of the recording that it should begin at, None while that is not known."""

    what: str
    at: float
    frames: int
    sound: str
    error: str = ""
    expected: int | None = None


def name_of(samples: Samples) -> str:
    """What tells one sound from another: the beginning of the SHA-256 of its (n,) samples."""
    return hashlib.sha256(samples.astype("<i2").tobytes()).hexdigest()[:16]


def ledger(
    rule: Rule,
    plan: Plan,
    playings: Sequence[Playing],
    earlier: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """What the record keeps, before anybody has listened: `audible` is None."""
    return {
        "place": rule.place,
        "must_know": str(rule.must),
        "statute": rule.statute,
        "why": plan.why,
        "recorded": plan.record,
        "refused": plan.refused,
        "announce": plan.announce,
        "beep": plan.beep,
        "played": [*earlier, *(_entry(one) for one in playings)],
        "not_legal_advice": True,
    }


def _entry(one: Playing) -> dict[str, Any]:
    if one.error:
        return {"what": one.what, "audible": False, "error": one.error}
    return {
        "what": one.what,
        "sound": one.sound,
        "frames": one.frames,
        "expected_from": one.expected,
        "audible": None,
    }


@dataclass(slots=True)
class _Window:
    """The part of the recording in which one sound is looked for."""

    entry: int
    begin: int
    end: int
    samples: list[Samples] = field(default_factory=list)
    taken: int = 0


class LedgerCheck:
    """Hears a recording block by block, in order, and finds what was played in it.

    Only the few seconds around each sound are held, one sound at a time.
    """

    def __init__(self, kept: dict[str, Any], rate: int, sounds: Mapping[str, Samples]) -> None:
        self._kept = kept
        self._rate = rate
        self._sounds = sounds
        self._found: dict[int, dict[str, Any]] = {}
        self._waiting: list[_Window] = []
        self._plan()

    @classmethod
    def of(cls, record: dict[str, Any], sounds: Mapping[str, Samples]) -> LedgerCheck | None:
        """For a call's record; None where nothing was played into it."""
        kept = record.get("consent")
        if not isinstance(kept, dict) or not isinstance(kept.get("played"), list):
            return None
        return cls(kept, int(record["rate"]), sounds) if kept["played"] else None

    def _plan(self) -> None:
        """From where to where each sound is looked for."""
        self._found.clear()
        self._waiting.clear()
        around = round(AROUND_S * self._rate)
        for number, one in enumerate(self._kept["played"]):
            if not isinstance(one, dict) or one.get("audible") is not None:
                continue
            at, sound = one.get("expected_from"), self._sounds.get(str(one.get("sound")))
            if type(at) is not int or sound is None:
                continue  # what it was, or where, is lost: nobody can say whether it was heard
            end = at + len(sound) + around
            self._waiting.append(_Window(number, max(0, at - around), end))
        self._waiting.sort(key=lambda window: window.end)

    def hear(self, at: int, block: Samples) -> None:
        """Take (n,) int16 that begin at sample `at` of the call; from 0 on it is heard anew."""
        if at == 0:
            self._plan()
        end = at + len(block)
        for window in self._waiting:
            if at < window.end and end > window.begin:
                part = block[max(0, window.begin - at) : window.end - at]
                window.samples.append(part)
                window.taken += len(part)
        while self._waiting and self._waiting[0].end <= end:
            self._judge(self._waiting.pop(0))

    def facts(self) -> dict[str, Any]:
        """What goes into the call's record once it was heard whole."""
        while self._waiting:
            self._judge(self._waiting.pop(0))
        played = [
            {**one, **self._found.get(number, {})} if isinstance(one, dict) else one
            for number, one in enumerate(self._kept["played"])
        ]
        return {"consent": {**self._kept, "played": played}}

    def _judge(self, window: _Window) -> None:
        one = self._kept["played"][window.entry]
        sound = self._sounds[str(one["sound"])]
        frames, expected = one.get("frames"), int(one["expected_from"])
        if type(frames) is int:  # it may have been broken off: by a hang-up, by a call that waited
            sound = sound[: max(0, min(frames, window.begin + window.taken - expected))]
        self._found[window.entry] = {"audible": False}
        if len(sound) < SHORTEST_S * self._rate or not window.samples:
            return
        heard = np.concatenate(window.samples).astype(np.float32) / np.float32(32768.0)
        match = _match(str(one["what"]), sound, heard, self._rate)
        if match is None or not match.found or match.level_dbm0 < AUDIBLE_DBM0:
            return
        first = window.begin + match.start
        self._found[window.entry] = {
            "from": first,
            "to": first + len(sound),
            "audible": True,
            "level_dbm0": round(match.level_dbm0, 1),
            "score": round(match.score, 1),
        }


def _match(
    what: str, sound: Samples, around: np.ndarray[Any, np.dtype[np.float32]], rate: int
) -> Match | None:
    if what == "beep":
        return find_tone(around, BEEP_HZ, BEEP_S, rate)
    return find(around, sound.astype(np.float32) / np.float32(32768.0), rate)


def not_heard(record: dict[str, Any]) -> str:
    """The alarm's words for a call's record; empty where all that had to be heard is audible, and
    where nobody was there to hear it."""
    kept = record.get("consent") or {}
    if not kept.get("recorded") or not record.get("audio") or record.get("outcome") in NOBODY:
        return ""
    played = [one for one in kept.get("played") or [] if isinstance(one, dict)]
    silent = [str(one.get("what")) for one in played if one.get("audible") is False]
    if kept.get("announce") and not any(one.get("what") == "announcement" for one in played):
        silent.append("announcement")
    if not silent:
        return ""
    what = " and the ".join(dict.fromkeys(silent))
    why = "; ".join(dict.fromkeys(str(one["error"]) for one in played if one.get("error")))
    return (
        f"The {what} cannot be heard in the recording of the last call. The call was recorded, but"
        f" the other side was told nothing{f' ({why})' if why else ''}: check the play-out."
    )

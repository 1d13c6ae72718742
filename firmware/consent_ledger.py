"""The consent ledger of one call: the rule, what was played, and whether it is really audible.

It goes into the call's record as `consent`. What was played and cannot be heard in the recording is
an alarm: somebody was told nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware.audio.announce import BEEP_HZ, BEEP_S
from firmware.audio.frames import Samples
from firmware.calls.consent import Plan, Rule
from firmware.signals.matched import Match, find, find_tone

AUDIBLE_DBM0 = -45.0
AROUND_S = 1.5
ALARM = "announcement-not-heard"


@dataclass(frozen=True, slots=True)
class Playing:
    """`name`: "announcement" or "beep"; `expected`: the sample of the recording it should begin at;
    `samples`: (n,) int16 as they were played; `error`: why it was not."""

    name: str
    expected: int
    samples: Samples
    error: str = ""


def ledger(
    rule: Rule, plan: Plan, playings: Sequence[Playing], recording: Samples, rate: int
) -> dict[str, Any]:
    """What the record keeps. `recording`: (n,) int16."""
    return {
        "place": rule.place,
        "must_know": str(rule.must),
        "statute": rule.statute,
        "why": plan.why,
        "announce": plan.announce,
        "beep": plan.beep,
        "played": [_checked(one, recording, rate) for one in playings],
        "not_legal_advice": True,
    }


def _checked(one: Playing, recording: Samples, rate: int) -> dict[str, Any]:
    if one.error:
        return {"what": one.name, "audible": False, "error": one.error}
    begin = max(0, one.expected - round(AROUND_S * rate))
    end = one.expected + len(one.samples) + round(AROUND_S * rate)
    around = recording[begin:end].astype(np.float32) / 32768.0
    match = _match(one, around, rate)
    if match is None or not match.found or match.level_dbm0 < AUDIBLE_DBM0:
        return {"what": one.name, "expected_from": one.expected, "audible": False}
    first = begin + match.start
    return {
        "what": one.name,
        "from": first,
        "to": first + len(one.samples),
        "audible": True,
        "level_dbm0": round(match.level_dbm0, 1),
        "score": round(match.score, 1),
    }


def _match(one: Playing, around: np.ndarray[Any, np.dtype[np.float32]], rate: int) -> Match | None:
    if one.name == "beep":
        return find_tone(around, BEEP_HZ, BEEP_S, rate)
    return find(around, one.samples.astype(np.float32) / 32768.0, rate)


def not_heard(kept: dict[str, Any]) -> str:
    """The alarm's words; empty where everything that had to be heard is audible."""
    silent = [one["what"] for one in kept["played"] if not one["audible"]]
    if kept["announce"] and not any(one["what"] == "announcement" for one in kept["played"]):
        silent.append("announcement")
    if not silent:
        return ""
    what = " and the ".join(dict.fromkeys(silent))
    return (
        f"The {what} cannot be heard in the recording of the last call. The call was recorded, but"
        " the other side was told nothing: check the play-out."
    )

"""Whether a call's recording is complete: green, or the reasons why not. A pure look at its record.

One pair of wires carries both voices, mixed. That both were heard can therefore only be guessed:
two people on a line are as a rule not equally loud, so a long call whose talk spurts all have one
level may lack a voice. The words say that it is a guess.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from firmware.archive.gaps import NOT_STORED

SILENT_DBM0 = -45  # not one frame in a hundred is louder: nobody is heard
SILENT_AFTER_S = 5.0
CLIPPED_SHARE = 0.001
ONE_SIDED_AFTER_S = 60.0
ONE_SIDED_SPURTS = 10
ONE_SIDED_SPREAD_DB = 3


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a recording is not complete: a code for programs, words for people."""

    code: str
    words: str


def judge(record: dict[str, Any]) -> list[Reason]:
    """The reasons against the recording; none: it is complete. Rows without audio have none."""
    if record.get("kind") == "blind" or record.get("outcome") == "missed" or record.get("private"):
        return []
    if record.get("deleted_at") or record.get("refused"):
        return []
    if not record.get("audio"):
        why = ": no medium could store it" if _not_stored(record) else ""
        return [Reason("no-audio", f"There is no audio of this call{why}.")]
    return [
        *_frames(record),
        *_start(record),
        *_voices(record),
        *_clipping(record),
        *_clock(record),
    ]


def _not_stored(record: dict[str, Any]) -> bool:
    gaps = record.get("gaps") or []
    return any(str(gap.get("reason")).startswith(NOT_STORED) for gap in gaps)


def _seconds(record: dict[str, Any], frames: float) -> str:
    return f"{frames / (record.get('rate') or 8000):.1f} s"


def _frames(record: dict[str, Any]) -> list[Reason]:
    found = []
    expected, stored = record.get("frames_expected"), record.get("frames_stored")
    if expected is None or stored is None:
        found.append(Reason("frames", "How many samples there should be is not known."))
    elif stored < expected:
        lost = _seconds(record, expected - stored)
        found.append(Reason("frames", f"{lost} of it are missing; silence stands in their place."))
    if record.get("outcome") == "unfinished":
        found.append(Reason("unfinished", "The recording was cut off before the call was over."))
    for one in record.get("damage") or []:
        found.append(Reason("damage", f"The recording is damaged: {one.get('words')}."))
    return found


def _start(record: dict[str, Any]) -> list[Reason]:
    if (record.get("preroll_s") or 0) > 0:
        return []
    return [Reason("start", "The call was already going on when its recording began.")]


def _voices(record: dict[str, Any]) -> list[Reason]:
    levels = record.get("levels") or {}
    if not levels:
        return []
    seconds = levels["frames"] / 10
    if seconds >= SILENT_AFTER_S and levels["p99_dbm0"] < SILENT_DBM0:
        words = "Nobody is heard: the line was silent. Check that the box hears the line."
        return [Reason("silent", words)]
    if seconds < ONE_SIDED_AFTER_S or levels.get("spurts", 0) < ONE_SIDED_SPURTS:
        return []
    spread = levels["spurts_p90_dbm0"] - levels["spurts_p10_dbm0"]
    if spread >= ONE_SIDED_SPREAD_DB:
        return []
    words = (
        "All that is said is equally loud: perhaps only one of the two people is heard. This is a"
        " guess, since one pair of wires carries both voices."
    )
    return [Reason("one-sided", words)]


def _clipping(record: dict[str, Any]) -> list[Reason]:
    clipped, stored = record.get("clipped") or 0, record.get("frames_stored") or 0
    if not stored or clipped / stored < CLIPPED_SHARE:
        return []
    words = f"It is too loud: {100 * clipped / stored:.1f} % of the samples are clipped."
    return [Reason("clipped", words)]


def _clock(record: dict[str, Any]) -> list[Reason]:
    source = (record.get("corrected") or record).get("clock_source")
    if source != "none":
        return []
    return [Reason("clock", "Its date and time are not sure: nothing had set the box's clock.")]

"""Gaps: samples of a call that were not captured or not stored, each told with its reason.

A gap is `{"offset": ..., "count": ..., "reason": ...}` in samples of the call; no two of a call
overlap. Silence stands in its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Gap = dict[str, Any]

NOT_HERE = "its medium is not here"
NOT_RUNNING = "the recorder was not running"
NOT_STORED = "no medium could store it"
NOT_ON_MEDIUM = "is not on the medium"
NOT_READ = "cannot be read"
# For these reasons a file that turns up may have the samples. What the sound card did not give is
# silence in every file.
MAY_TURN_UP = (NOT_HERE, NOT_RUNNING, NOT_STORED, NOT_ON_MEDIUM, NOT_READ)


def may_turn_up(gap: Gap) -> bool:
    """Whether its samples may have been stored all the same."""
    return str(gap.get("reason")).startswith(MAY_TURN_UP)


def end_of(gap: Gap) -> int:
    """The first sample after it."""
    return int(gap["offset"]) + int(gap["count"])


def lost(gaps: Iterable[Gap]) -> int:
    """How many samples are missing."""
    return sum(int(gap["count"]) for gap in gaps)


def without(gaps: Iterable[Gap], start: int, end: int) -> list[Gap]:
    """What is left of the gaps when the samples from `start` to `end` are taken out."""
    left: list[Gap] = []
    for gap in gaps:
        first, last = int(gap["offset"]), end_of(gap)
        if last <= start or first >= end:
            left.append(gap)
            continue
        if first < start:
            left.append({**gap, "count": start - first})
        if last > end:
            left.append({**gap, "offset": end, "count": last - end})
    return left


def together(known: Iterable[Gap], more: Iterable[Gap]) -> list[Gap]:
    """Both, in order; where they overlap the reason that is known already counts."""
    known, rest = list(known), list(more)
    for gap in known:
        rest = without(rest, int(gap["offset"]), end_of(gap))
    return sorted([*known, *rest], key=lambda gap: int(gap["offset"]))


def grown(gaps: list[Gap], start: int, end: int, reason: str) -> list[Gap]:
    """The gaps with the samples from `start` to `end` among them; what is one already stays it."""
    more = [{"offset": start, "count": end - start, "reason": reason}]
    for gap in gaps:
        more = without(more, int(gap["offset"]), end_of(gap))
    for one in more:
        before = next((gap for gap in gaps if end_of(gap) == one["offset"]), None)
        if before is not None and before["reason"] == reason:
            before["count"] += one["count"]
        else:
            gaps = [*gaps, one]
    return gaps


def up_to(gaps: Iterable[Gap], end: int) -> list[Gap]:
    """The gaps of a call that has only `end` samples."""
    return without(gaps, end, 2**62)


def sane(told: object) -> list[Gap]:
    """The gaps that a record tells; a bent or hostile value is none."""
    found = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    return [
        {"offset": one["offset"], "count": one["count"], "reason": str(one.get("reason"))}
        for one in found
        if type(one.get("offset")) is int
        and type(one.get("count")) is int
        and one["offset"] >= 0
        and one["count"] > 0
    ]

"""What the clocks tell between two entries: another boot, a power cut, a clock that was set."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any

from firmware.evidence.entries import Entry, Kind, Moment

STEP_S = 2.0  # clocks that part by more than this within one boot were set, not slewed
BY_HAND = 100  # entries of people that may come between the stop of the evidence and of the page
UNNAMED = "unnamed-"


def named(now: Moment, last: Entry | None) -> Moment:
    """This instant, its boot named. Where its id cannot be read, or could not be when the last
    entry was made, the clocks tell: if both have run on together, it is the same boot."""
    if now.boot and (last is None or not last.boot.startswith(UNNAMED)):
        return now
    if last is not None:
        passed = now.monotonic - last.monotonic
        if passed >= 0 and abs(now.wall - last.at - passed) <= STEP_S:
            return replace(now, boot=last.boot)
    return replace(now, boot=now.boot or f"{UNNAMED}{secrets.token_hex(8)}")


def between(
    now: Moment, last: Entry | None, kind: Kind, newest: Callable[[], Iterator[Entry]]
) -> list[tuple[Kind, dict[str, Any]]]:
    """What has happened since the last entry, before one of this `kind`; `newest` gives the entries
    that there are, newest first."""
    if last is None:
        return []
    made: list[tuple[Kind, dict[str, Any]]] = []
    same_boot = now.boot == last.boot
    if same_boot:
        step = (now.wall - last.at) - (now.monotonic - last.monotonic)
    else:
        step = min(0.0, now.wall - last.at)
    if abs(step) > STEP_S and kind is not Kind.CLOCK_SET:
        made.append((Kind.CLOCK_SET, {"by_s": round(step, 3), "noticed": True}))
    if not same_boot and kind is not Kind.POWER_LOST:
        how = Kind.STARTED if _was_stopped(newest()) else Kind.POWER_LOST
        made.append((how, {"last_entry": last.sequence}))
    return made


def _was_stopped(newest: Iterator[Entry]) -> bool:
    """Whether the box was shut down: after that only people still did something by its page."""
    for entry in islice(newest, BY_HAND):
        if entry.kind == Kind.STOPPED:
            return True
        if entry.facts.get("by") in (None, "button"):
            return False
    return False

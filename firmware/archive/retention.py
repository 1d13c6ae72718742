"""Retention: which audio goes, and why. Oldest first; never a flagged, held or unfinished call.

Only audio goes: the row, the record and what the owner wrote stay.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError, CallProtected
from firmware.archive.going import let_sound_go, sound_files
from firmware.archive.volume import Volumes

UNSURE = "its date is not sure"
AGE, CALLS, SPACE = "age", "calls", "space"

OWNERS_WISH = "the owner deleted it"


@dataclass(frozen=True, slots=True)
class Rules:
    """Audio goes when older than `days`, when more than `calls` have some, when `free_mb` are not
    free any more; 0: not for that reason. `incoming_days`, `outgoing_days`: instead of `days` for
    calls of that direction; 0: as `days` says."""

    days: int = 0
    calls: int = 0
    free_mb: int = 0
    incoming_days: int = 0
    outgoing_days: int = 0

    def days_of(self, direction: str) -> int:
        """The age that holds for calls of this direction; 0: none."""
        own = {"incoming": self.incoming_days, "outgoing": self.outgoing_days}
        return own.get(direction) or self.days

    @classmethod
    def of(cls, wanted: object) -> Rules:
        """Those of the owner's configuration: its values of the same names."""
        return cls(**{rule.name: getattr(wanted, rule.name) for rule in fields(cls)})


@dataclass(frozen=True, slots=True)
class Going:
    """One call whose audio goes, and why; `kept` says why it stays all the same."""

    call: dict[str, Any]
    why: str
    bytes: int
    kept: str = ""
    rule: str = ""  # "age", "calls" or "space"


def protected(call: dict[str, Any]) -> str:
    """Why a call's audio never goes by itself; empty where it may."""
    if call.get("flagged"):
        return "it is flagged"
    if call.get("held"):
        return "it is held"
    if call.get("outcome") == "unfinished" or call.get("encoding"):
        return "it is unfinished"
    if call.get("damage"):
        return "it is damaged"
    return ""


def plan(archive: Archive, volumes: Volumes, rules: Rules, now: datetime) -> Iterator[Going]:
    """What goes by the rules, oldest first, and what the rules would take and does not go.

    Raises ArchiveError.
    """
    sounding = archive.sounding()
    too_many = max(0, len(sounding) - rules.calls) if rules.calls else 0
    short = {
        volume.id: max(0, rules.free_mb * 2**20 - volume.free()) if rules.free_mb else 0
        for volume in volumes.here()
    }
    for number, one in enumerate(sounding):
        why = rule = ""
        days = rules.days_of(one.direction)
        if days and _time(one.started_at) < now - timedelta(days=days):
            why, rule = f"it is older than {days} days", AGE
        if number < too_many:
            why, rule = f"there are more than {rules.calls} calls", CALLS
        if short.get(one.volume, 0) > 0:
            why, rule = f"less than {rules.free_mb} MB are free", SPACE
        if not why:
            continue
        call = archive.get(one.id)
        size = _size(archive, call)
        kept = protected(call)
        if rule == AGE and not kept and call.get("clock_source") == "none":
            kept = UNSURE if not call.get("corrected") else ""
        yield Going(call, why, size, kept, rule)
        if not kept and one.volume in short:
            short[one.volume] -= size


def _time(started_at: str) -> datetime:
    return datetime.fromisoformat(started_at)


def _size(archive: Archive, call: dict[str, Any]) -> int:
    try:
        return sum(path.stat().st_size for path in sound_files(archive, str(call["id"])))
    except (OSError, ArchiveError):
        return 0


def remove(archive: Archive, going: Going, when: datetime) -> None:
    """Let the audio of a call go; the row says when and why.

    Raises CallProtected where the call was flagged or held meanwhile, ArchiveError.
    """
    let_go(archive, str(going.call["id"]), going.why, when)


def let_go(archive: Archive, call_id: str, why: str, when: datetime) -> None:
    """Delete the audio of one call, on whatever medium it lies; the row stays and says `why`.

    Raises CallProtected where the call is flagged or held, NoSuchCall where it has no audio.
    """
    call = archive.get(call_id)
    if reason := protected(call):
        raise CallProtected(f"The audio of the call {call_id} stays: {reason}.")
    let_sound_go(archive, call_id, why, "owner" if why == OWNERS_WISH else "retention", when)

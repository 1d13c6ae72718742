"""Entries of the event log: one line of JSON for each thing that happens to a call.

The bytes as they are stored are what is hashed; they are never parsed and written again. A line
holds no telephone number, no name and no text of the owner: what must be erasable is only hashed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from firmware.evidence.errors import LogDamaged

VERSION = 1
LONGEST = 1 << 20


class Kind(StrEnum):
    """What happened."""

    LOG_BEGUN = "log-begun"
    LOG_REPLACED = "log-replaced"
    RECORDED = "recorded"
    NOT_RECORDED = "not-recorded"
    PLAYED = "played"
    EXPORTED = "exported"
    FLAGGED = "flagged"
    NOTED = "noted"
    HELD = "held"
    RELEASED = "released"
    CORRECTED = "corrected"
    DELETED = "deleted"
    ERASED = "erased"
    CONSENT = "consent"
    CLOCK_SET = "clock-set"
    CONFIGURATION_CHANGED = "configuration-changed"
    POWER_LOST = "power-lost"
    STARTED = "started"
    STOPPED = "stopped"
    ANCHORED = "anchored"


ENTERED = (Kind.RECORDED, Kind.NOT_RECORDED)  # the entry that holds the hashes of a call
GONE = (Kind.DELETED, Kind.ERASED)


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant by every clock there is: wall (Unix s), monotonic (s) of the boot with this id,
    where the wall clock came from (ntp, rtc, caller-id, none)."""

    wall: float
    monotonic: float
    boot: str
    source: str = "none"


@dataclass(frozen=True, slots=True)
class Entry:
    """`previous`: root hash (hex) of the tree of all entries before this one."""

    sequence: int
    box: str
    kind: str
    at: float
    clock: str
    monotonic: float
    boot: str
    previous: str
    call: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """The line as it is stored, without its line feed."""
        fields: dict[str, Any] = {
            "v": VERSION,
            "seq": self.sequence,
            "box": self.box,
            "kind": str(self.kind),
            "at": iso(self.at),
            "clock": self.clock,
            "mono": round(self.monotonic, 3),
            "boot": self.boot,
            "prev": self.previous,
            "facts": self.facts,
        }
        if self.call is not None:
            fields["call"] = self.call
        line = json.dumps(fields, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
        return line.encode("ascii")

    @classmethod
    def from_bytes(cls, line: bytes) -> Entry:
        """Read a stored line. Raises LogDamaged where it is none of ours."""
        try:
            fields = json.loads(line)
            if fields["v"] != VERSION:
                raise LogDamaged(
                    f"An entry is of version {fields['v']!r}, which this Tipring does not know."
                    " Check it with a newer one."
                )
            entry = cls(
                sequence=fields["seq"],
                box=fields["box"],
                kind=fields["kind"],
                at=unix(fields["at"]),
                clock=fields["clock"],
                monotonic=fields["mono"],
                boot=fields["boot"],
                previous=fields["prev"],
                call=fields.get("call"),
                facts=fields["facts"],
            )
            same = entry.to_bytes() == line
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise LogDamaged(f"An entry of the log cannot be read: {error}") from error
        if not same:
            raise LogDamaged("An entry of the log is not written the way the box writes it.")
        return entry


def iso(at: float) -> str:
    """Unix seconds as UTC with milliseconds."""
    stamp = datetime.fromtimestamp(round(at * 1000) / 1000, UTC)
    return stamp.strftime("%Y-%m-%dT%H:%M:%S.") + f"{stamp.microsecond // 1000:03d}Z"


def unix(text: str) -> float:
    """Unix seconds of `iso`. Raises ValueError."""
    if len(text) != 24 or not text.endswith("Z"):
        raise ValueError(f"no time: {text!r}")
    stamp = datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    return round(stamp.timestamp() * 1000) / 1000

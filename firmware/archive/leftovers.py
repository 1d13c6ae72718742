"""What lies in `open/`: calls that a crash, a power cut or a pulled medium left incomplete."""

from __future__ import annotations

import fcntl
import os
import struct
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.archive.errors import SealedAway
from firmware.archive.gaps import NOT_HERE, NOT_RUNNING, Gap, lost, sane, together, up_to
from firmware.archive.identity import uuid7
from firmware.archive.layout import BEGUN, OPEN, PART, ROW, beside, from_name
from firmware.archive.part import PartFacts
from firmware.archive.vault import Vault, is_sealed
from firmware.archive.volume import Volumes
from firmware.archive.writer import data_offset

RESUMED_S = 60.0  # a call whose recording broke off so lately goes on


@dataclass(slots=True)
class LeftPart:
    """One part that was left; `frames` is what its file holds. `unreadable`: why nobody knows; such
    a file is left where it is."""

    volume: str
    base: Path
    begun: dict[str, Any]
    frames: int
    rate: int
    modified: float
    unreadable: str = ""

    @property
    def offset(self) -> int:
        """Where it begins in the call."""
        offset = self.begun.get("part_offset", 0)
        return offset if type(offset) is int and offset >= 0 else 0


@dataclass(slots=True)
class LeftCall:
    """All parts of one call, in order."""

    parts: list[LeftPart] = field(default_factory=list)
    number: int | None = None  # the sequence number for a call whose record is torn

    @property
    def closed(self) -> dict[str, Any] | None:
        """The final record, where the call had been closed before the crash."""
        for part in reversed(self.parts):
            if part.begun.get("closed"):
                return part.begun
        return None

    @property
    def id(self) -> str:
        """The call's id; empty where nothing tells it."""
        part = self.parts[0]
        return str(part.begun.get("id") or from_name(part.base).get("id") or "")

    @property
    def sequence(self) -> tuple[str, int] | None:
        """Line and sequence number, where a record tells them."""
        for part in self.parts:
            number = part.begun.get("sequence")
            if type(number) is int:
                return str(part.begun["line"]), number
        return None

    @property
    def bases(self) -> tuple[Path, ...]:
        """The paths, without ending, of the files that go when the call is complete."""
        return tuple(part.base for part in self.parts if not part.unreadable)

    @property
    def frames(self) -> int:
        """The length of the call so far, in samples."""
        return max((part.offset + part.frames for part in self.parts), default=0)

    @property
    def rate(self) -> int:
        """Samples per second."""
        return self.parts[0].rate

    def facts(self) -> tuple[PartFacts, ...]:
        """Its parts, with all that their files hold: more than was confirmed may be there."""
        return tuple(
            PartFacts(part.volume, part.base.name, part.offset, part.frames)
            for part in self.parts
            if part.frames > 0
        )

    def gaps(self, end: int) -> list[Gap]:
        """What is missing up to `end`: what the newest record tells, and what no part holds.

        A recording begins with the first part: where that is not among them, another medium has it.
        """
        parts = self.facts()
        numbers = [part.begun.get("part", 0) for part in self.parts]
        reason = NOT_RUNNING if 0 in numbers or not parts else NOT_HERE
        between: list[Gap] = []
        at = 0
        for offset, frames in [*((part.offset, part.frames) for part in parts), (end, 0)]:
            if offset > at:
                between.append({"offset": at, "count": offset - at, "reason": reason})
            at = max(at, offset + frames)
            reason = NOT_RUNNING
        return together(up_to(sane(self._newest.get("gaps")), end), up_to(between, end))

    @property
    def _newest(self) -> dict[str, Any]:
        """The record that was written last."""
        return next((part.begun for part in reversed(self.parts) if part.begun), {})

    @property
    def next_part(self) -> int:
        """A number that no file of the call has, an empty one neither."""
        numbers = [part.begun.get("part") for part in self.parts]
        taken = max((one for one in numbers if type(one) is int), default=0)
        return max(taken + 1, len(self.parts))

    def record(self) -> dict[str, Any]:
        """The call as it shall be entered: whole where it was closed, else unfinished."""
        if self.closed is not None:
            return dict(self.closed)
        newest, facts = self._newest, self.facts()
        record = {**self._blank(), **newest, "outcome": "unfinished", "rate": self.rate}
        frames = max((fact.offset + fact.frames for fact in facts), default=0)
        gaps = self.gaps(frames)
        record |= {
            "frames_expected": frames,
            "frames_stored": frames - lost(gaps),
            "gaps": gaps,
            "clipped": 0,
            "duration_s": round(frames / self.rate, 3),
            "parts": [
                {"volume": one.volume, "name": one.name, "offset": one.offset, "frames": one.frames}
                for one in facts
            ],
        }
        if not newest:
            words = "its record was damaged; number and direction are not known"
            record["damage"] = [{"code": "record", "words": words, "missing_s": 0.0}]
        for key in ("part", "part_offset", "sha256_pcm"):
            record.pop(key, None)
        if "sequence" not in record and self.number is not None:
            record["sequence"] = self.number
        return record

    def goes_on(self, boot_id: str, now: float) -> bool:
        """Whether the call was being recorded, in this run of the machine, a moment ago."""
        if self.closed is not None or not self.parts[-1].begun:
            return False
        begun = self.record()
        at = begun.get("audio_monotonic")
        if begun.get("boot_id") != boot_id or not isinstance(at, int | float):
            return False
        return bool(0 <= now - (at + self.frames / self.rate) <= RESUMED_S)

    def _blank(self) -> dict[str, Any]:
        """What a file tells whose record is torn."""
        part = self.parts[0]
        when = datetime.fromtimestamp(part.modified, UTC).isoformat(timespec="milliseconds")
        blank = {"id": uuid7(), "line": "1", "direction": "unknown", "answered": True}
        return {**blank, "kind": "call", "started_at": when, **from_name(part.base)}


def left_calls(volumes: Volumes) -> list[LeftCall]:
    """Every call in the `open/` folders of the volumes that are here, the oldest first."""
    calls: dict[str, LeftCall] = {}
    for volume in volumes.here():
        for base in _bases(volume.root / OPEN):
            part = _left_part(volume.id, base, volumes.vault)
            if part is not None:
                key = str(part.begun.get("id") or from_name(base).get("id") or base.name)
                calls.setdefault(key, LeftCall()).parts.append(part)
    for call in calls.values():
        call.parts.sort(key=lambda part: (part.offset, part.base.name))
    return [calls[key] for key in sorted(calls)]


def left_rows(volumes: Volumes) -> list[Path]:
    """Rows that were written and not yet put in their place."""
    folder = volumes.home.root / OPEN
    return [folder / name for name in _names(folder) if name.endswith(ROW)]


def _names(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(one.name for one in entries if one.is_file(follow_symlinks=False))
    except OSError:
        return []


def _bases(folder: Path) -> list[Path]:
    found: dict[Path, None] = {}
    for name in _names(folder):
        for ending in (PART, BEGUN):
            if name.endswith(ending):
                found[folder / name.removesuffix(ending)] = None
    return list(found)


def _left_part(volume: str, base: Path, vault: Vault) -> LeftPart | None:
    """None where a running recorder writes it, or nobody can read it: its key is not here."""
    if not vault.has_key(beside(base, BEGUN)):
        return None
    begun = vault.read_json(beside(base, BEGUN)) or {}
    if not isinstance(begun.get("id"), str) or not isinstance(begun.get("line"), str):
        begun = {}
    rate = begun.get("rate")
    rate = rate if type(rate) is int and rate > 0 else 8000
    modified = 0.0
    frames = 0
    try:
        with beside(base, PART).open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            facts = os.fstat(file.fileno())
            modified = facts.st_mtime
            head, size = _head(beside(base, PART), vault)
            if head[:4] == b"RIFF" and "rate" not in begun:
                rate = struct.unpack("<I", head[24:28])[0] or rate
            frames = max(0, size - data_offset(head, vault.block_of(base))) // 2
    except FileNotFoundError:
        frames = 0  # begun, and not one sample written
    except OSError as error:
        return LeftPart(volume, base, begun, 0, rate, modified, str(error.strerror or error))
    return LeftPart(volume, base, begun, frames, rate, modified)


def _head(path: Path, vault: Vault) -> tuple[bytes, int]:
    """The first bytes of a part, and how many it has. Raises OSError."""
    if not is_sealed(path):
        with path.open("rb", buffering=0) as file:
            try:
                head = file.read(44)
            except OSError:
                head = b""
            return head, os.fstat(file.fileno()).st_size
    try:
        with vault.open(path, torn=True) as sealed:
            size = sealed.seek(0, os.SEEK_END)
            sealed.seek(0)
            try:
                return sealed.read(44), size
            except OSError:
                return b"", size
    except SealedAway as error:
        raise OSError(str(error)) from error

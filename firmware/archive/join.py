"""A medium with a part of a call is back: the call is made whole, beside what there was.

The earlier master is never rewritten: the joined one lies beside it, and the record of what was
found out later (`.later.json`) says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.archive.finisher import remove_parts
from firmware.archive.gaps import (
    NOT_HERE,
    Gap,
    end_of,
    lost,
    may_turn_up,
    sane,
    together,
    without,
)
from firmware.archive.layout import PART, beside
from firmware.archive.leftovers import LeftCall, LeftPart
from firmware.archive.master import Assembly, Piece, make_masters
from firmware.archive.volume import HOME, Volumes


def join(
    archive: Archive, volumes: Volumes, known: dict[str, Any], left: LeftCall
) -> dict[str, Any]:
    """The call with the samples that `left` holds and its master lacks. Raises ArchiveError."""
    missing: list[Gap] = []
    if not known.get("deleted_at"):
        known, missing = _joined(archive, volumes, known, left)
    remove_parts(left.bases, keep=bool(missing))
    return known


def _joined(
    archive: Archive, volumes: Volumes, known: dict[str, Any], left: LeftCall
) -> tuple[dict[str, Any], list[Gap]]:
    """The call's record, and what could not be read of the parts."""
    master = _master(archive, volumes, known)
    total = int(known.get("frames_expected") or 0)
    whole = max(total, left.frames)
    beyond = total if master is not None else 0
    unknown = {"offset": beyond, "count": whole - beyond, "reason": NOT_HERE}
    gaps = together(sane(known.get("gaps")), [unknown] if whole > beyond else [])
    pieces = [] if master is None else [Piece(master, 0, total)]
    rest = gaps
    for part in left.parts:
        for start, end in _fills(part, rest):
            file = beside(part.base, PART)
            pieces.append(Piece(file, start, end - start, start - part.offset))
            if master is not None and end < total:
                pieces.append(Piece(master, end, total - end, end))
            rest = without(rest, start, end)
    if rest == gaps:
        return known, []  # the master has all that the parts have
    base, root = _beside_it(archive, volumes, known, master)
    assembly = Assembly(pieces, whole)
    assembly.vault = archive.vault
    rate = int(known.get("rate") or left.rate)
    masters, sha256_pcm = make_masters(assembly, rate, base)
    captured = [gap for gap in left.gaps(whole) if not may_turn_up(gap)]
    rest = together(rest, [*captured, *assembly.missing])
    later: dict[str, Any] = {
        "audio": str(masters[0].path.relative_to(root)),
        "sha256_file": masters[0].sha256_file,
        "sha256_pcm": sha256_pcm,
        "frames_expected": whole,
        "frames_stored": whole - lost(rest),
        "gaps": rest,
        "damage": [one for one in known.get("damage") or [] if rest or one["code"] != "audio"],
    }
    if whole != total:
        later |= {"rate": rate, "duration_s": round(whole / rate, 3)}
    archive.add_later(str(known["id"]), **later)
    try:
        return archive.get(str(known["id"])), assembly.missing
    except NoSuchCall:
        return {**known, **later}, assembly.missing


def _fills(part: LeftPart, gaps: list[Gap]) -> list[tuple[int, int]]:
    """From where to where the part has what is missing."""
    found = []
    for gap in filter(may_turn_up, gaps):
        start = max(int(gap["offset"]), part.offset)
        end = min(end_of(gap), part.offset + part.frames)
        if start < end:
            found.append((start, end))
    return found


def _master(archive: Archive, volumes: Volumes, known: dict[str, Any]) -> Path | None:
    """The call's master; None where it has none, or it is gone. Raises ArchiveError."""
    if volumes.root_of(str(known.get("volume") or HOME)) is None:
        raise ArchiveError("The call's master is on a medium that is not here.")
    try:
        return archive.audio_path(str(known["id"]))
    except NoSuchCall:
        return None


def _beside_it(
    archive: Archive, volumes: Volumes, known: dict[str, Any], master: Path | None
) -> tuple[Path, Path]:
    """Where the joined master goes, without ending, and the root of its volume."""
    root = volumes.root_of(str(known.get("volume") or HOME))
    assert root is not None  # `_master` has looked
    if master is not None:
        return master.with_name(f"{master.stem}-joined"), root
    sidecar = archive.sidecar_path(str(known["id"]))
    return sidecar.with_name(sidecar.name.removesuffix(".json")), root

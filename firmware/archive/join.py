"""A medium with a part of a call is back: the call is made whole, beside what there was.

The earlier master is never rewritten: the joined one lies beside it, and the record of what was
found out later (`.later.json`) says so.
"""

from __future__ import annotations

from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.archive.files import storing
from firmware.archive.layout import BEGUN, PART, beside
from firmware.archive.leftovers import LeftCall
from firmware.archive.master import Assembly, Piece, make_masters
from firmware.archive.volume import HOME, Volumes


def join(
    archive: Archive, volumes: Volumes, known: dict[str, Any], left: LeftCall
) -> dict[str, Any]:
    """The call with the samples that `left` holds and its master lacks. Raises ArchiveError."""
    gaps = [gap for gap in known.get("gaps") or [] if "is not here" in str(gap.get("reason"))]
    wanted = [part for part in left.parts if any(_within(gap, part.offset) for gap in gaps)]
    if wanted and known.get("audio") and not known.get("deleted_at"):
        known = _joined(archive, volumes, known, left, gaps)
    for part in left.parts:
        with storing(part.base):
            beside(part.base, PART).unlink(missing_ok=True)
            beside(part.base, BEGUN).unlink(missing_ok=True)
    return known


def _within(gap: dict[str, Any], offset: int) -> bool:
    return bool(gap["offset"] <= offset < gap["offset"] + gap["count"])


def _joined(
    archive: Archive,
    volumes: Volumes,
    known: dict[str, Any],
    left: LeftCall,
    gaps: list[dict[str, Any]],
) -> dict[str, Any]:
    volume = str(known.get("volume") or HOME)
    root = volumes.root_of(volume)
    if root is None:
        raise ArchiveError("The call's master is on a medium that is not here.")
    master = archive.audio_path(str(known["id"]))
    total = int(known["frames_expected"])
    rate = int(known["rate"])
    pieces = [Piece(master, 0, total)]
    filled = []
    for gap in gaps:
        for part in left.parts:
            if _within(gap, part.offset):
                count = min(part.frames, gap["offset"] + gap["count"] - part.offset)
                after = part.offset + count
                pieces.append(Piece(beside(part.base, PART), part.offset, count))
                pieces.append(Piece(master, after, total - after, after))
                filled.append({"offset": part.offset, "count": count})
    assembly = Assembly(pieces, total)
    assembly.vault = archive.vault
    base = master.with_name(f"{master.stem}-joined")
    masters, sha256_pcm = make_masters(assembly, rate, base)
    rest = _without(known.get("gaps") or [], filled) + assembly.missing
    lost = sum(int(gap["count"]) for gap in rest)
    later: dict[str, Any] = {
        "audio": str(masters[0].path.relative_to(root)),
        "sha256_file": masters[0].sha256_file,
        "sha256_pcm": sha256_pcm,
        "frames_stored": total - lost,
        "gaps": sorted(rest, key=lambda gap: int(gap["offset"])),
        "damage": [one for one in known.get("damage") or [] if rest or one["code"] != "audio"],
    }
    archive.add_later(str(known["id"]), **later)
    try:
        return archive.get(str(known["id"]))
    except NoSuchCall:
        return {**known, **later}


def _without(gaps: list[dict[str, Any]], filled: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The gaps less what was filled."""
    left = [dict(gap) for gap in gaps]
    for one in filled:
        start, end = one["offset"], one["offset"] + one["count"]
        cut = []
        for gap in left:
            first, last = gap["offset"], gap["offset"] + gap["count"]
            if last <= start or first >= end or "is not here" not in str(gap.get("reason")):
                cut.append(gap)
                continue
            if first < start:
                cut.append({**gap, "count": start - first})
            if last > end:
                cut.append({**gap, "offset": end, "count": last - end})
        left = cut
    return left

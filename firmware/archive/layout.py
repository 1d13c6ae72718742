"""Where things lie in an archive's folder, and how files are named.

While a call is not yet complete its files lie in `open/`: one small folder tells what a crash left,
however many calls there are. Names are valid on ext4, exFAT and FAT32.
"""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CATALOGUE = "catalogue.sqlite"
OPEN = "open"
DAMAGED = "damaged"  # parts that could not be read whole; nothing of them is deleted
PART = ".part.wav"
BEGUN = ".part.json"
ROW = ".row.json"
MARKS = ".marks.json"
LATER = ".later.json"
ID = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}"
NAMED = re.compile(rf"(\d{{6}})-([a-z]+)-([0-9+]+|unknown|sealed)-({ID})")
SEALED = re.compile(rf"\d{{6}}-[a-z]+-sealed-({ID})")
DAYS = "[0-9][0-9][0-9][0-9]/[0-9][0-9]/[0-9][0-9]"


def started(record: dict[str, Any]) -> datetime:
    """When the call began; the beginning of 1970 where the record does not say."""
    try:
        return datetime.fromisoformat(str(record["started_at"]))
    except (KeyError, ValueError):
        return datetime.fromtimestamp(0, UTC)


def name_of(record: dict[str, Any]) -> str:
    """`<time>-<direction>-<number>-<id>`: what a person reads in a folder; a sealed call does not
    tell its number."""
    digits = re.sub(r"[^0-9+]", "", str(record.get("number") or "")) or "unknown"
    digits = "sealed" if record.get("sealed") else digits
    direction = re.sub(r"[^a-z]", "", str(record.get("direction") or "")) or "unknown"
    return f"{started(record):%H%M%S}-{direction}-{digits[:24]}-{record['id']}"


def base_of(root: Path, record: dict[str, Any]) -> Path:
    """The path of the call's files without their endings."""
    when = started(record)
    return root / f"{when.year:04}" / f"{when:%m}" / f"{when:%d}" / name_of(record)


def beside(base: Path, ending: str) -> Path:
    """The file of a call with this ending."""
    return base.with_name(base.name + ending)


def from_name(path: Path) -> dict[str, Any]:
    """What a file's place and name say of its call; empty where it is not one of ours."""
    found = NAMED.match(path.name)
    if found is None:
        return {}
    time, direction, number, call_id = found.groups()
    when = datetime.fromtimestamp(int(call_id.replace("-", "")[:12], 16) / 1000, UTC)
    day = "-".join(path.parts[-4:-1])
    if re.fullmatch(r"\d{4}-\d\d-\d\d", day):
        clock = f"{day}T{time[:2]}:{time[2:4]}:{time[4:]}+00:00"
        with contextlib.suppress(ValueError):
            when = datetime.fromisoformat(clock)
    sealed = {"sealed": True} if number == "sealed" else {}
    return {
        **sealed,
        "id": call_id,
        "direction": direction,
        "number": None if number in ("unknown", "sealed") else number,
        "started_at": when.isoformat(timespec="milliseconds"),
    }

"""What was found out after a call, and stands beside its record: entered in the log as corrected.

The record itself is never written over; nothing else would tell that there is more to know.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from firmware.archive.errors import ArchiveError
from firmware.archive.files import read_json
from firmware.evidence.entries import Kind

if TYPE_CHECKING:
    from firmware.archive import Archive
    from firmware.evidence.log import EventLog

LOOKED_BACK = 1000  # calls of one run of the machine, before its clock was set
OF_A_DELETION = {"audio", "deleted_at", "deleted_why"}
SIGNS = ("corrected", "damage", "joined")


def enter_corrections(archive: Archive, log: EventLog) -> int:
    """Enter what stands beside the newest calls and is not in the log; how many entries."""
    entered = 0
    for call in archive.calls(limit=LOOKED_BACK):
        call_id = str(call["id"])
        if any(call.get(sign) for sign in SIGNS) and (later := _later(archive, call_id)):
            data = json.dumps(later, sort_keys=True).encode()
            facts = {"what": sorted(later), "sha256": hashlib.sha256(data).hexdigest()}
            if _wanting(log, call_id, facts):
                log.append(Kind.CORRECTED, call_id, facts)
                entered += 1
    return entered


def _later(archive: Archive, call_id: str) -> dict[str, Any]:
    try:
        sidecar = archive.sidecar_path(call_id)
    except ArchiveError:
        return {}  # its medium is away: looked at again when it is back
    found = read_json(sidecar.with_name(f"{sidecar.stem}.later.json")) or {}
    return {name: fact for name, fact in found.items() if name not in OF_A_DELETION}


def _wanting(log: EventLog, call_id: str, facts: dict[str, Any]) -> bool:
    entries = [log.entry(number) for number in log.of_call(call_id)]
    known = [entry.facts for entry in entries if entry.kind == Kind.CORRECTED]
    return bool(entries) and facts not in known

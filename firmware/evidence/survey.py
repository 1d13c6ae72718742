"""A whole archive against its log: what was changed, what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from firmware.archive.errors import ArchiveError
from firmware.evidence.entries import ENTERED, GONE, Entry
from firmware.evidence.errors import Changed
from firmware.evidence.evidence import Evidence


@dataclass(slots=True)
class Survey:
    """`wrong`: what is not as it was sealed, one line each; `notes`: what its owner should know."""

    calls: int = 0
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def survey(evidence: Evidence, told: Callable[[float], None] = lambda _share: None) -> Survey:
    """Check every call that the log knows. Reads every recording once; `told`: how far it is."""
    found = Survey()
    entered: dict[str, Entry] = {}
    gone: set[str] = set()
    for number in range(evidence.log.size):
        entry = evidence.log.entry(number)
        if entry.call is None:
            continue
        if entry.kind in ENTERED:
            entered[entry.call] = entry
        elif entry.kind in GONE:
            gone.add(entry.call)
    for place, (call, entry) in enumerate(entered.items()):
        told(place / len(entered))
        if call in gone:
            continue
        found.calls += 1
        try:
            evidence.check_call(call)
        except (Changed, ArchiveError) as error:
            found.wrong.append(f"call {call} (entry {entry.sequence}): {error}")
    _gaps(entered, found)
    unsealed = evidence.unsealed()
    if unsealed:
        found.notes.append(
            f"{len(unsealed)} call(s) of the archive are not in the log: nothing vouches for them."
            " `tipring evidence seal` enters them as they are now."
        )
    return found


def _gaps(entered: dict[str, Entry], found: Survey) -> None:
    """Calls are numbered without a gap on each line: a missing number is a missing call."""
    lines: dict[str, set[int]] = {}
    for entry in entered.values():
        number = entry.facts.get("sequence")
        if isinstance(number, int):
            lines.setdefault(str(entry.facts.get("line")), set()).add(number)
    for line, numbers in sorted(lines.items()):
        for number in sorted(set(range(min(numbers), max(numbers))) - numbers):
            found.notes.append(f"line {line}: call number {number} was never entered in the log.")

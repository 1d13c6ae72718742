"""The "stop calling me" file: when a caller was asked to stop, and every call since.

Everything is told from the calls' own records: nothing is kept twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

SAME_DIGITS = 9


@dataclass(frozen=True, slots=True)
class LaterCall:
    """A call that came after the caller had been asked to stop; `started`: ISO 8601."""

    call: str
    started: str
    outcome: str
    duration_s: float


@dataclass(slots=True)
class StopFile:
    """One caller. `asked`: each time he was asked (call, ISO 8601, what was said), oldest first."""

    number: str
    name: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    later: list[LaterCall] = field(default_factory=list)

    @property
    def calls(self) -> list[str]:
        """The ids of all calls that belong to it, oldest first: what its bundle holds."""
        ids = [*((at, call) for call, at, _ in self.asked)]
        ids += [(one.started, one.call) for one in self.later]
        return list(dict.fromkeys(call for _, call in sorted(ids)))


def same_number(first: str, second: str) -> bool:
    """Whether two numbers are of one caller, with and without the country's code."""
    one, two = (re.sub(r"\D", "", number) for number in (first, second))
    if not one or not two:
        return False
    if min(len(one), len(two)) >= SAME_DIGITS:
        return one[-SAME_DIGITS:] == two[-SAME_DIGITS:]
    return one == two


def stop_files(records: Iterable[Mapping[str, Any]]) -> list[StopFile]:
    """One file for each caller who was asked to stop; those who call on the most first."""
    ordered = sorted(records, key=lambda record: _when(record))
    found: list[StopFile] = []
    for record in ordered:
        number = str(record.get("number") or "")
        own = next((one for one in found if same_number(one.number, number)), None)
        asked = record.get("asked_to_stop")
        if asked is None and own is None:
            continue
        if own is None:
            if not number:
                continue
            own = StopFile(number)
            found.append(own)
        elif record.get("direction") == "incoming":
            own.later.append(
                LaterCall(
                    call=str(record["id"]),
                    started=str(record["started_at"]),
                    outcome=str(record.get("outcome", "")),
                    duration_s=float(record.get("duration_s") or 0.0),
                )
            )
        own.name = own.name or str(record.get("name") or "")
        if asked is not None:
            own.asked.append((str(record["id"]), str(record["started_at"]), str(asked)))
    return sorted(found, key=lambda one: -len(one.later))


def of_number(records: Iterable[Mapping[str, Any]], number: str) -> StopFile | None:
    """The file of one caller."""
    return next((one for one in stop_files(records) if same_number(one.number, number)), None)


def _when(record: Mapping[str, Any]) -> float:
    try:
        return datetime.fromisoformat(str(record["started_at"])).timestamp()
    except (KeyError, ValueError):
        return 0.0

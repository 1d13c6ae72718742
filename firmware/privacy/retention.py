"""How long calls are kept, by their kind: a pure decision over records. A hold beats every rule."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from datetime import datetime
from typing import Any

DAY_S = 86400.0


def kind_of(record: Mapping[str, Any]) -> str:
    """`flagged`, `missed`, `incoming` or `outgoing`: the kinds that have a term of their own."""
    if record.get("flagged"):
        return "flagged"
    if record.get("outcome") == "missed":
        return "missed"
    return "outgoing" if record.get("direction") == "outgoing" else "incoming"


def expired(
    records: Iterable[Mapping[str, Any]],
    days: Mapping[str, float],
    held: Container[str],
    now: float,
) -> list[str]:
    """The ids of the calls whose term is over, in the order given.

    `days`: the term of each kind; a kind without one is kept for ever. `now`: Unix seconds. A call
    whose start cannot be read is kept: retention never guesses.
    """
    found = []
    for record in records:
        call_id = str(record.get("id", ""))
        term = days.get(kind_of(record))
        if not call_id or term is None or call_id in held:
            continue
        try:
            started = datetime.fromisoformat(str(record["started_at"]))
        except (KeyError, ValueError):
            continue
        if started.tzinfo is not None and now - started.timestamp() > term * DAY_S:
            found.append(call_id)
    return found

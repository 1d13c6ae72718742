"""One figure of a benchmark: what was measured, the goal, and a peer beside it."""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

COMPARE = {"<=": operator.le, ">=": operator.ge, "=": operator.eq}


@dataclass(frozen=True, slots=True)
class Row:
    """`goal`: a comparison such as "<= 2" in the row's own unit, or None where there is none."""

    area: str
    name: str
    value: float
    unit: str
    goal: str | None = None
    peer: str | None = None
    peer_value: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the value keeps to the goal."""
        if self.goal is None:
            return None
        found = re.fullmatch(r"(<=|>=|=) ?(-?[0-9.]+)", self.goal)
        if found is None:
            raise ValueError(f"{self.area} {self.name}: the goal {self.goal!r} is no comparison")
        return bool(COMPARE[found[1]](self.value, float(found[2])))

    def as_json(self) -> dict[str, Any]:
        """The row as one JSON object; the peer only where one ran."""
        said: dict[str, Any] = {
            "area": self.area,
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "goal": self.goal,
            "met": self.met,
        }
        if self.peer is not None:
            said |= {"peer": self.peer, "peer_value": self.peer_value}
        return said


def table(rows: Iterable[Row]) -> str:
    """All rows for a person to read."""
    lines = [("area", "name", "value", "goal", "", "peer")]
    for row in rows:
        met = {None: "", True: "met", False: "MISSED"}[row.met]
        peer = "" if row.peer is None else f"{row.peer} {row.peer_value:g}"
        lines.append((row.area, row.name, f"{row.value:g} {row.unit}", row.goal or "", met, peer))
    widths = [max(len(line[column]) for line in lines) for column in range(6)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )

"""Quantities against limits: the rows that `make hw` prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity. `least`: the limit is a floor, not a ceiling. `source`: where it comes from."""

    quantity: str
    limit: float
    worst: float
    unit: str
    source: str
    least: bool = False

    @property
    def margin(self) -> float:
        """How far the worst case is from the limit, in `unit`; below zero is a miss."""
        return self.worst - self.limit if self.least else self.limit - self.worst

    @property
    def met(self) -> bool:
        """Whether the worst case found is within the limit."""
        return self.margin >= 0


def most(quantity: str, limit: float, found: Iterable[float], unit: str, source: str) -> Row:
    """A row for a ceiling."""
    return Row(quantity, limit, max(found), unit, source)


def least(quantity: str, limit: float, found: Iterable[float], unit: str, source: str) -> Row:
    """A row for a floor."""
    return Row(quantity, limit, min(found), unit, source, least=True)


def _figure(value: float) -> str:
    for scale, letter in ((1e6, " M"), (1e3, " k")):
        if abs(value) >= scale:
            return f"{value / scale:.4g}{letter}"
    return f"{value:.3g} "


def text(rows: Sequence[Row]) -> str:
    """The table, one line for each row, in columns."""
    heads = ("", "quantity", "limit", "worst found", "margin", "source")
    cells = [
        (
            "ok" if row.met else "MISSED",
            row.quantity,
            f"{'>=' if row.least else '<='} {_figure(row.limit)}{row.unit}",
            f"{_figure(row.worst)}{row.unit}",
            f"{_figure(row.margin)}{row.unit}",
            row.source,
        )
        for row in rows
    ]
    widths = [max(len(line[place]) for line in [heads, *cells]) for place in range(len(heads))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in [heads, *cells]
    )

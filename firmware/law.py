"""The rules about recording, read from `firmware/calls/rules`: data with a source in every row."""

from __future__ import annotations

import tomllib
from pathlib import Path

from firmware.calls.consent import Must, Rule, Start

FOLDER = Path(__file__).parent / "calls" / "rules"


class UnknownPlace(Exception):
    """No rule is known for this country or state."""


def load_rules() -> dict[str, Rule]:
    """Every rule by its place: "PL", "DE", "US-CA" and so on."""
    found: dict[str, Rule] = {}
    for path in sorted(FOLDER.glob("*.toml")):
        for place, row in tomllib.loads(path.read_text("utf-8")).items():
            found[place] = Rule(
                place=place,
                name=row["name"],
                must=Must(row["must"]),
                start=Start(row["default"]),
                statute=row["statute"],
                source=row["source"],
                business_start=Start(row["business"]),
                business_statute=row["business_statute"],
                note=row.get("note", ""),
            )
    return found


def rule_for(*places: str) -> Rule:
    """The rule of a place; of several (a call between two), the strictest. Raises UnknownPlace."""
    rules = load_rules()
    for place in places:
        if place not in rules:
            raise UnknownPlace(
                f"No rule is known for {place!r}; known: {', '.join(sorted(rules))}."
            )
    return max((rules[place] for place in places), key=lambda rule: rule.strictness)

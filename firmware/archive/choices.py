"""What the owner chose on the page about consent, and his rules for numbers, as the recorder reads
them: small files beside the recordings, written whole or not at all.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from firmware.archive.files import read_json, write_json
from firmware.archive.people import RULES

CHOICES = "consent.json"
OWN_SOUND = "announcement.wav"
SIDES = ("rule", "none", "incoming", "outgoing", "both")
MAY_BE: dict[str, tuple[str, ...] | None] = {
    "place": None,  # any place of the rules: whoever reads it knows them
    "use": ("home", "business"),
    "announce": SIDES,
    "beep": SIDES,
    "announcement": ("pl", "en", "own"),
    "armed": ("no", "yes"),
}


class Broken(Exception):
    """A file cannot be read or says what it may not; the message says which and what."""


def _table(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise Broken(f"{path.name} beside the recordings cannot be read ({error}).") from error
    if not isinstance(found, dict):
        raise Broken(f"{path.name} beside the recordings is not what it should be.")
    return found


def chosen(path: Path) -> dict[str, str]:
    """The choices; {} where none were made. Raises Broken."""
    found = _table(path)
    for key, value in found.items():
        allowed = MAY_BE.get(key, ())
        if not isinstance(value, str) or (allowed is not None and value not in allowed):
            raise Broken(f"{path.name} beside the recordings: {key} cannot be {value!r}.")
    return found


def choose(path: Path, choices: dict[str, str]) -> None:
    """Keep some choices; the others stay. Raises ArchiveError where nothing can be written."""
    known = {key: value for key, value in (read_json(path) or {}).items() if key in MAY_BE}
    write_json(path, {**known, **choices})


def people_rules(path: Path) -> list[tuple[str, str]]:
    """(number, rule) of every contact with a rule of his own: never or hold. Raises Broken."""
    people = _table(path).get("people", [])
    try:
        rows = [(tuple(row["numbers"]), row["rule"]) for row in people]
    except (TypeError, KeyError) as error:
        raise Broken(f"{path.name} beside the recordings is not what it should be.") from error
    found = []
    for numbers, rule in rows:
        if rule not in RULES or not all(isinstance(one, str) for one in numbers):
            raise Broken(f"{path.name} beside the recordings: {rule!r} is no rule for a number.")
        if rule != "record":
            found += [(number, rule) for number in numbers]
    return found

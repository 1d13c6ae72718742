"""The owner's contacts: names for numbers, and what is to happen with their calls.

One small file beside the recordings, written whole or not at all; the recorder may read it too.
"""

from __future__ import annotations

import json
import secrets
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from firmware.archive.errors import ArchiveError
from firmware.archive.files import read_json, write_json
from firmware.archive.search import caller_of, match_folded

RULES = ("record", "never", "hold")
PEOPLE = "people.json"


@dataclass(frozen=True, slots=True)
class Person:
    """A contact; `rule`: record as all calls are, never record, or record and always hold."""

    id: str
    name: str
    numbers: tuple[str, ...]
    rule: str = "record"
    note: str = ""

    @property
    def callers(self) -> tuple[str, ...]:
        """The numbers as calls are matched by."""
        return tuple(dict.fromkeys(filter(None, map(caller_of, self.numbers))))


class PeopleBroken(ArchiveError):
    """The contacts cannot be read, or are not what they should be; the message says why."""


def number_rules(path: Path) -> list[tuple[str, str]]:
    """(number, rule) of every contact that has a rule of his own: never or hold.

    Raises PeopleBroken: the recorder must not take a torn file for one without rules.
    """
    try:
        people = json.loads(path.read_text("utf-8"))["people"]
        rows = [(row["numbers"], row["rule"]) for row in people]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, KeyError, RecursionError) as error:
        raise PeopleBroken(
            f"{path.name} beside the recordings cannot be read ({error})."
        ) from error
    found = []
    for numbers, rule in rows:
        if rule not in RULES or not all(isinstance(one, str) for one in numbers):
            raise PeopleBroken(f"{path.name} beside the recordings: {rule!r} is no rule.")
        if rule != "record":
            found += [(number, rule) for number in numbers]
    return found


class People:
    """Contacts in `path`; every change is on the medium when the method returns."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._held: dict[str, Person] = {}
        self._callers: dict[str, Person] = {}

    def _read(self) -> None:
        try:
            found = self._path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
        except OSError:
            stamp = None
        if stamp == self._stamp and stamp is not None:
            return
        self._keep((read_json(self._path) or {}).get("people", []))
        self._stamp = stamp

    def _keep(self, rows: list[dict[str, Any]]) -> None:
        people = [
            Person(row["id"], row["name"], tuple(row["numbers"]), row["rule"], row["note"])
            for row in rows
        ]
        self._held = {one.id: one for one in people}
        self._callers = {caller: one for one in people for caller in one.callers}

    def _write(self, people: dict[str, Person]) -> None:
        rows = [asdict(one) for one in people.values()]
        write_json(self._path, {"people": rows})
        self._keep(rows)
        found = self._path.stat()
        self._stamp = (found.st_mtime_ns, found.st_ino)

    def all(self) -> list[Person]:
        """Everyone, by name."""
        with self._lock:
            self._read()
            return sorted(self._held.values(), key=lambda one: (match_folded(one.name), one.id))

    def get(self, person_id: str) -> Person | None:
        """The person with this id."""
        with self._lock:
            self._read()
            return self._held.get(person_id)

    def of(self, number: object) -> Person | None:
        """Whose number it is."""
        caller = caller_of(number)
        with self._lock:
            self._read()
            return self._callers.get(caller) if caller else None

    def by_caller(self) -> Mapping[str, Person]:
        """Who each caller (see `search.caller_of`) is, as it is now: for many calls at once."""
        with self._lock:
            self._read()
            return self._callers

    def named(self, text: str) -> list[Person]:
        """Everyone whose name has all the words of `text`, each as a beginning."""
        wanted = match_folded(text).split()
        if not wanted:
            return []
        return [
            one
            for one in self.all()
            if all(
                any(word.startswith(want) for word in match_folded(one.name).split())
                for want in wanted
            )
        ]

    def put(self, person: Person) -> Person:
        """Add a person, or change the one with the same id; an empty id is given one.

        A number belongs to one person: the one who was given it last.
        """
        with self._lock:
            self._read()
            kept = replace(person, id=person.id or secrets.token_hex(8))
            self._write({**self._held, kept.id: kept})
            return kept

    def put_all(self, people: list[Person]) -> None:
        """Add many with one write."""
        with self._lock:
            self._read()
            added = [replace(one, id=one.id or secrets.token_hex(8)) for one in people]
            self._write({**self._held, **{one.id: one for one in added}})

    def remove(self, person_id: str) -> None:
        """Forget a person; the calls stay."""
        with self._lock:
            self._read()
            self._write({key: one for key, one in self._held.items() if key != person_id})

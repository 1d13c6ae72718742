"""Finding calls: a narrow table and a full-text index beside the catalogue's rows.

Both follow the rows by triggers written in plain SQL. A release that knows nothing of them keeps
them true all the same, so an update can be rolled back; and they can be dropped and filled anew.
"""

from __future__ import annotations

import json
import sqlite3
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

# A page is read in the order of `key`: the sequence number, and within it one place per line.
LINES = 256
SIGNS = " -()/.+"
# unicode61 folds what Unicode decomposes; these letters it does not decompose.
LETTERS = {"ł": "l", "Ł": "l", "ø": "o", "Ø": "o", "đ": "d", "Đ": "d"}
LETTER_TABLE = {ord(one): plain for one, plain in LETTERS.items()}
CALLER_DIGITS = 9  # a number with and without its country code is the same caller
SUFFIXES = range(1, 14)  # any part of a number is found: each suffix is a word of the index


def _replaced(text: str, letters: dict[str, str]) -> str:
    for one, plain in letters.items():
        text = f"replace({text}, '{one}', '{plain}')"
    return text


def _text(key: str) -> str:
    return f"coalesce(json_extract(new.record, '$.{key}'), '')"


def _yes(key: str) -> str:
    return f"coalesce(json_extract(new.record, '$.{key}'), 0) <> 0"


DIGITS = _replaced("coalesce(new.number, '')", dict.fromkeys(SIGNS, ""))
_BASE = f"(min(max(new.sequence, 0), 1 << 50) * {LINES})"
_PUT = f"""
    DELETE FROM words WHERE rowid IN (SELECT key FROM listing WHERE id = new.id
        OR (key >= {_BASE} AND key < {_BASE} + {LINES} AND line = new.line));
    DELETE FROM listing WHERE id <> new.id
        AND key >= {_BASE} AND key < {_BASE} + {LINES} AND line = new.line;
    INSERT OR REPLACE INTO listing VALUES (
        coalesce((SELECT key FROM listing WHERE id = new.id),
            (SELECT max(key) + 1 FROM listing WHERE key >= {_BASE} AND key < {_BASE} + {LINES}),
            {_BASE}),
        new.id, new.line,
        coalesce(strftime('%Y-%m-%dT%H:%M:%f', new.started_at), new.started_at),
        {_text("direction")}, substr({DIGITS}, -{CALLER_DIGITS}),
        CASE {_text("kind")} WHEN 'blind' THEN 'blind' ELSE 'call' END,
        {_text("outcome")} <> 'missed', {_text("audio")} <> '', new.flagged <> 0, {_yes("held")},
        {_text("note")} <> '', {_yes("heard")});
    INSERT INTO words (rowid, number, text)
        SELECT key, {" || ' ' || ".join(f"substr({DIGITS}, {start}, 20)" for start in SUFFIXES)},
            {_replaced(f"{_text('name')} || ' ' || {_text('note')}", LETTERS)}
        FROM listing WHERE id = new.id;
"""
SCHEMA = f"""
CREATE TABLE IF NOT EXISTS listing (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    line TEXT NOT NULL,
    at TEXT NOT NULL,
    direction TEXT NOT NULL,
    caller TEXT NOT NULL,
    kind TEXT NOT NULL,
    answered INTEGER NOT NULL,
    audio INTEGER NOT NULL,
    flagged INTEGER NOT NULL,
    held INTEGER NOT NULL,
    noted INTEGER NOT NULL,
    heard INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS listing_caller ON listing (caller, key);
CREATE INDEX IF NOT EXISTS listing_flagged ON listing (key) WHERE flagged;
CREATE INDEX IF NOT EXISTS listing_held ON listing (key) WHERE held;
CREATE INDEX IF NOT EXISTS listing_noted ON listing (key) WHERE noted;
CREATE INDEX IF NOT EXISTS listing_unheard ON listing (key) WHERE audio AND NOT heard;
CREATE INDEX IF NOT EXISTS listing_blind ON listing (key) WHERE kind = 'blind';
CREATE INDEX IF NOT EXISTS listing_at ON listing (at);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    number, text, tokenize = 'unicode61 remove_diacritics 2', prefix = '1 2 3 4', detail = 'column'
);
CREATE TRIGGER IF NOT EXISTS listing_insert AFTER INSERT ON calls
    WHEN json_valid(new.record) BEGIN {_PUT} END;
CREATE TRIGGER IF NOT EXISTS listing_update AFTER UPDATE ON calls
    WHEN json_valid(new.record) BEGIN {_PUT} END;
CREATE TRIGGER IF NOT EXISTS listing_delete AFTER DELETE ON calls BEGIN
    DELETE FROM words WHERE rowid IN (SELECT key FROM listing WHERE id = old.id);
    DELETE FROM listing WHERE id = old.id;
END;
"""


def install(base: sqlite3.Connection) -> None:
    """Make the tables where they are missing, and fill them where rows came before them."""
    base.executescript(SCHEMA)
    entered = base.execute("SELECT count(*) FROM calls").fetchone()[0]
    if entered != base.execute("SELECT count(*) FROM listing").fetchone()[0]:
        base.execute("UPDATE calls SET path = path WHERE id NOT IN (SELECT id FROM listing)")


def caller_of(number: object) -> str:
    """What makes two numbers one caller: the last nine digits; "" where there is no number."""
    text = "" if number is None else str(number)
    return text.translate(str.maketrans("", "", SIGNS))[-CALLER_DIGITS:]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which calls; what is None or empty leaves none out. `since`, `until`: UTC, ISO 8601.

    `text` is searched in numbers, names and notes; `also` are callers whose name in the owner's
    contacts is known to match it. `answered`: whether the call was not missed.
    """

    direction: str | None = None
    callers: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None
    answered: bool | None = None
    blind: bool | None = None
    flagged: bool = False
    held: bool = False
    noted: bool = False
    unheard: bool = False
    text: str = ""
    also: tuple[str, ...] = ()

    def where(self) -> tuple[list[str], list[Any]]:
        """Conditions on `listing` and their values, without the text."""
        said: list[tuple[str, list[Any]]] = []
        if self.direction:
            said.append(("direction = ?", [self.direction]))
        if self.callers:
            said.append((f"caller IN ({_places(self.callers)})", list(self.callers)))
        if self.since:
            said.append(("at >= ?", [self.since]))
        if self.until:
            said.append(("at < ?", [self.until]))
        if self.answered is not None:
            said.append(("kind = 'call' AND answered = ?", [int(self.answered)]))
        if self.blind is not None:
            said.append(("kind = 'blind'" if self.blind else "kind <> 'blind'", []))
        for chosen, words in (
            (self.flagged, "flagged"),
            (self.held, "held"),
            (self.noted, "noted"),
            (self.unheard, "audio AND NOT heard"),
        ):
            if chosen:
                said.append((words, []))
        return [words for words, _ in said], [value for _, values in said for value in values]


@dataclass(frozen=True, slots=True)
class Page:
    """Calls, newest first, each with its `key`; the keys to go on from, or None at an end."""

    calls: list[dict[str, Any]]
    older: int | None
    newer: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many calls, and when the first and the last were (UTC, ISO 8601)."""

    calls: int
    incoming: int
    outgoing: int
    missed: int
    first: str | None
    last: str | None


def _places(values: Iterable[Any]) -> str:
    return ", ".join("?" for _ in values)


def match_folded(text: str) -> str:
    """Lower case without diacritics, for comparing names outside the index."""
    apart = unicodedata.normalize("NFKD", text.translate(LETTER_TABLE))
    return "".join(one for one in apart if not unicodedata.combining(one)).casefold()


def match(text: str) -> str:
    """The FTS5 query for what a person typed: every word, each as a beginning; "" for none."""
    digits = "".join(one for one in text if one.isdecimal())
    if digits and all(one.isdecimal() or one in SIGNS for one in text):
        return f'"{digits[-CALLER_DIGITS:]}"*'
    cut = "".join(one if one.isalnum() else " " for one in text.translate(LETTER_TABLE))
    return " AND ".join(f'"{word}"*' for word in cut.split()[:12])


def page(
    base: sqlite3.Connection,
    wanted: Filter,
    limit: int,
    before: int | None = None,
    after: int | None = None,
) -> Page:
    """A page by key: `before` the oldest seen, or `after` the newest seen."""
    forward = after is not None
    keys = _keys(base, wanted, limit + 1, before, after)
    more = len(keys) > limit
    keys = keys[:limit]
    if forward:
        keys.reverse()
    rows = base.execute(
        "SELECT key, record FROM listing JOIN calls USING (id)"
        f" WHERE key IN ({_places(keys)}) ORDER BY key DESC",
        keys,
    ).fetchall()
    calls = [{**json.loads(row["record"]), "key": row["key"]} for row in rows]
    if not calls:
        return Page([], None, None)
    older = calls[-1]["key"] if forward or more else None
    newer = calls[0]["key"] if (more if forward else before is not None) else None
    return Page(calls, older, newer)


def _keys(
    base: sqlite3.Connection, wanted: Filter, limit: int, before: int | None, after: int | None
) -> list[int]:
    conditions, values = wanted.where()
    order = "DESC"
    bound: list[tuple[str, Any]] = []
    if after is not None:
        order = "ASC"
        bound.append(("> ?", after))
    elif before is not None:
        bound.append(("< ?", before))
    typed = match(wanted.text)
    if wanted.text.strip() and not typed and not wanted.also:
        return []
    parts, given = [], []
    if typed:
        where = ["words MATCH ?", *(f"words.rowid {words}" for words, _ in bound), *conditions]
        parts.append(
            "SELECT words.rowid AS key FROM words CROSS JOIN listing ON key = words.rowid WHERE "
            + " AND ".join(where)
            + f" ORDER BY words.rowid {order} LIMIT ?"
        )
        given += [typed, *(value for _, value in bound), *values, limit]
    if not typed or wanted.also:
        where = [*(f"key {words}" for words, _ in bound), *conditions]
        mine = [*(value for _, value in bound), *values]
        if wanted.also:
            where.append(f"caller IN ({_places(wanted.also)})")
            mine += wanted.also
        said = f"WHERE {' AND '.join(where)}" if where else ""
        parts.append(f"SELECT key FROM listing {said} ORDER BY key {order} LIMIT ?")
        given += [*mine, limit]
    whole = " UNION ".join(f"SELECT * FROM ({part})" for part in parts)
    rows = base.execute(f"{whole} ORDER BY key {order} LIMIT ?", [*given, limit]).fetchall()
    return [row["key"] for row in rows]


def counts(base: sqlite3.Connection, callers: tuple[str, ...]) -> Counts:
    """Of all calls with these callers together."""
    row = base.execute(
        "SELECT count(*), total(direction = 'incoming'), total(direction = 'outgoing'),"
        " total(direction = 'incoming' AND NOT answered), min(at), max(at)"
        f" FROM listing WHERE kind = 'call' AND caller IN ({_places(callers)})",
        callers,
    ).fetchone()
    return Counts(row[0], int(row[1]), int(row[2]), int(row[3]), row[4], row[5])


@dataclass(frozen=True, slots=True)
class Sounding:
    """A call that has audio; `started_at`: ISO 8601; `volume`: "" is the box's own medium."""

    id: str
    started_at: str
    volume: str
    direction: str


def sounding(base: sqlite3.Connection) -> list[Sounding]:
    """Every call that has audio, in the order in which they came."""
    rows = base.execute(
        "SELECT id, calls.started_at, coalesce(json_extract(record, '$.volume'), ''), direction"
        " FROM listing JOIN calls USING (id) WHERE audio ORDER BY key"
    )
    return [Sounding(*map(str, row)) for row in rows]


def next_unheard(base: sqlite3.Connection, call_id: str) -> str | None:
    """The next later call that was never played, else the oldest such; None where all were."""
    unheard = "SELECT id FROM listing WHERE audio AND NOT heard AND id <> ?"
    later = " AND key > (SELECT key FROM listing WHERE id = ?) ORDER BY key LIMIT 1"
    row = base.execute(unheard + later, (call_id, call_id)).fetchone()
    row = row or base.execute(unheard + " ORDER BY key LIMIT 1", (call_id,)).fetchone()
    return None if row is None else str(row["id"])

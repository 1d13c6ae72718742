"""The catalogue: an index over the records beside the recordings. It can be rebuilt from them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from firmware.archive import search
from firmware.archive.errors import ArchiveError, CatalogueTooNew
from firmware.archive.files import storing
from firmware.archive.reserve import give_back_where_full

SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id TEXT PRIMARY KEY,
    line TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    number TEXT,
    flagged INTEGER NOT NULL,
    path TEXT NOT NULL,
    record TEXT NOT NULL,
    UNIQUE (line, sequence)
);
CREATE INDEX IF NOT EXISTS calls_by_sequence ON calls (sequence DESC, id DESC);
"""


class CatalogueCorrupt(ArchiveError):
    """The catalogue is no database any more; it is set aside and rebuilt."""


class Catalogue:
    """Short connections, so that recorder and page may use the same file at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._connected() as base:
            version = base.execute("PRAGMA user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise CatalogueTooNew(
                    f"{path}: written by a newer Tipring (schema {version}, this one knows"
                    f" {SCHEMA_VERSION}). The recordings are safe; update Tipring."
                )
            base.execute("SELECT COUNT(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 100)")
            base.executescript(SCHEMA)
            search.install(base)
            base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with storing(self._path):
            try:
                base = self._opened("PRAGMA journal_mode = WAL", timeout=10)
                try:
                    base.execute("PRAGMA synchronous = FULL")
                    with base:
                        yield base
                finally:
                    base.close()
            except sqlite3.OperationalError as error:
                give_back_where_full(self._path.parent)  # the next one finds room
                raise ArchiveError(
                    f"{self._path}: {error}. The recordings are kept; the list may lag."
                ) from error
            except sqlite3.DatabaseError as error:
                raise CatalogueCorrupt(f"{self._path}: {error}") from error

    def _opened(self, first: str, **how: Any) -> sqlite3.Connection:
        """A connection that has done its `first` statement. Even reading needs a few bytes beside
        the file: where not one is free, the reserve is given back at once."""
        while True:
            base: sqlite3.Connection = sqlite3.connect(self._path, **how)
            try:
                base.row_factory = sqlite3.Row
                base.execute(first)
                return base
            except sqlite3.OperationalError:
                base.close()
                if not give_back_where_full(self._path.parent):
                    raise
            except BaseException:
                base.close()
                raise

    def put(self, record: dict[str, Any], path: str) -> None:
        """Enter a record, or enter it anew; `path` is its sidecar within the archive.

        Where another call has its number already (two boxes, a lost counter), it gets the next
        one, so that neither call is dropped.
        """
        self.put_all([(record, path)])

    def put_all(self, entries: list[tuple[dict[str, Any], str]]) -> None:
        """The same for many at once, in one step."""
        with self._connected() as base:
            base.execute("BEGIN IMMEDIATE")
            for record, path in entries:
                _put(base, record, path)

    def get(self, call_id: str) -> tuple[dict[str, Any], str] | None:
        """The record and its sidecar's path, or None."""
        with self._reading() as base:
            row = base.execute("SELECT record, path FROM calls WHERE id = ?", (call_id,)).fetchone()
        return None if row is None else (json.loads(row["record"]), row["path"])

    def calls(self, limit: int, before: int | None) -> list[dict[str, Any]]:
        """Newest first by sequence number; `before` is the last number of the page before."""
        with self._connected() as base:
            rows = base.execute(
                "SELECT record FROM calls WHERE sequence < ? ORDER BY sequence DESC LIMIT ?",
                (2**62 if before is None else before, limit),
            ).fetchall()
        return [json.loads(row["record"]) for row in rows]

    def check(self) -> str | None:
        """What SQLite finds wrong with the file, or None."""
        with self._connected() as base:
            said = str(base.execute("PRAGMA quick_check(1)").fetchone()[0])
        return None if said == "ok" else f"{self._path}: {said}"

    def is_empty(self) -> bool:
        """Whether no call is entered."""
        with self._connected() as base:
            return base.execute("SELECT 1 FROM calls LIMIT 1").fetchone() is None

    def places(self, wanted: list[str]) -> dict[str, str]:
        """Those of these ids that are entered, and the places of their records."""
        found: dict[str, str] = {}
        with self._connected() as base:
            for start in range(0, len(wanted), 500):
                some = wanted[start : start + 500]
                marks = ",".join("?" * len(some))
                rows = base.execute(f"SELECT id, path FROM calls WHERE id IN ({marks})", some)
                found.update({row["id"]: row["path"] for row in rows})
        return found

    def remove(self, call_id: str) -> None:
        """Take a call out; its row is overwritten, in the journal too."""
        with self._connected() as base:
            base.execute("PRAGMA secure_delete = ON")
            base.execute("DELETE FROM calls WHERE id = ?", (call_id,))
            base.commit()
            base.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def last_sequence(self, line: str) -> int:
        """The highest sequence number of the line; 0 where there is none."""
        with self._connected() as base:
            row = base.execute("SELECT MAX(sequence) FROM calls WHERE line = ?", (line,)).fetchone()
        return int(row[0] or 0)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A short connection that cannot write. None is kept: a catalogue that was set aside, or
        that a recorder repairs while it starts, is not held on to."""
        with storing(self._path):
            self._path.stat()  # a missing file is said to be missing, not made empty
        try:
            first = "SELECT 1 FROM sqlite_schema LIMIT 1"
            with closing(self._opened(first, timeout=10, isolation_level=None)) as base:
                base.execute("PRAGMA query_only = 1")
                yield base
        except sqlite3.OperationalError as error:
            raise ArchiveError(
                f"{self._path}: {error}. The recordings are kept; the list may lag."
            ) from error
        except sqlite3.DatabaseError as error:
            raise CatalogueCorrupt(f"{self._path}: {error}") from error

    def page(
        self,
        wanted: search.Filter,
        limit: int,
        before: int | None = None,
        after: int | None = None,
    ) -> search.Page:
        """The calls that fit, a page at a time by key."""
        with self._reading() as base:
            return search.page(base, wanted, limit, before, after)

    def counts(self, callers: tuple[str, ...]) -> search.Counts:
        """How many calls these callers have."""
        with self._reading() as base:
            return search.counts(base, callers)

    def sounding(self) -> list[search.Sounding]:
        """Every call that has audio, in the order in which they came."""
        with self._reading() as base:
            return search.sounding(base)

    def marked(self, mark: str) -> list[dict[str, Any]]:
        """The calls whose record has this mark of the owner, newest first."""
        with self._reading() as base:
            rows = base.execute(
                "SELECT record FROM calls WHERE record LIKE ? ORDER BY sequence DESC",
                (f'%"{mark}": %',),
            ).fetchall()
        found = (json.loads(row["record"]) for row in rows)
        return [record for record in found if record.get(mark) is not None]

    def next_unheard(self, call_id: str) -> str | None:
        """The id of the call to play after this one."""
        with self._reading() as base:
            return search.next_unheard(base, call_id)


def move(path: Path, to: Path) -> bool:
    """Copy a catalogue; false where it is damaged, and is made anew from the records then."""
    try:
        with closing(sqlite3.connect(path, timeout=10)) as old, closing(sqlite3.connect(to)) as new:
            old.backup(new)
    except sqlite3.DatabaseError:
        to.unlink(missing_ok=True)
        return False
    return True


def _put(base: sqlite3.Connection, record: dict[str, Any], path: str) -> None:
    taken = base.execute(
        "SELECT 1 FROM calls WHERE line = ? AND sequence = ? AND id <> ?",
        (record["line"], record["sequence"], record["id"]),
    ).fetchone()
    if taken is not None:
        record = _renumbered(base, record)
    base.execute(
        "INSERT OR REPLACE INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            record["id"],
            record["line"],
            record["sequence"],
            record["started_at"],
            record.get("number"),
            int(bool(record.get("flagged"))),
            path,
            json.dumps(record, ensure_ascii=False),
        ),
    )


def _renumbered(base: sqlite3.Connection, record: dict[str, Any]) -> dict[str, Any]:
    """The record with a number of its own: the one that it was given before, or the next."""
    row = base.execute("SELECT sequence FROM calls WHERE id = ?", (record["id"],)).fetchone()
    if row is None:
        row = base.execute(
            "SELECT MAX(sequence) + 1 AS sequence FROM calls WHERE line = ?", (record["line"],)
        ).fetchone()
    return {**record, "sequence": row["sequence"], "sequence_on_record": record["sequence"]}

"""An index over the log: where each entry lies, whose call it is, and the tree's nodes.

It is derived: lost, damaged or old, it is made anew from the log itself. So it is not put on the
medium at every entry (WAL with `synchronous = NORMAL` loses its newest rows at a power cut, and
no more).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from firmware.evidence.merkle import Frontier

SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (seq INTEGER PRIMARY KEY, end INTEGER NOT NULL, call TEXT);
CREATE INDEX IF NOT EXISTS entries_by_call ON entries (call, seq) WHERE call IS NOT NULL;
CREATE TABLE IF NOT EXISTS nodes (place INTEGER PRIMARY KEY, hash BLOB NOT NULL);
"""
SCHEMA_VERSION = 1


def place(level: int, index: int) -> int:
    """Where a node stands in post-order: after leaf m come the subtrees that it completes."""
    leaf = ((index + 1) << level) - 1
    return 2 * leaf - leaf.bit_count() + level


class Index:
    """Rows are written by whoever appends; the caller holds the log's lock."""

    def __init__(self, path: Path) -> None:
        self._base = sqlite3.connect(path, timeout=10, check_same_thread=False)
        try:
            self._base.execute("PRAGMA journal_mode = WAL")
            self._base.execute("PRAGMA synchronous = NORMAL")
            version = self._base.execute("PRAGMA user_version").fetchone()[0]
            if version not in (0, SCHEMA_VERSION):
                raise sqlite3.DatabaseError("another schema")
            self._base.executescript(SCHEMA)
            self._base.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._base.commit()
        except sqlite3.DatabaseError:
            self._base.close()
            raise

    def last(self) -> tuple[int, int]:
        """How many entries are indexed, and where the last one ends in the log."""
        row = self._base.execute(
            "SELECT seq + 1, end FROM entries ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        return (0, 0) if row is None else (row[0], row[1])

    def add(
        self, rows: Iterable[tuple[int, int, str | None]], nodes: Iterable[tuple[int, int, bytes]]
    ) -> None:
        """Enter entries (sequence, end, call) and nodes (level, index, hash)."""
        with self._base:
            self._base.executemany("INSERT OR REPLACE INTO entries VALUES (?, ?, ?)", rows)
            self._base.executemany(
                "INSERT OR REPLACE INTO nodes VALUES (?, ?)",
                ((place(level, index), digest) for level, index, digest in nodes),
            )

    def node(self, level: int, index: int) -> bytes:
        """The hash of a complete subtree. Raises KeyError where it is not there."""
        row = self._base.execute(
            "SELECT hash FROM nodes WHERE place = ?", (place(level, index),)
        ).fetchone()
        if row is None:
            raise KeyError((level, index))
        return bytes(row[0])

    def span(self, sequence: int) -> tuple[int, int]:
        """Where the entry begins and ends in the log, its line feed included."""
        rows = self._base.execute(
            "SELECT seq, end FROM entries WHERE seq BETWEEN ? AND ? ORDER BY seq",
            (sequence - 1, sequence),
        ).fetchall()
        if not rows or rows[-1][0] != sequence:
            raise KeyError(sequence)
        return (rows[0][1] if sequence else 0), rows[-1][1]

    def of_call(self, call: str) -> list[int]:
        """The sequence numbers of a call's entries, in order."""
        rows = self._base.execute("SELECT seq FROM entries WHERE call = ? ORDER BY seq", (call,))
        return [row[0] for row in rows]

    def frontier(self, size: int) -> Frontier:
        """What is needed to append after `size` entries."""
        return Frontier.of(size, self.node)

    def close(self) -> None:
        """Let the file go."""
        self._base.close()

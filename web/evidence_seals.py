"""The mark beside play: whether a call is still as it was sealed.

A list shows what was found last and never waits. The page of a call looks itself; a recording that
takes long to read is read meanwhile, and what it came to is kept until its file changes.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive.errors import ArchiveError, NoSuchCall
from firmware.evidence.entries import Kind
from firmware.evidence.errors import Changed, EvidenceError
from web.prepare import Preparer
from web.shelf import Shelf
from web.witness import Witness

if TYPE_CHECKING:
    from firmware.evidence.bundle.exhibit import Exhibit
    from firmware.evidence.evidence import Evidence

GONE = (Kind.DELETED, Kind.ERASED)
AT_ONCE = 8 << 20  # bytes of a recording that are read while the page waits
OLD_S = 600.0
SCHEMA = """
CREATE TABLE IF NOT EXISTS seals (call TEXT PRIMARY KEY, state TEXT NOT NULL, why TEXT NOT NULL,
    entry INTEGER, at REAL, looked REAL NOT NULL);
CREATE TABLE IF NOT EXISTS digests (call TEXT PRIMARY KEY, stamp TEXT NOT NULL, digest TEXT NOT NULL);
"""  # noqa: E501


@dataclass(frozen=True, slots=True)
class Seal:
    """`state`: sealed, changed, unsealed, deleted, checking or unknown. `why`: a word where it was
    changed (log, record, recording, missing), or the log's own trouble. `at`: when it was sealed,
    Unix s. `existed`: a time-stamp from outside says that it existed no later than that."""

    state: str
    why: str = ""
    entry: int | None = None
    at: float | None = None
    looked: float = 0.0
    existed: datetime | None = None
    authority: str = ""


class Seals:
    """`path`: what is known, a file that can be lost."""

    def __init__(self, shelf: Shelf, witness: Witness, preparer: Preparer, path: Path) -> None:
        self._shelf = shelf
        self._witness = witness
        self._preparer = preparer
        self._path = path
        self._lock = threading.Lock()

    def known(self, calls: Iterable[dict[str, Any]]) -> dict[str, Seal]:
        """What was found last of these calls; what is not known, or old, is looked at meanwhile."""
        ids = [str(one["id"]) for one in calls if one.get("kind") != "blind"]
        found = self._kept(ids)
        now = time.time()
        for call_id in ids:
            seal = found.get(call_id)
            if seal is None or seal.state == "unsealed" or not 0 <= now - seal.looked < OLD_S:
                self._preparer.seal(call_id, self._look)
        return found

    def of(self, call: dict[str, Any]) -> Seal:
        """The state of one call, looked at now; `checking` while a long recording is read."""
        call_id = str(call["id"])
        try:
            stamp, size = self._stamp(call_id)
        except (ArchiveError, OSError):
            stamp, size = "", 0
        if size > AT_ONCE and self._digest(call_id, stamp) is None:
            self._preparer.seal(call_id, self._look)
            return Seal("checking")
        return self._look(call_id, kept=size > AT_ONCE)

    def _look(self, call_id: str, kept: bool = True) -> Seal:
        """Check a call and remember what was found. `kept`: what was read before counts, where the
        file is the same by its size, its inode and the kernel's own time of change."""
        try:
            evidence = self._witness.evidence()
            found = self._checked(evidence, call_id, kept)
        except NoSuchCall:
            return Seal("unknown")
        except (EvidenceError, ArchiveError, OSError) as error:
            return Seal("unknown", str(error))
        self._keep(call_id, found)
        return found

    def _checked(self, evidence: Evidence, call_id: str, kept: bool) -> Seal:
        history = evidence.history(call_id)
        if any(entry.kind in GONE for entry in history):
            last = next(entry for entry in reversed(history) if entry.kind in GONE)
            return Seal("deleted", entry=last.sequence, at=last.at, looked=time.time())
        entered = evidence.entered(call_id)
        if entered is None:
            return Seal("unsealed", looked=time.time())
        number, at = entered.sequence, entered.at
        try:
            evidence.check_call(call_id, lambda exhibit: self._digested(exhibit, kept))
        except Changed as error:
            return Seal("changed", error.why or str(error), number, at, time.time())
        try:
            over = evidence.existed(call_id)
        except EvidenceError:
            over = None  # the page of the log says what is wrong with its stamps
        if over is None:
            return Seal("sealed", "", number, at, time.time())
        return Seal("sealed", "", number, at, time.time(), over.stamp.at, over.stamp.authority)

    def _digested(self, exhibit: Exhibit, kept: bool) -> str:
        from firmware.evidence.digests import sha256_of

        stamp, _size = self._stamp(exhibit.call)
        known = self._digest(exhibit.call, stamp) if kept else None
        if known is None:
            known = sha256_of(exhibit)
            with self._base() as base:
                base.execute(
                    "INSERT OR REPLACE INTO digests VALUES (?, ?, ?)", (exhibit.call, stamp, known)
                )
        return known

    def _stamp(self, call_id: str) -> tuple[str, int]:
        """What changes with the recording's file, and its size; "" and 0 without one."""
        try:
            sound = self._shelf.archive.sound(call_id)
            return sound.stamp(), sound.size()
        except NoSuchCall:
            return "", 0

    def _digest(self, call_id: str, stamp: str) -> str | None:
        with self._base() as base:
            row = base.execute(
                "SELECT digest FROM digests WHERE call = ? AND stamp = ?", (call_id, stamp)
            ).fetchone()
        return None if row is None else str(row[0])

    def _kept(self, ids: list[str]) -> dict[str, Seal]:
        places = ",".join("?" * len(ids))
        try:
            with self._base() as base:
                rows = base.execute(
                    "SELECT call, state, why, entry, at, looked FROM seals"
                    f" WHERE call IN ({places})",
                    ids,
                ).fetchall()
        except (sqlite3.Error, OSError):
            return {}  # a list without marks is still a list
        return {row[0]: Seal(*row[1:]) for row in rows}

    def _keep(self, call_id: str, seal: Seal) -> None:
        row = (call_id, seal.state, seal.why, seal.entry, seal.at, seal.looked)
        with self._base() as base:
            base.execute("INSERT OR REPLACE INTO seals VALUES (?, ?, ?, ?, ?, ?)", row)

    def _base(self) -> _Turn:
        return _Turn(self._path, self._lock)


class _Turn:
    """One use of the file at a time; a damaged one is made anew."""

    def __init__(self, path: Path, lock: threading.Lock) -> None:
        self._path = path
        self._lock = lock

    def __enter__(self) -> sqlite3.Connection:
        self._lock.acquire()
        try:
            self._opened = self._open()
        except BaseException:
            self._lock.release()
            raise
        return self._opened

    def _open(self) -> sqlite3.Connection:
        try:
            return self._ready()
        except sqlite3.DatabaseError:
            self._path.unlink(missing_ok=True)
            return self._ready()

    def _ready(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT, 0o600))
        base = sqlite3.connect(self._path, timeout=5, isolation_level=None)
        try:
            base.execute("PRAGMA journal_mode = MEMORY")
            base.execute("PRAGMA synchronous = OFF")  # it can be lost
            base.executescript(SCHEMA)
        except sqlite3.DatabaseError:
            base.close()
            raise
        return base

    def __exit__(self, *_: object) -> None:
        with closing(self._opened):
            self._lock.release()

"""The event log of one box: append-only, one line an entry, gapless, crash-safe.

Three files: `log.jsonl` is the truth and is on the medium before `append` returns; `head` is the
newest signed head; `index.sqlite` can be made anew. Recorder and page append to the same log: one
at a time, by a lock.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from firmware.evidence import boots, clocks
from firmware.evidence.entries import LONGEST, Entry, Kind, Moment
from firmware.evidence.errors import Changed, LogDamaged, LogUnwritable
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.head_file import HEAD, LOCK, read_head
from firmware.evidence.index import Index
from firmware.evidence.key import BoxKey
from firmware.evidence.merkle import (
    EMPTY_ROOT,
    Frontier,
    leaf_hash,
    prove_consistency,
    prove_inclusion,
)

LOG, INDEX = "log.jsonl", "index.sqlite"
BATCH = 20000


class EventLog:
    """Opens the log in `folder`, or begins one. Raises LogDamaged where it is not what the box
    signed, LogUnwritable where the folder refuses."""

    def __init__(
        self, folder: Path, key: BoxKey, moment: Callable[[], Moment] = clocks.now
    ) -> None:
        self.folder = folder
        self.key = key
        self._moment = moment
        self._turn = threading.RLock()
        self._frontier = Frontier()
        self._end = 0
        self._last: Entry | None = None
        with _storing(folder):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._file = (folder / LOG).open("a+b", buffering=0)
            self._lock_file = (folder / LOCK).open("ab")
        with self._locked():
            self._index = self._open_index()
            self._catch_up()
            self._compare_with_head()
            if self.size == 0:
                now = boots.named(self._moment(), self._last)
                self._store(Kind.LOG_BEGUN, None, {}, now)
                self._sign(now)

    @property
    def size(self) -> int:
        """How many entries there are."""
        return self._frontier.size

    def append(
        self, kind: Kind, call: str | None = None, facts: dict[str, Any] | None = None
    ) -> Entry:
        """Enter what happened; it is on the medium when this returns. Raises LogUnwritable.

        A clock that was set, and a power cut, since the last entry get an entry of their own.
        """
        with self._locked():
            self._catch_up()
            now = boots.named(self._moment(), self._last)
            for own_kind, own_facts in boots.between(now, self._last, kind, self._newest):
                self._store(own_kind, None, own_facts, now)
            entry = self._store(kind, call, facts or {}, now)
            self._sign(now)
            return entry

    def head(self) -> SignedHead:
        """The newest signed head. Raises LogDamaged."""
        with self._locked():
            self._catch_up()
            kept = self._kept_head()
            if kept is None or kept.head.size != self.size:
                return self._sign(self._moment())
            return kept

    def line(self, sequence: int) -> bytes:
        """The stored bytes of an entry. Raises LogDamaged where there is none."""
        try:
            with self._turn:
                begin, end = self._index.span(sequence)
        except KeyError as error:
            raise LogDamaged(f"The log has no entry {sequence}.") from error
        return os.pread(self._file.fileno(), end - begin - 1, begin)

    def entry(self, sequence: int) -> Entry:
        """One entry, read. Raises LogDamaged."""
        return Entry.from_bytes(self.line(sequence))

    def of_call(self, call: str) -> list[int]:
        """The sequence numbers of everything that happened to a call, in order."""
        with self._locked():
            self._catch_up()
            return self._index.of_call(call)

    def prove(self, sequence: int, size: int | None = None) -> list[bytes]:
        """The inclusion proof of an entry in the tree of `size` entries (all, if not given)."""
        with self._turn:
            return prove_inclusion(sequence, self.size if size is None else size, self._index.node)

    def prove_growth(self, old: int, size: int | None = None) -> list[bytes]:
        """The proof that the tree of `old` entries is the beginning of the tree of `size`."""
        with self._turn:
            return prove_consistency(old, self.size if size is None else size, self._index.node)

    def root(self, size: int) -> bytes:
        """The root hash of the first `size` entries."""
        with self._turn:
            return self._index.frontier(size).root() if size else EMPTY_ROOT

    def close(self) -> None:
        """Let the files go."""
        self._index.close()
        self._file.close()
        self._lock_file.close()

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._turn, _storing(self.folder):
            fcntl.flock(self._lock_file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._lock_file, fcntl.LOCK_UN)

    def _newest(self) -> Iterator[Entry]:
        return (self.entry(number) for number in range(self.size - 1, -1, -1))

    def _store(self, kind: Kind, call: str | None, facts: dict[str, Any], now: Moment) -> Entry:
        entry = Entry(
            sequence=self.size,
            box=self.key.public.box,
            kind=str(kind),
            at=now.wall,
            clock=now.source,
            monotonic=now.monotonic,
            boot=now.boot,
            previous=self._frontier.root().hex(),
            call=call,
            facts=facts,
        )
        line = entry.to_bytes()
        if len(line) > LONGEST:
            raise LogUnwritable(f"An entry of {len(line)} bytes is too long for the log.")
        try:
            self._put(line + b"\n")
        except OSError:
            os.ftruncate(self._file.fileno(), self._end)
            raise
        self._take([line])
        return entry

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]
        os.fdatasync(self._file.fileno())

    def _take(self, lines: list[bytes]) -> None:
        """Bring index and tree up to lines that are in the file."""
        rows, nodes = [], []
        for line in lines:
            entry = Entry.from_bytes(line)
            if entry.sequence != self.size or entry.box != self.key.public.box:
                raise LogDamaged(
                    f"{self.folder / LOG}: entry {self.size} is not the one that belongs there"
                    f" (it says {entry.sequence} of box {entry.box}). The log was changed."
                )
            if entry.previous != self._frontier.root().hex():
                raise LogDamaged(
                    f"{self.folder / LOG}: entry {self.size} does not continue the entries before"
                    " it. The log was changed."
                )
            nodes += self._frontier.append(leaf_hash(line))
            self._end += len(line) + 1
            rows.append((entry.sequence, self._end, entry.call))
            self._last = entry
        self._index.add(rows, nodes)

    def _catch_up(self) -> None:
        """Take in what another process, or a lost index, left to be read."""
        there = os.fstat(self._file.fileno()).st_size
        if there < self._end:
            raise LogDamaged(f"{self.folder / LOG}: the log is shorter than it was.")
        if there == self._end:
            return
        with (self.folder / LOG).open("rb") as file:
            file.seek(self._end)
            lines: list[bytes] = []
            while line := file.readline(LONGEST + 2):
                if not line.endswith(b"\n"):
                    if len(line) > LONGEST:
                        raise LogDamaged(f"{self.folder / LOG}: what is in it is no entry.")
                    break
                lines.append(line[:-1])
                if len(lines) == BATCH:
                    self._take(lines)
                    lines = []
        if lines:
            self._take(lines)
        if there > self._end:  # an entry that a power cut tore was never acknowledged
            os.ftruncate(self._file.fileno(), self._end)
            os.fsync(self._file.fileno())

    def _open_index(self) -> Index:
        path = self.folder / INDEX
        try:
            index = Index(path)
            size, end = index.last()
            if size:
                self._adopt(index, size, end)
            return index
        except (sqlite3.DatabaseError, KeyError, _Stale):
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            self._frontier, self._end, self._last = Frontier(), 0, None
            return Index(path)

    def _adopt(self, index: Index, size: int, end: int) -> None:
        """Trust the index only where its last row is the log's own last entry there."""
        begin, end = index.span(size - 1)
        line = os.pread(self._file.fileno(), end - begin, begin)
        if line[-1:] != b"\n" or leaf_hash(line[:-1]) != index.node(0, size - 1):
            raise _Stale
        frontier = index.frontier(size)
        last = Entry.from_bytes(line[:-1])
        if last.previous != (index.frontier(size - 1).root().hex()):
            raise _Stale
        self._frontier, self._end, self._last = frontier, end, last

    def _kept_head(self) -> SignedHead | None:
        """The newest head; None where it is missing or a power cut tore it. It is then signed anew:
        what that could hide, only heads outside the box show (see `anchors`)."""
        try:
            return read_head(self.folder)
        except (FileNotFoundError, LogDamaged):
            return None

    def _compare_with_head(self) -> None:
        kept = self._kept_head()
        if kept is None:
            return
        try:
            kept.check(self.key.public)
        except Changed as error:
            raise LogDamaged(str(error)) from error
        if kept.head.size > self.size:
            raise LogDamaged(
                f"{self.folder / LOG}: the box signed {kept.head.size} entries, and only"
                f" {self.size} are left. Entries were removed."
            )
        if self.root(kept.head.size) != kept.head.root:
            raise LogDamaged(f"{self.folder / LOG}: the entries are not those the box signed.")

    def _sign(self, now: Moment) -> SignedHead:
        signed = SignedHead.sign(
            Head(self.key.public.box, self.size, self._frontier.root(), now.wall), self.key
        )
        # Not waited for: a torn head is signed anew. Not put in place: that would flush it.
        handle = os.open(self.folder / HEAD, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            data = signed.to_bytes()
            os.pwrite(handle, data, 0)
            os.ftruncate(handle, len(data))
        finally:
            os.close(handle)
        return signed


class _Stale(Exception):
    """The index is not of this log."""


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LogUnwritable(
            f"{path}: the event log cannot be written ({error.strerror}). Calls are recorded, but"
            " what happens to them is not sealed until this is mended: check the medium."
        ) from error

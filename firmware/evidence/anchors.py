"""Anchors outside the box: a queue of heads to be time-stamped, and the stamps that were had.

A stamp over a newer head covers every entry before it too. So when the network is back after a
month, the newest head is stamped first, and what waited before it is settled by it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from firmware.evidence import timestamp
from firmware.evidence.authority import Authority
from firmware.evidence.entries import Kind
from firmware.evidence.errors import AuthorityUnreachable, LogUnwritable, StampRefused
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.head_file import read_head_file, write_head_file
from firmware.evidence.log import EventLog

DAY_S = 86400.0
FIRST_WAIT_S = 60.0
LONGEST_WAIT_S = 6 * 3600.0


@dataclass(frozen=True, slots=True)
class Anchor:
    """A stamped head: what it covers existed no later than `stamp.at`."""

    signed: SignedHead
    answer: bytes
    crl: bytes
    stamp: timestamp.Stamp


@dataclass(frozen=True, slots=True)
class AnchorState:
    """`waiting`: heads in the queue, the oldest since `since` (Unix s); `trouble`: the last one."""

    waiting: int
    since: float | None
    last: Anchor | None
    trouble: str


class Anchors:
    """`folder` holds, by the size of its tree, each head (`.head`) and its stamp (`.tsr`)."""

    def __init__(self, log: EventLog, authority: Authority, interval_s: float = DAY_S) -> None:
        self._log = log
        self._authority = authority
        self._interval = interval_s
        self._wait = FIRST_WAIT_S
        self._next_try = 0.0
        self._trouble = ""
        self.folder = anchor_folder(log.folder)
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise LogUnwritable(f"{self.folder}: cannot be made ({error.strerror}).") from error

    def tick(self, now: float) -> float:
        """Queue a head where one is due and ask for a stamp; when to be called again (Unix s)."""
        due = self._due(now)
        if now >= due:
            self.wish()
            due = now + self._interval
        if not self._waiting():
            return due
        if now >= self._next_try:
            try:
                self.drain()
            except (AuthorityUnreachable, StampRefused) as error:
                self._trouble = str(error)
                self._next_try = now + self._wait
                self._wait = min(2 * self._wait, LONGEST_WAIT_S)
                return min(due, self._next_try)
            self._trouble, self._wait, self._next_try = "", FIRST_WAIT_S, 0.0
            return due
        return min(due, self._next_try)

    def wish(self) -> None:
        """Queue the newest head, unless nothing but stamps was entered since the last one."""
        signed = self._log.head()
        newest = max(_sizes(self.folder, "*.head"), default=0)
        fresh = range(newest, signed.head.size)
        if all(self._log.entry(number).kind == Kind.ANCHORED for number in fresh):
            return
        write_head_file(_path(self.folder, signed.head.size, "head"), signed)

    def drain(self) -> int:
        """Have the newest waiting head stamped; how many heads that settles.

        Raises AuthorityUnreachable, StampRefused.
        """
        waiting = self._waiting()
        if not waiting:
            return 0
        size = waiting[-1]
        text = read_head_file(_path(self.folder, size, "head")).head.text()
        asked = timestamp.request(text)
        answer = self._authority.stamp(asked)
        stamp = timestamp.accept(answer, asked, text, self._authority.trusted())
        crl = self._authority.revoked(stamp.chain)
        timestamp.check(answer, text, stamp.chain, crl)
        if crl:
            self._keep(size, "crl", crl)
        self._keep(size, "chain", stamp.chain)
        self._keep(size, "tsr", answer)
        for number in waiting[:-1]:
            _path(self.folder, number, "head").unlink()
        facts = {"size": size, "sha256": hashlib.sha256(answer).hexdigest()}
        self._log.append(Kind.ANCHORED, None, {**facts, "authority_time": stamp.at.isoformat()})
        return len(waiting)

    def state(self) -> AnchorState:
        """What the owner is told."""
        count, since = waiting(self._log.folder)
        return AnchorState(count, since, Stamped(self.folder).newest(), self._trouble)

    def _due(self, now: float) -> float:
        sizes = _sizes(self.folder, "*.head")
        if not sizes:
            return now
        return read_head_file(_path(self.folder, sizes[-1], "head")).head.at + self._interval

    def _waiting(self) -> list[int]:
        return _unstamped(self.folder)

    def _keep(self, size: int, ending: str, data: bytes) -> None:
        path = _path(self.folder, size, ending)
        temporary = path.with_name(path.name + ".tmp")
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def anchor_folder(log_folder: Path) -> Path:
    """Where the anchors of a log are kept."""
    return log_folder / "anchors"


def waiting(log_folder: Path) -> tuple[int, float | None]:
    """How many heads wait for a stamp, and since when the oldest does (Unix s)."""
    folder = anchor_folder(log_folder)
    sizes = _unstamped(folder)
    return len(sizes), read_head_file(_path(folder, sizes[0], "head")).head.at if sizes else None


def _unstamped(folder: Path) -> list[int]:
    done = set(_sizes(folder, "*.tsr"))
    return [size for size in _sizes(folder, "*.head") if size not in done]


def load(folder: Path, size: int) -> Anchor:
    """The anchor of that size, checked. Raises StampRefused, LogDamaged."""
    signed = read_head_file(_path(folder, size, "head"))
    answer = _path(folder, size, "tsr").read_bytes()
    crl = _path(folder, size, "crl")
    lists = crl.read_bytes() if crl.exists() else b""
    chain = _path(folder, size, "chain").read_bytes()
    return Anchor(signed, answer, lists, timestamp.check(answer, signed.head.text(), chain, lists))


class Stamped:
    """The stamps of a log, each read and checked once. Every method may raise StampRefused."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._sizes = _sizes(folder, "*.tsr")
        self._read: dict[int, Anchor] = {}

    def covering(self, sequence: int) -> Anchor | None:
        """The earliest stamp over an entry: it existed no later than that."""
        return next((self._of(size) for size in self._sizes if size > sequence), None)

    def newest(self) -> Anchor | None:
        """The latest stamp there is."""
        return self._of(self._sizes[-1]) if self._sizes else None

    def heads(self) -> list[Head]:
        """Every stamped head: what the whole log must agree with."""
        return [self._of(size).signed.head for size in self._sizes]

    def _of(self, size: int) -> Anchor:
        if size not in self._read:
            self._read[size] = load(self._folder, size)
        return self._read[size]


def stamped(log_folder: Path) -> Stamped:
    """The stamps of the log in this folder."""
    return Stamped(anchor_folder(log_folder))


def _path(folder: Path, size: int, ending: str) -> Path:
    return folder / f"{size:012d}.{ending}"


def _sizes(folder: Path, pattern: str) -> list[int]:
    return sorted(int(path.stem) for path in folder.glob(pattern) if path.stem.isdigit())

"""Erasure with proof: key and files go, the log keeps a signed tombstone and still verifies.

The wish is noted first, then entered, then carried out: a power cut in between is finished at the
next start, and never leaves a call that is half there.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from firmware.evidence.entries import Entry, Kind
from firmware.evidence.evidence import Evidence
from firmware.privacy.holds import HoldBook
from firmware.privacy.keys import KeyStore

WISHES = "erasing"
BLOCK = 1 << 18


class Shelf(Protocol):
    """Where calls lie."""

    def files(self, call_id: str) -> list[Path]:
        """Every file of the call, on every medium that is here."""

    def forget(self, call_id: str) -> None:
        """Take the call out of the catalogue."""


class Erasure:
    """`keys`: None where calls are kept as plain files; their files are then overwritten first,
    which a flash card may take as a wish."""

    def __init__(
        self,
        evidence: Evidence,
        shelf: Shelf,
        holds: HoldBook,
        keys: KeyStore | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._evidence = evidence
        self._shelf = shelf
        self._holds = holds
        self._keys = keys
        self._clock = clock
        self._folder = evidence.log.folder / WISHES

    def erase(self, call_id: str, by: str, why: str) -> Entry:
        """Erase a call. Raises CallHeld, HoldsUnreadable; nothing is touched then.

        `by`: owner, retention or subject; `why`: a word such as "term-over", never a person's text.
        """
        self._holds.require_free(call_id)
        self._folder.mkdir(exist_ok=True, mode=0o700)
        wish = self._folder / call_id
        wish.touch()
        _sync(self._folder)
        entry = self._evidence.happened(Kind.ERASED, call_id, by=by, why=why)
        self._carry_out(call_id, wish)
        return entry

    def hold(self, call_id: str, owner: str, reason: str) -> Entry:
        """Hold a call. Raises ValueError where owner or reason is missing."""
        self._holds.hold(call_id, owner, reason, self._clock())
        return self._evidence.happened(Kind.HELD, call_id)

    def release(self, call_id: str) -> Entry | None:
        """Lift a hold; None where there was none."""
        if self._holds.release(call_id) is None:
            return None
        return self._evidence.happened(Kind.RELEASED, call_id)

    def finish(self) -> list[str]:
        """Carry out what a power cut left; the calls that were erased. For the start."""
        if not self._folder.is_dir():
            return []
        done = []
        for wish in sorted(self._folder.iterdir()):
            entries = self._evidence.history(wish.name)
            if not any(entry.kind == Kind.ERASED for entry in entries):
                self._evidence.happened(Kind.ERASED, wish.name, by="owner", why="after-power-cut")
            self._carry_out(wish.name, wish)
            done.append(wish.name)
        return done

    def _carry_out(self, call_id: str, wish: Path) -> None:
        if self._keys is not None:
            self._keys.erase(call_id)
        folders = set()
        for path in self._shelf.files(call_id):
            if self._keys is None:
                _overwrite(path)
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        self._shelf.forget(call_id)
        for folder in folders:
            _sync(folder)
        wish.unlink(missing_ok=True)


def _overwrite(path: Path) -> None:
    with path.open("r+b", buffering=0) as file:
        left = os.fstat(file.fileno()).st_size
        while left:
            left -= file.write(os.urandom(min(left, BLOCK)))
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

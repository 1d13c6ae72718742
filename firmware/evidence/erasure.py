"""Erasure with proof: key and files go, the log keeps a signed tombstone and still verifies.

The wish is noted first, then entered, then carried out: a power cut in between is finished at the
next start, and never leaves a call that is half there.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from firmware.archive.errors import ArchiveError, CallProtected, NoSuchCall
from firmware.archive.going import forget_copies
from firmware.archive.vault import is_sealed
from firmware.evidence.entries import Entry, Kind
from firmware.evidence.evidence import Evidence

WISHES = "erasing"
BLOCK = 1 << 18


class Shelf(Protocol):
    """Where calls lie."""

    def files(self, call_id: str) -> list[Path]:
        """Every file of the call, on every medium that is here."""

    def forget(self, call_id: str) -> None:
        """Take the call out of the catalogue."""


class Erasure:
    """Sealed files lose their keys first. Plain ones are overwritten, which a flash card may take
    as a wish."""

    def __init__(
        self,
        evidence: Evidence,
        shelf: Shelf,
    ) -> None:
        self._evidence = evidence
        self._shelf = shelf
        self._archive = evidence.archive
        self._folder = evidence.log.folder / WISHES

    def erase(self, call_id: str, by: str, why: str) -> Entry:
        """Erase a call. Raises CallProtected where it is held, ArchiveError where its medium is
        not here; nothing is touched then.

        `by`: owner, retention or subject; `why`: a word such as "term-over", never a person's text.
        """
        self._require_free(call_id)
        self._shelf.files(call_id)
        self._folder.mkdir(exist_ok=True, mode=0o700)
        wish = self._folder / call_id
        wish.touch()
        _sync(self._folder)
        entry = self._evidence.happened(Kind.ERASED, call_id, by=by, why=why)
        self._carry_out(call_id, wish)
        return entry

    def hold(self, call_id: str, owner: str, reason: str) -> Entry:
        """Hold a call. Raises ValueError where owner or reason is missing."""
        if not owner.strip() or not reason.strip():
            raise ValueError("A hold needs an owner and a reason.")
        self._archive.hold(call_id, True, owner.strip(), reason.strip())
        return self._evidence.happened(Kind.HELD, call_id)

    def release(self, call_id: str) -> Entry | None:
        """Lift a hold; None where there was none."""
        if not self._archive.get(call_id).get("held"):
            return None
        self._archive.hold(call_id, False)
        return self._evidence.happened(Kind.RELEASED, call_id)

    def _require_free(self, call_id: str) -> None:
        with suppress(NoSuchCall):  # one that is forgotten already has files that are left
            call = self._archive.get(call_id)
            if call.get("held"):
                raise CallProtected(
                    f"The call {call_id} is held by {call.get('held_by') or 'somebody'}:"
                    f" {call.get('held_why') or 'no reason is given'}. It stays until the hold is"
                    " lifted."
                )

    def finish(self) -> list[str]:
        """Carry out what a power cut left; the calls that were erased. For the start."""
        if not self._folder.is_dir():
            return []
        done = []
        for wish in sorted(self._folder.iterdir()):
            entries = self._evidence.history(wish.name)
            if not any(entry.kind == Kind.ERASED for entry in entries):
                self._evidence.happened(Kind.ERASED, wish.name, by="owner", why="after-power-cut")
            try:
                self._carry_out(wish.name, wish)
            except ArchiveError:
                continue  # its medium is not here: when it is back
            done.append(wish.name)
        return done

    def _carry_out(self, call_id: str, wish: Path) -> None:
        files = self._shelf.files(call_id)
        self._archive.vault.forget(call_id)
        folders = set()
        for path in files:
            if not is_sealed(path):
                _overwrite(path)
            path.unlink(missing_ok=True)
            folders.add(path.parent)
        self._shelf.forget(call_id)
        for folder in folders:
            _sync(folder)
        forget_copies(self._archive.vault, call_id)
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

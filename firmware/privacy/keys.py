"""The keys of the calls: one file of slots that are overwritten where they lie.

A call is erased by overwriting its slot. Nothing else on the medium holds its key, so what is left
of its files is noise. A flash card may keep an old copy of a slot where no computer can read it
through the card's own interface; against somebody who takes the chips off the card this does not
help.

Each key is wrapped by the box's own (`call-master.key`), so that a copy of the slots alone is worth
nothing.
"""

from __future__ import annotations

import errno
import fcntl
import os
import struct
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.privacy.errors import KeyGone, KeyStoreUnusable

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

SLOTS, MASTER = "call-keys.bin", "call-master.key"
SLOT = struct.Struct(">B15x16s12s48s36x")  # state, call, nonce, wrapped key: four to a sector
EMPTY, USED, ERASED = 0, 1, 2
AHEAD = 512  # slots that are taken ahead: a full medium still takes the keys of new calls
LOOKED_AT = 512  # slots read at once
KEY_BYTES = 32


class KeyStore:
    """The keys kept in `folder` (the box's state, not the recordings' medium).

    Recorder and page use the same file at once. Raises KeyStoreUnusable.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / SLOTS
        self._turn = threading.RLock()
        self._places: dict[bytes, int] = {}
        self._count = 0
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._wrap = _wrapper(folder / MASTER, may_make=not self._path.exists())
            handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            self._file = os.fdopen(handle, "r+b", buffering=0)
        except OSError as error:
            raise KeyStoreUnusable(
                f"{self._path}: the calls' keys cannot be opened ({error.strerror}). Encrypted"
                " calls can neither be made nor heard."
            ) from error
        with self._locked():
            self._look()

    def make(self, call_id: str) -> bytes:
        """A new key for a call; it is on the medium when this returns. Raises KeyStoreUnusable."""
        with self._locked():
            self._look()
            if _call(call_id) in self._places:
                raise KeyStoreUnusable(f"The call {call_id} has a key already.")
            return self._made(_call(call_id))

    def ensure(self, call_id: str) -> None:
        """Make the call's key where it has none. Raises KeyStoreUnusable."""
        with self._locked():
            self._look()
            if _call(call_id) not in self._places:
                self._made(_call(call_id))

    def _made(self, call: bytes) -> bytes:
        key = os.urandom(KEY_BYTES)
        if self._count % (AHEAD // 2) == 0:
            self._take_ahead()
        nonce = os.urandom(12)
        slot = SLOT.pack(USED, call, nonce, self._wrap.encrypt(nonce, key, call))
        self._write(self._count, slot)
        self._places[call] = self._count
        self._count += 1
        return key

    def _take_ahead(self) -> None:
        have = os.fstat(self._file.fileno()).st_size
        more = (self._count + AHEAD) * SLOT.size - have
        if more > 0:
            try:
                os.pwrite(self._file.fileno(), bytes(more), have)
            except OSError as error:
                if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                    raise  # else there may be slots left

    def get(self, call_id: str) -> bytes:
        """The call's key, read from its slot each time. Raises KeyGone."""
        from cryptography.exceptions import InvalidTag

        call = _call(call_id)
        with self._locked():
            if call not in self._places:
                self._look()
            place = self._places.get(call)
            state, owner, nonce, wrapped = self._slot(place)
        if place is None or state != USED or owner != call:
            raise KeyGone(
                f"The call {call_id} was erased, or was never on this box: its key is not here."
            )
        try:
            return self._wrap.decrypt(nonce, wrapped, call)
        except InvalidTag as error:
            raise KeyGone(f"The key of the call {call_id} is damaged: it is lost.") from error

    def erase(self, call_id: str) -> bool:
        """Overwrite the call's key where it lies; whether there was one."""
        call = _call(call_id)
        with self._locked():
            self._look()
            place = self._places.pop(call, None)
            state, owner, _, _ = self._slot(place)
            if place is None or (state, owner) != (USED, call):
                return False  # another process was first
            self._write(place, SLOT.pack(ERASED, os.urandom(16), os.urandom(12), os.urandom(48)))
        return True

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def _slot(self, place: int | None) -> tuple[int, bytes, bytes, bytes]:
        if place is None:
            return EMPTY, b"", b"", b""
        data = os.pread(self._file.fileno(), SLOT.size, place * SLOT.size)
        if len(data) != SLOT.size:
            return EMPTY, b"", b"", b""
        state, call, nonce, wrapped = SLOT.unpack(data)
        return state, call, nonce, wrapped

    def _write(self, place: int, slot: bytes) -> None:
        os.pwrite(self._file.fileno(), slot, place * SLOT.size)
        os.fsync(self._file.fileno())

    def _look(self) -> None:
        """Take in the slots that another process has added."""
        size = LOOKED_AT * SLOT.size
        while data := os.pread(self._file.fileno(), size, self._count * SLOT.size):
            for state, call, _, _ in SLOT.iter_unpack(data[: len(data) // SLOT.size * SLOT.size]):
                if state == EMPTY:
                    return
                if state == USED:
                    self._places[call] = self._count
                self._count += 1
            if len(data) < size:
                return

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._turn:
            fcntl.flock(self._file, fcntl.LOCK_EX)
            try:
                yield
            except OSError as error:
                raise KeyStoreUnusable(
                    f"{self._path}: the calls' keys cannot be written ({error.strerror})."
                ) from error
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def put_aside(folder: Path, mark: str) -> list[Path]:
    """Give the files of a store that cannot be opened other names, so that a new one can be made;
    their new names. They are kept: with the right master key their calls can be heard.

    Raises KeyStoreUnusable.
    """
    moved = []
    for path in (folder / SLOTS, folder / MASTER):
        if path.exists():
            aside = path.with_name(f"{path.name}.{mark}")
            try:
                path.rename(aside)
            except OSError as error:
                raise KeyStoreUnusable(
                    f"{path}: it cannot be put aside ({error.strerror})."
                ) from error
            moved.append(aside)
    return moved


def _call(call_id: str) -> bytes:
    try:
        return uuid.UUID(call_id).bytes
    except ValueError as error:
        raise KeyGone(f"{call_id!r} is no call's id.") from error


def _wrapper(path: Path, may_make: bool) -> ChaCha20Poly1305:
    from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

    if not path.exists():
        if not may_make:
            raise KeyStoreUnusable(
                f"{path}: the box's key over all calls is missing. Put it back from the backup;"
                " without it no encrypted call can be heard."
            )
        handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)  # mode 0600
        with os.fdopen(handle, "wb") as file:
            file.write(os.urandom(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(name)
        except FileExistsError:
            pass  # another process of the box was first: its key is read below
        finally:
            Path(name).unlink()
    if path.stat().st_mode & 0o077:
        raise KeyStoreUnusable(f"{path}: others may read it. Make it private (chmod 600 {path}).")
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise KeyStoreUnusable(f"{path}: it is damaged. Put it back from the backup.")
    return ChaCha20Poly1305(key)

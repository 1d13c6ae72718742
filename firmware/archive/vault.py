"""How the files of calls are kept: as they are, or sealed. A file's name says which.

A sealed call has `sealed` in its name where others have the number. It has two keys: one for its
sound, one for its record, so that the sound can be erased and the row stays.
"""

from __future__ import annotations

import io
import json
import os
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from firmware.archive.errors import ArchiveError, SealedAway
from firmware.archive.files import read_json, storing, write_json
from firmware.archive.layout import CATALOGUE, SEALED
from firmware.privacy.errors import KeyGone, PrivacyError
from firmware.privacy.sealed import BLOCK, FILE_CHUNK, PART_CHUNK, SealedFile, write_sealed

if TYPE_CHECKING:
    from firmware.privacy.keys import KeyStore

KEYS = "call-keys.bin"
RECORD = 0xF << 76  # a call's id is a UUID of version 7; that of its record's key is of version 8
READ_AHEAD = 65536


class Vault:
    """`keys`: the folder of the calls' keys; None: nothing sealed can be made or read. `seals`:
    whether new calls are. `memory`: a folder in memory for what tells of sealed calls in the clear.
    """

    def __init__(
        self, keys: Path | None = None, seals: bool = False, memory: Path | None = None
    ) -> None:
        self.seals = seals
        self.memory = memory
        self._folder = keys
        self._opened: KeyStore | None = None
        self._lock = threading.Lock()

    @property
    def private(self) -> bool:
        """Whether there are sealed calls, or will be: lists and copies are kept in memory then."""
        return self.seals or (self._folder is not None and (self._folder / KEYS).exists())

    def catalogue_in(self, root: Path) -> Path:
        """Where the catalogue lies. Raises SealedAway."""
        if not self.private:
            return root / CATALOGUE
        if self.memory is None:
            raise SealedAway(
                "Calls of this box are encrypted, and their list is kept in memory only. Use the"
                " box's own configuration (--config)."
            )
        return self.memory / CATALOGUE

    @property
    def copies(self) -> Path | None:
        """The folder with copies and pictures; None where nobody makes any."""
        return None if self._folder is None else self.cache_in(self._folder)

    def cache_in(self, folder: Path) -> Path:
        """Where copies for phones and pictures of calls lie."""
        return self.memory if self.private and self.memory is not None else folder

    def marked(self, record: dict[str, Any]) -> dict[str, Any]:
        """The record of a new call, which says whether it is sealed. Blind time tells of nobody."""
        if self.seals and record.get("kind") != "blind":
            return {**record, "sealed": True}
        return record

    def prepare(self, record: dict[str, Any], sound: bool) -> None:
        """Make the keys of a call whose files are about to be made: that of its record, and with
        `sound` that of its sound. Raises SealedAway."""
        if record.get("sealed"):
            with self._keys() as keys:
                if sound:
                    keys.ensure(str(record["id"]))
                keys.ensure(_of_record(str(record["id"])))

    def read(self, path: Path) -> bytes:
        """All of a file, in the clear. Raises OSError, SealedAway."""
        with self.open(path) as file:
            return file.read()

    def read_json(self, path: Path) -> dict[str, Any] | None:
        """The record, or None where the file is torn, missing, or of an erased call."""
        if not is_sealed(path):
            return read_json(path)
        try:
            record = json.loads(self.read(path))
        except (OSError, ValueError, SealedAway):
            return None
        return record if isinstance(record, dict) else None

    def write_json(self, path: Path, record: dict[str, Any]) -> None:
        """Write the record whole, or leave what was there. Raises ArchiveError."""
        if not is_sealed(path):
            write_json(path, record)
            return
        text = json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True)
        with storing(path):
            write_sealed(path, self._key(path), (text + "\n").encode())

    def open(self, path: Path, torn: bool = False) -> BinaryIO:
        """Read a file as if it were not sealed; `torn`: what a power cut spoilt at its end counts
        as not written. Raises OSError, SealedAway."""
        if not is_sealed(path):
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            return os.fdopen(handle, "rb")
        return io.BufferedReader(SealedFile(path, self._key(path), torn=torn), READ_AHEAD)

    def create(self, path: Path) -> Any:
        """A new part of a recording, unbuffered; its `fileno` is for locks and syncs. Raises
        OSError, SealedAway."""
        if not is_sealed(path):
            return path.open("xb", buffering=0)
        return SealedFile(path, self._key(path), "x", chunk=PART_CHUNK)

    @staticmethod
    def block_of(path: Path) -> int:
        """How many bytes of such a part the medium writes at once."""
        return PART_CHUNK if is_sealed(path) else BLOCK

    @contextmanager
    def encoding(self, path: Path) -> Iterator[Any]:
        """What soundfile writes a master to: a path, or a file object that seals it."""
        if not is_sealed(path):
            yield path
            return
        path.unlink(missing_ok=True)
        with SealedFile(path, self._key(path), "x", chunk=FILE_CHUNK) as file:
            yield file

    def has_key(self, path: Path) -> bool:
        """Whether the file can be read: false for what was erased, or is of another box."""
        try:
            return not is_sealed(path) or bool(self._key(path))
        except SealedAway:
            return False

    def forget_sound(self, call_id: str) -> None:
        """Destroy the key of a call's sound. Raises SealedAway where the keys cannot be written."""
        if self.private:
            with self._keys() as keys:
                keys.erase(call_id)

    def forget(self, call_id: str) -> None:
        """Destroy both keys of a call."""
        self.forget_sound(call_id)
        if self.private:
            with self._keys() as keys:
                keys.erase(_of_record(call_id))

    def _key(self, path: Path) -> bytes:
        found = SEALED.match(path.name)
        call_id = found[1] if found else ""
        with self._keys() as keys:
            return keys.get(_of_record(call_id) if ".json" in path.name else call_id)

    @contextmanager
    def _keys(self) -> Iterator[KeyStore]:
        try:
            with self._lock:
                if self._opened is None:
                    self._opened = self._open()
            yield self._opened
        except PrivacyError as error:
            raise SealedAway(str(error)) from error

    def _open(self) -> KeyStore:
        from firmware.privacy.keys import KeyStore

        if self._folder is None or not self.private:
            raise KeyGone("This call is encrypted, and the keys of calls are not here.")
        return KeyStore(self._folder)

    def mend(self, mark: str) -> str:
        """See that the next call can be sealed; what the owner must know, or "".

        Keys that cannot be opened are put aside under a name that ends with `mark`, and new ones
        begun: no call must go unrecorded for the sake of earlier ones.
        """
        from firmware.privacy.keys import put_aside

        if not self.seals or self._folder is None:
            return ""
        try:
            with self._keys():
                return ""
        except SealedAway as error:
            why = str(error)
        try:
            aside = put_aside(self._folder, mark)
            with self._keys():
                names = " and ".join(str(path) for path in aside)
                return (
                    f"{why} Calls are recorded, under new keys. Those of earlier encrypted calls"
                    f" lie in {names}: these calls cannot be heard until they are put right."
                )
        except (PrivacyError, SealedAway) as error:
            return f"{why} {error} Calls wait in memory, where there is room for about an hour."

    def close(self) -> None:
        """Let the keys' file go; it is opened again at the next use."""
        with self._lock:
            opened, self._opened = self._opened, None
            if opened is not None:
                opened.close()

    def start(self) -> None:
        """Open the keys, or begin them where calls are to be sealed. Raises SealedAway."""
        if self.private:
            with self._keys():
                return


def is_sealed(path: Path) -> bool:
    """Whether it is a file of a sealed call, by its name."""
    return SEALED.match(path.name) is not None


def _of_record(call_id: str) -> str:
    try:
        return str(uuid.UUID(int=uuid.UUID(call_id).int ^ RECORD))
    except ValueError as error:
        raise ArchiveError(f"{call_id!r} is no call's id.") from error

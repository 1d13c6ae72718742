"""A call's sound for whoever reads it; how it is stored is nobody else's business."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from firmware.archive.errors import ArchiveUnwritable
from firmware.archive.files import storing
from firmware.archive.vault import Vault


@dataclass(frozen=True, slots=True)
class Sound:
    """The FLAC master at `path`, in the clear."""

    path: Path
    vault: Vault

    @property
    def name(self) -> str:
        """Its file's name."""
        return self.path.name

    def open(self) -> BinaryIO:
        """A seekable file object; the caller closes it. Raises ArchiveError."""
        try:
            return self.vault.open(self.path)
        except OSError as error:
            raise ArchiveUnwritable(f"{self.path}: cannot be read ({error}).") from error

    def size(self) -> int:
        """Bytes of FLAC. Raises ArchiveError."""
        with self.open() as file:
            return file.seek(0, 2)

    def stamp(self) -> str:
        """What changes with the file. Raises ArchiveError."""
        with storing(self.path):
            found = self.path.stat()
        return " ".join(
            map(str, (found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size))
        )

    def modified(self) -> float:
        """Unix seconds. Raises ArchiveError."""
        with storing(self.path):
            return self.path.stat().st_mtime


def sound_at(path: Path) -> Sound:
    """The sound of a plain file."""
    return Sound(path, Vault())

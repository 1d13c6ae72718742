"""One file of a recording while the call runs: a PCM WAV whose every second reaches the medium.

An unclosed WAV can be read back to its last block, whatever its header says.
"""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

from firmware.archive.files import storing, sync_folder
from firmware.archive.preallocate import preallocate
from firmware.archive.vault import Vault

BLOCK = 4096  # what media and file systems write at once
HEADER_BYTES = BLOCK
OLD_HEADER_BYTES = 44
SYNC_S = 0.77  # at 8 kHz three blocks: fewer syncs wear the card less, more lose more
# Bytes taken ahead: nine minutes at 8 kHz. A file in more than four pieces costs a third more at
# each sync, since ext4 then keeps the list of pieces in a block of its own.
AHEAD = 2**23
ROOMY = 2**27  # with less than that free, only an eighth is taken


def wav_header(rate: int, frames: int, block: int = BLOCK) -> bytes:
    """One block before mono 16-bit PCM: RIFF, WAVE, fmt, JUNK that fills the block, data.

    The samples then begin at a block, so that a sync writes no block twice.
    """
    size = frames * 2
    junk = block - OLD_HEADER_BYTES - 8
    head = struct.pack(
        "<4sI4s4sIHHIIHH",
        *(b"RIFF", block - 8 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16),
    )
    filling = struct.pack("<4sI", b"JUNK", junk) + bytes(junk)
    return head + filling + struct.pack("<4sI", b"data", size)


def data_offset(head: bytes, block: int = BLOCK) -> int:
    """Where the samples begin, by the first bytes of a part: older releases had 44 before them.

    Where the header cannot be read (it is written again at the end) it is one `block`.
    """
    if head[36:40] == b"data":
        return OLD_HEADER_BYTES
    if head[36:40] == b"JUNK" and len(head) >= OLD_HEADER_BYTES:
        return OLD_HEADER_BYTES + 8 + int(struct.unpack("<I", head[40:44])[0])
    return block


def sync_bytes(rate: int, block: int = BLOCK) -> int:
    """How much is written between two syncs: whole blocks, at most SYNC_S of samples."""
    return max(block, int(rate * 2 * SYNC_S) // block * block)


class RecordingWriter:
    """Appends PCM; `confirmed` is how many bytes of it the medium has said to hold.

    A sealed part is written in chunks of a block, so what is synced is whole chunks. Raises
    ArchiveFull, ArchiveUnwritable or SealedAway; after that the file is not written any more, and
    what was not confirmed must be taken for lost.
    """

    def __init__(self, path: Path, rate: int, vault: Vault) -> None:
        self.path = path
        self.confirmed = 0
        self.stored = 0
        self._rate = rate
        self._block = vault.block_of(path)
        self._step = sync_bytes(rate, self._block)
        self._ahead = 0
        with storing(path):
            self._file = vault.create(path)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # recovery leaves it alone
            self._put(wav_header(rate, 0, self._block))
            os.fsync(self._file.fileno())
            sync_folder(path.parent)

    def append(self, data: bytes) -> None:
        """Store little-endian 16-bit samples."""
        view = memoryview(data)
        with storing(self.path):
            while view:
                room = self._step - self.stored % self._step
                piece = view[:room]
                if self.stored + len(piece) > self._ahead:
                    self._take_ahead()
                self._put(piece)
                self.stored += len(piece)
                view = view[len(piece) :]
                if len(piece) == room:
                    self.sync()

    def _take_ahead(self) -> None:
        found = os.fstatvfs(self._file.fileno())
        more = AHEAD if found.f_bavail * found.f_frsize >= ROOMY else AHEAD // 8
        if preallocate(self._file, HEADER_BYTES + self._ahead, more):
            self._ahead += more
        else:
            self._ahead = 2**62

    def _put(self, data: bytes | memoryview) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def sync(self) -> None:
        """Put what was written on the medium."""
        with storing(self.path):
            os.fdatasync(self._file.fileno())
        self.confirmed = self.stored

    def close(self) -> None:
        """Write the true length into the header, give back what was taken ahead, sync, close."""
        with storing(self.path):
            self._file.seek(0)
            self._put(wav_header(self._rate, self.stored // 2, self._block))
            self._file.truncate(self._block + self.stored)
            os.fsync(self._file.fileno())
            self._file.close()
        self.confirmed = self.stored

    def abandon(self) -> None:
        """Let the file go as it is; what is in it stays."""
        try:
            self._file.close()
        except OSError:
            return  # the medium has already said that it failed

    def erase(self) -> None:
        """Close and remove the file: its audio goes."""
        self._file.close()
        with storing(self.path):
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

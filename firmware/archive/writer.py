"""The recording while the call runs: a PCM WAV whose every second reaches the medium.

An unclosed WAV can be read back to its last block, whatever its header says.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive.files import storing, sync_folder

if TYPE_CHECKING:  # the page opens the archive too, and does without numpy
    from firmware.audio.frames import Samples

HEADER_BYTES = 44
CLIPPED_AT = 32760


def wav_header(rate: int, frames: int) -> bytes:
    """The 44 bytes before mono 16-bit PCM (RIFF, WAVE, fmt, data)."""
    size = frames * 2
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + size, b"WAVE", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size),
    )


@dataclass(slots=True)
class RecordingFacts:
    """What was stored. Frames are samples; a gap's frames are stored as silence."""

    frames: int
    lost: int
    clipped: int
    sha256_pcm: str
    gaps: list[dict[str, Any]] = field(default_factory=list)


class RecordingWriter:
    """Stream indices go in as they come; what is missing between two writes is a gap."""

    def __init__(self, path: Path, rate: int) -> None:
        self.path = path
        self._rate = rate
        self._next: int | None = None
        self._unsynced = 0
        self._hash = hashlib.sha256()
        self._facts = RecordingFacts(0, 0, 0, "")
        with storing(path):
            self._file = path.open("xb", buffering=0)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)  # recovery leaves it alone
            self._put(wav_header(rate, 0))
            os.fsync(self._file.fileno())
            sync_folder(path.parent)

    def write(self, first: int, samples: Samples) -> None:
        """Store (n,) int16 samples that begin at stream index `first`."""
        if self._next is not None and first < self._next:
            samples = samples[self._next - first :]
            first = self._next
        if self._next is not None and first > self._next:
            self.gap(self._next, first - self._next, "missing")
        self._facts.clipped += int(((samples >= CLIPPED_AT) | (samples <= -CLIPPED_AT)).sum())
        self._store(first, samples.astype("<i2").tobytes())

    def gap(self, first: int, count: int, reason: str) -> None:
        """Store silence for `count` lost samples, and remember that they were lost."""
        entry = {"offset": self._facts.frames, "count": count, "reason": reason}
        self._facts.gaps.append(entry)
        self._facts.lost += count
        self._store(first, bytes(2 * count))

    def _store(self, first: int, data: bytes) -> None:
        count = len(data) // 2
        with storing(self.path):
            self._put(data)
            self._hash.update(data)
            self._next = first + count
            self._facts.frames += count
            self._unsynced += count
            if self._unsynced >= self._rate // 2:
                self.sync()

    def _put(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._file.write(view) :]

    def sync(self) -> None:
        """Put what was written on the medium."""
        os.fdatasync(self._file.fileno())
        self._unsynced = 0

    def close(self) -> RecordingFacts:
        """Write the true length into the header, sync, close."""
        with storing(self.path):
            self._file.seek(0)
            self._put(wav_header(self._rate, self._facts.frames))
            os.fsync(self._file.fileno())
            self._file.close()
        self._facts.sha256_pcm = self._hash.hexdigest()
        return self._facts

    def erase(self) -> None:
        """Close and remove the file: its audio goes."""
        self._file.close()
        with storing(self.path):
            self.path.unlink(missing_ok=True)
            sync_folder(self.path.parent)

"""Waveforms: the peaks of a master, made on the box so that no phone has to decode it.

Kept in a small database that may be deleted at any time; each master is read once.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from firmware.archive.errors import ArchiveError
from firmware.archive.files import storing
from firmware.archive.sound import Sound

BUCKETS = 1200  # of a whole call
LOUDEST = 60.0  # dB under full scale that are shown as nothing
ROOM = 20_000  # calls, 1.2 kB each


def peaks_of(master: Sound, buckets: int = BUCKETS) -> bytes:
    """One byte for each part of the call: 0 is 60 dB below full scale or less, 255 full scale.

    Raises ArchiveError where the file cannot be read.
    """
    import numpy as np
    import soundfile

    try:
        with storing(master.path), master.open() as file, soundfile.SoundFile(file) as sound:
            frames = len(sound)
            if not frames:
                return b""
            step = -(-frames // buckets)
            size = step * max(1, 262144 // step)
            found = []
            for block in sound.blocks(size, dtype="int16"):
                loud = np.abs(block.astype(np.int32))
                loud = np.append(loud, np.zeros(-len(loud) % step, np.int32))
                found.append(loud.reshape(-1, step).max(axis=1))
    except soundfile.SoundFileError as error:
        raise ArchiveError(
            f"{master.name}: cannot be read ({error}); it has no waveform."
        ) from error
    level = 20 * np.log10(np.maximum(np.concatenate(found), 1) / 32768)
    return bytes(np.clip((level + LOUDEST) / LOUDEST * 255, 0, 255).astype(np.uint8).tobytes())


def thinned(peaks: bytes, buckets: int) -> bytes:
    """The same waveform in fewer parts: the loudest of each."""
    if len(peaks) <= buckets:
        return peaks
    edges = [len(peaks) * one // buckets for one in range(buckets + 1)]
    return bytes(max(peaks[low:high]) for low, high in zip(edges, edges[1:], strict=False))


class Waveforms:
    """The cache in `path`, which may move; what it lacks is made from the master when asked for."""

    def __init__(self, path: Path | Callable[[], Path]) -> None:
        self._where = path
        self._local = threading.local()
        self._making = threading.Lock()  # one at a time: a Pi Zero has little memory

    @property
    def _path(self) -> Path:
        return self._where if isinstance(self._where, Path) else self._where()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            with storing(self._path):
                self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with closing(sqlite3.connect(self._path, timeout=10)) as base, base:
                base.execute("PRAGMA synchronous = OFF")
                base.execute(
                    "CREATE TABLE IF NOT EXISTS peaks (id TEXT PRIMARY KEY, peaks BLOB NOT NULL)"
                )
                yield base
        except sqlite3.OperationalError as error:
            raise ArchiveError(f"{self._path}: {error}. Waveforms are not shown.") from error
        except sqlite3.DatabaseError:  # torn by a power cut: a cache is made anew
            self._path.unlink(missing_ok=True)
            raise ArchiveError(f"{self._path}: damaged; it is made anew.") from None

    def known(self, call_ids: Iterable[str]) -> dict[str, bytes]:
        """Of these calls, the waveforms that are made already."""
        ids = list(call_ids)
        if not self._path.exists():
            return {}
        path = self._path
        held: sqlite3.Connection | None = getattr(self._local, "held", None)
        try:
            if held is None or self._local.path != path:
                held = self._local.held = sqlite3.connect(path, timeout=10)
                self._local.path = path
            places = ", ".join("?" for _ in ids)
            found = held.execute(f"SELECT id, peaks FROM peaks WHERE id IN ({places})", ids)
            return dict(found.fetchall())
        except sqlite3.DatabaseError as error:
            self._local.held = None
            if "no such table" in str(error):
                return {}  # the first one is just being made
            if not isinstance(error, sqlite3.OperationalError):
                self._path.unlink(missing_ok=True)  # torn by a power cut: it is made anew
            raise ArchiveError(f"{self._path}: {error}. Waveforms are not shown.") from error

    def of(self, call_id: str, master: Sound) -> bytes:
        """The waveform of a call's master. Raises ArchiveError."""
        if (found := self.known([call_id]).get(call_id)) is not None:
            return found
        with self._making:
            made = self.known([call_id]).get(call_id)
            if made is None:
                made = peaks_of(master)
                with self._connected() as base:
                    base.execute("INSERT OR REPLACE INTO peaks VALUES (?, ?)", (call_id, made))
                    oldest = "SELECT id FROM peaks ORDER BY rowid DESC LIMIT -1 OFFSET ?"
                    base.execute(f"DELETE FROM peaks WHERE id IN ({oldest})", (ROOM,))
        return made

    def forget(self, call_id: str) -> None:
        """Remove what shows how a deleted call sounded."""
        with self._connected() as base:
            base.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            base.execute("DELETE FROM peaks WHERE id = ?", (call_id,))

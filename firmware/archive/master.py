"""From the parts of a recording to its FLAC master: whatever can be read, in its place."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from firmware.archive.errors import ArchiveError, SealedAway
from firmware.archive.files import replace_synced, storing
from firmware.archive.gaps import NOT_HERE, NOT_ON_MEDIUM, NOT_READ, Gap, end_of
from firmware.archive.vault import Vault
from firmware.archive.writer import BLOCK, data_offset

if TYPE_CHECKING:
    from firmware.audio.frames import Samples

Read = TypeVar("Read")
CHUNK = 2**17  # bytes
AGAIN_S = 0.05
MASTER_BYTES = 2**31  # of PCM in one master: FAT32 takes files up to 4 GiB


@dataclass(frozen=True, slots=True)
class Piece:
    """`frames` samples from `offset` of the call on: a file, or None where it is not here.

    `start`: the sample of the file with which the piece begins. The file is a part or a FLAC.
    """

    path: Path | None
    offset: int
    frames: int
    start: int = 0
    reason: str = NOT_HERE


@dataclass(slots=True)
class Assembly:
    """The call's samples from its pieces; `missing` lists gaps once the blocks were read.

    `frames`: the length of the call, in samples. Where pieces overlap, the later one counts.
    `hear` is told each block and the sample with which it begins.
    """

    pieces: list[Piece]
    frames: int
    missing: list[Gap] = field(default_factory=list)
    hear: Callable[[int, Samples], None] | None = None
    vault: Vault = field(default_factory=Vault)

    def blocks(self) -> Iterator[Samples]:
        """All samples in order, (n,) int16; silence where nothing could be read."""
        at = 0
        for block in self._read_all():
            if self.hear is not None:
                self.hear(at, block)
            at += len(block)
            yield block

    def _read_all(self) -> Iterator[Samples]:
        import numpy as np

        for start, end, piece in self._cover():
            if piece is None:
                yield from self._silence(start, end - start, "")
            elif piece.path is None:
                yield from self._silence(start, end - start, piece.reason)
            else:
                for data in self._read(piece, start, end - start):
                    yield np.frombuffer(data, "<i2")

    def _cover(self) -> list[tuple[int, int, Piece | None]]:
        """From where to where which piece counts: the latest that is here and has it."""
        edges = {0, self.frames}
        for piece in self.pieces:
            edges |= {piece.offset, piece.offset + piece.frames}
        inside = sorted(edge for edge in edges if 0 <= edge <= self.frames)
        cover: list[tuple[int, int, Piece | None]] = []
        for start, end in pairwise(inside):
            best: Piece | None = None
            for piece in self.pieces:  # of two that begin together, the later in the list counts
                if not piece.offset <= start <= end <= piece.offset + piece.frames:
                    continue
                rank = (piece.path is not None, piece.offset)
                if best is None or rank >= (best.path is not None, best.offset):
                    best = piece
            if cover and cover[-1][2] is best:
                cover[-1] = (cover[-1][0], end, best)
            else:
                cover.append((start, end, best))
        return cover

    def _silence(self, at: int, count: int, reason: str) -> Iterator[Samples]:
        import numpy as np

        if reason:
            self._note(at, count, reason)
        while count > 0:
            some = min(count, CHUNK // 2)
            yield np.zeros(some, np.int16)
            count -= some

    def _note(self, at: int, count: int, reason: str) -> None:
        last = self.missing[-1] if self.missing else None
        if last and end_of(last) == at and last["reason"] == reason:
            last["count"] += count
        else:
            self.missing.append({"offset": at, "count": count, "reason": reason})

    def _read(self, piece: Piece, at: int, count: int) -> Iterator[bytes]:
        """PCM of a part; a block that the medium cannot read becomes silence, and is noted."""
        assert piece.path is not None
        if piece.path.suffix == ".flac":
            yield from _decoded(self.vault, piece.path, piece.start + at - piece.offset, count)
            return
        try:
            file = _twice(lambda: self._opened(piece))
        except (OSError, SealedAway) as error:
            self._note(at, count, f"{NOT_READ}: {getattr(error, 'strerror', error)}")
            yield from (bytes(some) for some in _sizes(2 * count))
            return
        try:
            start = _begins(file) + 2 * (piece.start + at - piece.offset)
            done = 0
            for size in _sizes(2 * count):
                yield self._block(file, start + done, size, at + done // 2)
                done += size
        finally:
            file.close()

    def _opened(self, piece: Piece) -> Any:
        """The part, unbuffered: what cannot be read is asked for block by block."""
        found = self.vault.open(piece.path or Path())
        return found.detach() if isinstance(found, io.BufferedReader) else found

    def _block(self, file: Any, start: int, size: int, at: int) -> bytes:
        try:
            data = _twice(lambda: _pread(file, size, start))
        except OSError as error:
            block = getattr(file, "chunk", BLOCK)
            if size <= block:
                self._note(at, size // 2, f"{NOT_READ}: {error.strerror}")
                return bytes(size)
            found = b""
            while len(found) < size:
                some = min(block - (start + len(found)) % block, size - len(found))
                found += self._block(file, start + len(found), some, at + len(found) // 2)
            return found
        if len(data) < size:
            whole = len(data) // 2 * 2
            self._note(at + whole // 2, (size - whole) // 2, NOT_ON_MEDIUM)
            return data[:whole] + bytes(size - whole)
        return data


def _twice(read: Callable[[], Read]) -> Read:
    """A medium may fail once and not again: its second answer counts."""
    try:
        return read()
    except OSError:
        time.sleep(AGAIN_S)
        return read()


def _pread(file: Any, size: int, start: int) -> bytes:
    file.seek(start)
    return bytes(file.read(size))


def _decoded(vault: Vault, path: Path, first: int, count: int) -> Iterator[bytes]:
    import soundfile

    try:
        with storing(path), vault.open(path) as file, soundfile.SoundFile(file) as sound:
            sound.seek(first)
            for block in sound.blocks(CHUNK // 2, frames=count, dtype="int16"):
                yield block.astype("<i2").tobytes()
    except soundfile.SoundFileError as error:
        raise ArchiveError(f"{path}: cannot be read ({error}); it stays as it is.") from error


def _begins(file: Any) -> int:
    try:
        head = _pread(file, 44, 0)
    except OSError:
        head = b""
    return data_offset(head, getattr(file, "chunk", BLOCK))


def _sizes(total: int) -> Iterator[int]:
    while total > 0:
        yield min(total, CHUNK)
        total -= CHUNK


@dataclass(frozen=True, slots=True)
class Master:
    """A FLAC file that was read back; `offset`: its first sample's place in the call."""

    path: Path
    offset: int
    frames: int
    sha256_file: str


def make_masters(
    assembly: Assembly, rate: int, base: Path, limit: int = MASTER_BYTES
) -> tuple[list[Master], str]:
    """Encode, read back, compare, and give each file its name; the masters and the PCM's SHA-256.

    One master, but for a call longer than `limit` bytes of PCM. Raises ArchiveError, with no
    half-made file left where the medium still lets one be removed.
    """
    whole = hashlib.sha256()
    masters: list[Master] = []
    source = _Cut(assembly.blocks())
    offset = 0
    with storing(base):
        base.parent.mkdir(parents=True, exist_ok=True)
    while offset < assembly.frames or not masters:
        count = min(limit // 2, assembly.frames - offset)
        suffix = f"-{len(masters)}" if masters else ""
        path = base.with_name(f"{base.name}{suffix}.flac")
        temporary = path.with_name(path.name + ".tmp")
        try:
            sha256_file = _encode(source, count, rate, temporary, whole, assembly.vault)
        except BaseException:
            with storing(temporary):
                temporary.unlink(missing_ok=True)
            raise
        replace_synced(temporary, path)
        masters.append(Master(path, offset, count, sha256_file))
        offset += count
    return masters, whole.hexdigest()


class _Cut:
    """Blocks of any length, taken in lengths of one's own."""

    def __init__(self, blocks: Iterator[Samples]) -> None:
        self._blocks = blocks
        self._left: Samples | None = None

    def take(self, count: int) -> Iterator[Samples]:
        while count > 0:
            block = self._left if self._left is not None else next(self._blocks, None)
            if block is None:
                return
            self._left = block[count:] if len(block) > count else None
            yield block[:count]
            count -= min(len(block), count)


def _encode(source: _Cut, count: int, rate: int, temporary: Path, whole: Any, vault: Vault) -> str:
    import soundfile

    written, read = hashlib.sha256(), hashlib.sha256()
    try:
        with storing(temporary):
            form = {"format": "FLAC", "subtype": "PCM_16"}
            with (
                vault.encoding(temporary) as file,
                soundfile.SoundFile(file, "w", rate, 1, **form) as made,
            ):
                for block in source.take(count):
                    written.update(block.tobytes())
                    whole.update(block.tobytes())
                    made.write(block)
            with vault.open(temporary) as file, soundfile.SoundFile(file) as sound:
                for block in sound.blocks(65536, dtype="int16"):
                    read.update(block.astype("<i2").tobytes())
    except (soundfile.SoundFileError, AssertionError) as error:  # a short write is an assertion
        raise ArchiveError(
            f"{temporary.parent}: the FLAC master could not be made ({error}). The recording is"
            " kept as it is and tried again."
        ) from error
    if written.digest() != read.digest():
        raise ArchiveError(
            f"{temporary.parent}: the FLAC master does not read back as it was written. The"
            " recording is kept as it is and tried again; check the medium."
        )
    with storing(temporary), vault.open(temporary) as file:
        digest = hashlib.sha256()
        while data := file.read(CHUNK):
            digest.update(data)
        return digest.hexdigest()

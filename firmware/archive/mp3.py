"""MP3 copies of masters for phones, made when asked for and kept in a bounded cache."""

from __future__ import annotations

import fcntl
import glob
import os
from pathlib import Path

from firmware.archive.errors import ArchiveError
from firmware.archive.files import storing
from firmware.archive.sound import Sound

ROOM = 200 * 2**20  # bytes
ROOM_IN_MEMORY = 24 * 2**20  # where copies lie in memory, since calls are encrypted
BLOCK = 65536  # samples


def room_of(private: bool) -> int:
    """Bytes that copies may take; `private`: they lie in memory."""
    return ROOM_IN_MEMORY if private else ROOM


def mp3_of(master: Sound, cache: Path, room: int = ROOM) -> Path:
    """The MP3 of a FLAC master; `cache`: a folder that may be emptied at any time.

    Whoever asks while a copy is being made waits for it. Raises ArchiveError.
    """
    copy = _copy(master, cache)
    with storing(cache):
        if copy.exists():
            os.utime(copy)
            return copy
        cache.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = copy.with_suffix(".tmp")
        with temporary.open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            if copy.exists():
                temporary.unlink(missing_ok=True)
                return copy
            _encode(master, temporary)
            temporary.replace(copy)
        _make_room(cache, copy, room)
    return copy


def is_made(master: Sound, cache: Path) -> bool:
    """Whether the MP3 can be had at once. Raises ArchiveError where there is no master."""
    return _copy(master, cache).exists()


def forget(master: Sound, cache: Path) -> None:
    """Remove the copies of a master that is about to be deleted."""
    with storing(cache):
        for copy in cache.glob(f"{glob.escape(master.path.stem)}-*"):
            copy.unlink(missing_ok=True)


def _copy(master: Sound, cache: Path) -> Path:
    with storing(master.path):
        stamp = master.path.stat()
    return cache / f"{master.path.stem}-{stamp.st_mtime_ns:x}-{stamp.st_size:x}.mp3"


def _encode(master: Sound, made: Path) -> None:
    """Block by block, so that the length of a call costs time but no memory."""
    import soundfile

    form = {"format": "MP3", "subtype": "MPEG_LAYER_III"}
    try:
        with (
            storing(master.path),
            master.open() as plain,
            soundfile.SoundFile(plain) as sound,
            soundfile.SoundFile(made, "w", sound.samplerate, 1, **form) as file,
        ):
            for block in sound.blocks(BLOCK, dtype="float32"):
                file.write(block)
    except soundfile.SoundFileError as error:
        made.unlink(missing_ok=True)
        raise ArchiveError(
            f"{master.name}: no MP3 could be made of it ({error}). Play or download the FLAC."
        ) from error


def _make_room(cache: Path, kept: Path, room: int) -> None:
    """Remove what a crash left, and the copies that were not asked for longest; never `kept`."""
    for left in cache.glob("*.tmp"):
        with left.open("ab") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # being made
            left.unlink(missing_ok=True)
    aged = [(path.stat(), path) for path in cache.glob("*.mp3")]
    used = sum(stamp.st_size for stamp, _ in aged)
    for stamp, path in sorted(aged, key=lambda one: one[0].st_mtime_ns):
        if used <= room:
            return
        if path != kept:
            used -= stamp.st_size
            path.unlink(missing_ok=True)

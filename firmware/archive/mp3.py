"""MP3 copies of masters for phones, made when asked for and kept in a bounded cache."""

from __future__ import annotations

import os
from pathlib import Path

from firmware.archive.files import storing

ROOM = 200 * 2**20  # bytes
BLOCK = 65536  # samples


def mp3_of(master: Path, cache: Path) -> Path:
    """The MP3 of a FLAC master; `cache`: a folder that may be emptied at any time."""
    import soundfile

    stamp = master.stat()
    copy = cache / f"{master.stem}-{stamp.st_mtime_ns:x}-{stamp.st_size:x}.mp3"
    if copy.exists():
        os.utime(copy)
        return copy
    temporary = copy.with_name(f"{copy.name}.{os.getpid()}.{id(stamp):x}.tmp")
    with storing(cache):
        cache.mkdir(parents=True, exist_ok=True)
        with soundfile.SoundFile(master) as sound:
            form = {"format": "MP3", "subtype": "MPEG_LAYER_III"}
            with soundfile.SoundFile(temporary, "w", sound.samplerate, 1, **form) as made:
                for block in sound.blocks(BLOCK, dtype="float32"):
                    made.write(block)
        temporary.replace(copy)
        _make_room(cache, copy)
    return copy


def _make_room(cache: Path, kept: Path) -> None:
    """Remove the copies that were not asked for longest, never `kept`."""
    copies = sorted((path for path in cache.glob("*.mp3")), key=lambda path: path.stat().st_mtime)
    used = sum(path.stat().st_size for path in copies)
    for path in copies:
        if used <= ROOM:
            return
        if path != kept:
            used -= path.stat().st_size
            path.unlink(missing_ok=True)

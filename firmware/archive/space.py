"""Space: how long a medium will do, and a reserve that is given back when nothing else is left."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from firmware.archive.archive import Archive
from firmware.archive.files import storing

BALLAST = ".reserve"
BALLAST_BYTES = 16 * 2**20
FLAC_SHARE = 0.6  # of the PCM, for speech on a line; noise and music need more
LOOKED_AT = 500  # calls


def days_left(archive: Archive, volume: str, free: int) -> float | None:
    """In how many days the volume is full if calls go on as they did; None without enough calls.

    Raises ArchiveError.
    """
    calls = [
        call
        for call in archive.calls(limit=LOOKED_AT)
        if call.get("audio") and str(call.get("volume") or "") == volume
    ]
    times = [datetime.fromisoformat(call["started_at"]).timestamp() for call in calls]
    if len(times) < 2:
        return None
    days = max(1.0, (max(times) - min(times)) / 86400)
    frames = sum(int(call.get("frames_stored") or 0) for call in calls)
    rate = frames * 2 * FLAC_SHARE / days
    return free / rate if rate > 0 else None


def hold_back(root: Path) -> bool:
    """Keep a reserve on the box's own medium, for the day on which others have filled it.

    Where less than the reserve is free it is given back, so that list, page and log go on working;
    false then. Raises ArchiveError.
    """
    ballast = root / BALLAST
    with storing(ballast):
        found = os.statvfs(root)
        free = found.f_bavail * found.f_frsize
        held = ballast.stat().st_size if ballast.exists() else 0
        if free < BALLAST_BYTES // 4 and held:
            ballast.unlink()
            return False
        if held < BALLAST_BYTES and free > 4 * BALLAST_BYTES:
            handle = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(handle, 0, BALLAST_BYTES)
            finally:
                os.close(handle)
        return held > 0 or free > BALLAST_BYTES


def give_back(root: Path) -> bool:
    """Let the reserve go at once; whether there was one."""
    try:
        (root / BALLAST).unlink()
    except OSError:
        return False
    return True

"""A reserve on the box's own medium, given back when others have filled it to the last byte."""

from __future__ import annotations

import os
from pathlib import Path

from firmware.archive.files import storing

BALLAST = ".reserve"
BALLAST_BYTES = 16 * 2**20
NOTHING = 2**16  # bytes: with less than that free the catalogue cannot even be read


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


def give_back_where_full(root: Path) -> bool:
    """The same, where nothing is free: whoever meets that first does it."""
    try:
        found = os.statvfs(root)
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < NOTHING and give_back(root)

"""The box's clocks: what the wall clock may be believed, and which run of the machine this is."""

from __future__ import annotations

from pathlib import Path

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id() -> str:
    """Which run of the machine this is: monotonic times of another run mean nothing here."""
    try:
        return BOOT_ID.read_text("ascii").strip()
    except OSError:
        return ""

"""Space: how long a medium will do."""

from __future__ import annotations

from datetime import datetime

from firmware.archive.archive import Archive

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

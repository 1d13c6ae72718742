"""Waveforms as SVG paths: upright bars around a middle line."""

from __future__ import annotations

from functools import lru_cache

HEIGHT = 32
SILENT = 46  # of 255: 49 dB under full scale
SHORTEST_SILENCE_S = 2.0


@lru_cache(maxsize=256)
def path(peaks: bytes, height: int = HEIGHT) -> str:
    """The `d` of a path; one bar a unit wide, `height` units high."""
    middle = height // 2
    bars = []
    for at, peak in enumerate(peaks):
        half = max(1, round(peak * (middle - 1) / 255))
        bars.append(f"M{at} {middle - half}v{2 * half}")
    return "".join(bars)


def silences(peaks: bytes, length: float) -> list[tuple[float, float]]:
    """Where nobody speaks for long: (from, to) in seconds of the audio."""
    if not peaks:
        return []
    step, found, begun = length / len(peaks), [], None
    for at, peak in enumerate((*peaks, 255)):
        if peak < SILENT:
            begun = at if begun is None else begun
        elif begun is not None:
            if (at - begun) * step >= SHORTEST_SILENCE_S:
                found.append((round(begun * step, 2), round(at * step, 2)))
            begun = None
    return found

"""How loud a recording is, gathered while it runs: what tells silence and clipping from speech."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from firmware.audio.frames import Samples

CLIPPED_AT = 32760
FRAME_S = 0.1
LOWEST = -90  # dBm0
HIGHEST = 4
VOICE_DBM0 = -42  # quieter is noise, echo or a far end that nobody would understand
SPURT_FRAMES = 3  # voice for so long is somebody talking
PAUSE_FRAMES = 2


class Levels:
    """A histogram of the levels of 0.1 s frames, and one of talk spurts; int16 samples, mono.

    A talk spurt is voice between two pauses; its level is the mean of its frames in dBm0.
    """

    def __init__(self, rate: int) -> None:
        self.clipped = 0
        self._frame = round(rate * FRAME_S)
        self._energy = 0.0
        self._count = 0
        self._bins = [0] * (HIGHEST - LOWEST + 1)
        self._spurts = [0] * (HIGHEST - LOWEST + 1)
        self._spurt: list[int] = []
        self._pause = 0

    def add(self, samples: Samples) -> None:
        """Take (n,) int16 samples."""
        import numpy as np

        self.clipped += int(((samples >= CLIPPED_AT) | (samples <= -CLIPPED_AT)).sum())
        while len(samples):
            part = samples[: self._frame - self._count].astype(np.float32)
            self._energy += float(np.dot(part, part))
            self._count += len(part)
            samples = samples[len(part) :]
            if self._count == self._frame:
                self._note()

    def _note(self) -> None:
        power = self._energy / self._count / 32768.0**2
        level = LOWEST if power <= 0 else round(10 * math.log10(2 * power) + 3.14)
        level = min(max(level, LOWEST), HIGHEST)
        self._bins[level - LOWEST] += 1
        self._energy, self._count = 0.0, 0
        if level >= VOICE_DBM0:
            self._spurt.append(level)
            self._pause = 0
        elif self._spurt:
            self._pause += 1
            if self._pause >= PAUSE_FRAMES:
                self._end_spurt()

    def _end_spurt(self) -> None:
        if len(self._spurt) >= SPURT_FRAMES:
            self._spurts[round(sum(self._spurt) / len(self._spurt)) - LOWEST] += 1
        self._spurt, self._pause = [], 0

    def facts(self) -> dict[str, Any]:
        """dBm0 that 10, 50, 90, 99 % of the frames do not exceed; of the talk spurts likewise."""
        if not any(self._bins):
            return {}
        spurts = list(self._spurts)
        if len(self._spurt) >= SPURT_FRAMES:
            spurts[round(sum(self._spurt) / len(self._spurt)) - LOWEST] += 1
        found: dict[str, Any] = {"frames": sum(self._bins), "spurts": sum(spurts)}
        for share in (10, 50, 90, 99):
            found[f"p{share}_dbm0"] = _not_exceeded(self._bins, share)
        if any(spurts):
            for share in (10, 90):
                found[f"spurts_p{share}_dbm0"] = _not_exceeded(spurts, share)
        return found


def _not_exceeded(bins: list[int], share: int) -> int:
    seen, total = 0, sum(bins)
    for level, count in enumerate(bins, LOWEST):
        seen += count
        if seen * 100 >= share * total:
            return level
    return HIGHEST

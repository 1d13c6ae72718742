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


class Levels:
    """A histogram of the levels of 0.1 s frames in steps of 1 dB; takes int16 samples, mono."""

    def __init__(self, rate: int) -> None:
        self.clipped = 0
        self._frame = round(rate * FRAME_S)
        self._energy = 0.0
        self._count = 0
        self._bins = [0] * (HIGHEST - LOWEST + 1)

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
        self._bins[min(max(level, LOWEST), HIGHEST) - LOWEST] += 1
        self._energy, self._count = 0.0, 0

    def facts(self) -> dict[str, Any]:
        """dBm0 that 10, 50, 90 and 99 % of the frames do not exceed; empty without a frame."""
        total = sum(self._bins)
        if not total:
            return {}
        found: dict[str, Any] = {"frames": total}
        for share in (10, 50, 90, 99):
            seen = 0
            for level, count in enumerate(self._bins, LOWEST):
                seen += count
                if seen * 100 >= share * total:
                    found[f"p{share}_dbm0"] = level
                    break
        return found

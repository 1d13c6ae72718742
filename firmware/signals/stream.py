"""Cuts a stream into overlapping windows at fixed places, however the stream comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


LOUDEST = 4.0  # far above full scale: nothing real is cut


def clean(samples: Floats) -> Floats:
    """(n,) samples as float32; NaN is silence, infinity and what is beyond LOUDEST is LOUDEST."""
    if len(samples) == 0:
        return samples.astype(np.float32)
    # a comparison with NaN is false, so one look at both ends is enough
    if samples.min() >= -LOUDEST and samples.max() <= LOUDEST:
        return samples.astype(np.float32, copy=False)
    return np.nan_to_num(np.clip(samples, -LOUDEST, LOUDEST), nan=0.0).astype(np.float32)


class Windows:
    """`take` gives (m, size) windows that start every `hop` samples, each exactly once."""

    def __init__(self, size: int, hop: int) -> None:
        self._size = size
        self._hop = hop
        self._held: Floats = np.zeros(0, np.float32)
        self.start = 0

    def take(self, samples: Floats) -> Floats:
        """The windows that (n,) more samples complete; `start` moves behind them."""
        held = np.concatenate((self._held, clean(samples)))
        count = max(0, (len(held) - self._size) // self._hop + 1)
        if count == 0:
            self._held = held
            return np.zeros((0, self._size), np.float32)
        views = np.lib.stride_tricks.sliding_window_view(held, self._size)
        windows: Floats = views[: count * self._hop : self._hop]
        self._held = held[count * self._hop :].copy()
        self.start += count * self._hop
        return windows

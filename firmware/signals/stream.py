"""Cuts a stream into overlapping windows at fixed places, however the stream comes in."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


class Windows:
    """`take` gives (m, size) windows that start every `hop` samples, each exactly once."""

    def __init__(self, size: int, hop: int) -> None:
        self._size = size
        self._hop = hop
        self._held: Floats = np.zeros(0, np.float32)
        self.start = 0

    def take(self, samples: Floats) -> Floats:
        """The windows that (n,) more samples complete; `start` moves behind them."""
        clean = np.nan_to_num(np.clip(samples, -4.0, 4.0), nan=0.0).astype(np.float32)
        held = np.concatenate((self._held, clean))
        count = max(0, (len(held) - self._size) // self._hop + 1)
        if count == 0:
            self._held = held
            return np.zeros((0, self._size), np.float32)
        views = np.lib.stride_tricks.sliding_window_view(held, self._size)
        windows: Floats = views[: count * self._hop : self._hop]
        self._held = held[count * self._hop :].copy()
        self.start += count * self._hop
        return windows

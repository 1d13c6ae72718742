"""16 kHz to 8 kHz for the decoders: a half-band filter, the same however the stream is cut."""

from __future__ import annotations

import numpy as np

from firmware.signals.stream import Floats

TAPS = 47  # a Hamming-windowed half-band filter: flat to 3.4 kHz, -50 dB from 4.6 kHz


class Halver:
    """Every second sample of the filtered stream; delayed by nothing (the filter is centred)."""

    def __init__(self) -> None:
        place = np.arange(TAPS) - TAPS // 2
        shape = 0.5 * np.sinc(place / 2) * np.hamming(TAPS)
        self._taps = (shape / shape.sum()).astype(np.float32)
        self._held: Floats = np.zeros(TAPS // 2, np.float32)

    def feed(self, samples: Floats) -> Floats:
        """(n,) samples at 16 kHz to about n/2 at 8 kHz."""
        held = np.concatenate((self._held, samples.astype(np.float32)))
        count = max(0, (len(held) - TAPS) // 2 + 1)
        self._held = held[2 * count :].copy()
        if count == 0:
            return np.zeros(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(held, TAPS)[: 2 * count : 2]
        made: Floats = windows @ self._taps
        return made

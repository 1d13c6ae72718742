"""First look for DTMF: which windows of 16 ms may hold two tones of the keypad.

One matrix product a window, in float32. It only nominates: whatever it passes is judged again, so
its limits are wide. A window counts when its strongest row and column tone together hold a quarter
of what is left of the window behind a comb (x[n] - x[n-3]: a zero at 0 Hz, the peak at 1333 Hz),
which takes mains hum away and dial tone down.

What a window is worth must not depend on how many come at once, or the cut of the stream would
change the digits. Hence every product has one shape, a group of four windows, and all else is
done element by element; BLAS may add in another order for another shape.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.dtmf_keypad import COLUMNS_HZ, ROWS_HZ
from firmware.signals.stream import Floats

RATE = 8000
WINDOW = 128
HOP = 64
GROUP = 512  # samples a group advances: four windows at even places, four at odd ones
LAG = 3
BEHIND = HOP + LAG  # samples a group needs beyond its own
MIN_SHARE = 0.25
MIN_MEAN_SQUARE = 4e-7  # about -58 dBm0 behind the comb
MAX_TWIST = 100.0  # 20 dB: the comb adds up to 3 dB of its own to the 14 that are judged

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False, slots=True)
class Nominated:
    """`window`: (m,) places counted in hops; `key`: (m,) places in KEYS; `share`: (m,) 0..1;
    `parts`: (4, m) real and imaginary part of row and of column, phase from the window's start."""

    window: Places
    key: Places
    share: Floats
    parts: Floats

    @staticmethod
    def none() -> Nominated:
        """Nothing yet."""
        places = np.zeros(0, np.int64)
        return Nominated(places, places, np.zeros(0, np.float32), np.zeros((4, 0), np.float32))

    def where(self, chosen: NDArray[np.bool_] | slice) -> Nominated:
        """Those that `chosen` picks."""
        return Nominated(
            self.window[chosen], self.key[chosen], self.share[chosen], self.parts[:, chosen]
        )

    def and_then(self, later: Nominated) -> Nominated:
        """These, then those."""
        return Nominated(
            np.concatenate((self.window, later.window)),
            np.concatenate((self.key, later.key)),
            np.concatenate((self.share, later.share)),
            np.concatenate((self.parts, later.parts), axis=1),
        )


def _strongest(powers: Floats) -> tuple[Floats, Places]:
    """(4, m) to the greatest of each four and its place; much faster than argmax over four."""
    low, high = np.maximum(powers[0], powers[1]), np.maximum(powers[2], powers[3])
    place = np.where(high > low, 2 + (powers[3] > powers[2]), powers[1] > powers[0])
    return np.maximum(low, high), place.astype(np.int64)


class Screen:
    """`look` gives the windows that may be part of a digit."""

    def __init__(self) -> None:
        tones = np.array(ROWS_HZ + COLUMNS_HZ)
        taper = np.hanning(WINDOW + 1)[:WINDOW]
        turns = np.outer(np.arange(WINDOW), tones) * (2 * math.pi / RATE)
        parts = np.concatenate((np.cos(turns), -np.sin(turns)), axis=1)
        self._matrix = (parts * taper[:, None]).astype(np.float32)
        # |parts|^2 over the energy of the window, for a pure tone
        self._pure = np.float32((taper.sum() / 2) ** 2 / (WINDOW / 2))
        self._least = np.float32(MIN_SHARE * self._pure)
        self._floor = np.float32(MIN_MEAN_SQUARE * WINDOW)

    def look(self, samples: Floats, first: int) -> Nominated:
        """(GROUP * g + BEHIND,) samples; `first`: the place of their first window, in hops."""
        groups = (len(samples) - BEHIND) // GROUP
        combed = samples[LAG:] - samples[:-LAG]
        bins = np.empty((groups, 4, 2, 16), np.float32)
        whole = GROUP * groups
        bins[:, :, 0] = combed[:whole].reshape(groups, 4, WINDOW) @ self._matrix
        bins[:, :, 1] = combed[HOP : HOP + whole].reshape(groups, 4, WINDOW) @ self._matrix
        parts = np.ascontiguousarray(bins.reshape(-1, 16).T)
        hops = combed.reshape(-1, HOP)
        energy = np.einsum("ij,ij->i", hops, hops)
        energy = energy[:-1] + energy[1:]
        powers = parts * parts
        powers = powers[:8] + powers[8:]
        row = np.maximum(np.maximum(powers[0], powers[1]), np.maximum(powers[2], powers[3]))
        column = np.maximum(np.maximum(powers[4], powers[5]), np.maximum(powers[6], powers[7]))
        both = row + column
        likely = (both > self._least * energy) & (energy > self._floor)
        likely &= np.minimum(row, column) * np.float32(MAX_TWIST) > both
        at = np.flatnonzero(likely)
        if len(at) == 0:
            return Nominated.none()
        powers = powers[:, at]
        _, rows = _strongest(powers[:4])
        _, columns = _strongest(powers[4:])
        chosen = parts[np.stack((rows, rows + 8, columns + 4, columns + 12)), at]
        share = both[at] / (energy[at] * self._pure)
        return Nominated(at + first, 4 * rows + columns, share, chosen)

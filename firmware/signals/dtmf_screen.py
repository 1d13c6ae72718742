"""First look for DTMF: which windows of 16 ms may hold two tones of the keypad.

One matrix product a window, in float32. It only nominates: whatever it passes is judged again, so
its limits are wide. A window counts when its strongest row and column tone together hold most of
what is left of the window behind a comb (x[n] - x[n-3]: a zero at 0 Hz, the peak at 1333 Hz), which
takes mains hum away and dial tone down; or a quarter of it, where the rest is as white as noise.

What a window is worth must not depend on how many come at once, or the cut of the stream would
change the digits. BLAS may add in another order for another shape. Hence a window always stands in
the same row of a product of the same shape, whatever is beside it, and all else is done element by
element.
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
BLOCK = 32  # windows of one product
LAG = 3
BEHIND = HOP + LAG  # samples a group needs beyond its own
MIN_SHARE = 0.25
PURE_SHARE = 0.62
MIN_WHITE = 0.3
# Frequencies no tone reaches, clear of the comb's zero at 2667 Hz: what is there is noise.
PROBES_HZ = (1075.0, 1900.0, 2100.0, 2300.0, 2900.0, 3050.0, 3150.0, 3250.0)
FLOOR = 2e-4  # energy of a window behind the comb: -49 dBm0, the weakest digit, gives 7e-4
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

    def where(self, chosen: NDArray[np.bool_] | Places | slice) -> Nominated:
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


def _strongest(powers: Floats) -> Places:
    """(4, m) to the place of the greatest of each four; much faster than argmax over four."""
    low, high = np.maximum(powers[0], powers[1]), np.maximum(powers[2], powers[3])
    place = np.where(high > low, 2 + (powers[3] > powers[2]), powers[1] > powers[0])
    return np.asarray(place, np.int64)


class Screen:
    """`look` gives the windows that may be part of a digit."""

    def __init__(self) -> None:
        tones = np.array(ROWS_HZ + COLUMNS_HZ)
        probes = np.array(PROBES_HZ)
        comb = 2 * np.abs(np.sin(math.pi * LAG / RATE * probes))
        taper = np.hanning(WINDOW + 1)[:WINDOW]
        turns = np.outer(np.arange(WINDOW), np.concatenate((tones, probes))) * (2 * math.pi / RATE)
        gains = np.concatenate((np.ones(len(tones)), 1 / comb))
        parts = np.concatenate((np.cos(turns) * gains, -np.sin(turns) * gains), axis=1)
        self._matrix = (parts * taper[:, None]).astype(np.float32)
        # |parts|^2 over the energy of the window, for a pure tone
        pure = (taper.sum() / 2) ** 2 / (WINDOW / 2)
        self._pure = np.float32(pure)
        # what white noise leaves in all probes, over its energy behind the comb (power gain 2)
        white = len(probes) * float(np.square(taper).sum()) / (2 * WINDOW)
        self._white = np.float32(MIN_WHITE * white)
        # kept from look to look: to ask for memory again each time costs more than the product
        self._room: Floats = np.empty(0, np.float32)
        self._parts: Floats = np.empty((0, BLOCK, 32), np.float32)

    def look(self, samples: Floats, first: int) -> Nominated:
        """(GROUP * g + BEHIND,) samples; `first`: the place of their first window, in hops."""
        groups = (len(samples) - BEHIND) // GROUP
        if len(self._room) < len(samples):
            self._room = np.empty(len(samples), np.float32)
        combed = self._room[: len(samples) - LAG]
        np.subtract(samples[LAG:], samples[:-LAG], out=combed)
        hops = combed.reshape(-1, HOP)
        halves = np.einsum("ij,ij->i", hops, hops)
        energy = (halves[:-1] + halves[1:]).reshape(-1, 2)
        loud = energy[:, 0] > np.float32(FLOOR)
        if not loud.any():
            return Nominated.none()
        whole = GROUP * groups
        even = combed[:whole].reshape(-1, WINDOW)
        place, seen = self._nominate(energy[:, 0], self._in_blocks(even, first // 2, loud))
        if len(place) == 0:
            return seen
        # windows at odd places are looked at in those groups only where an even one was found
        found = np.zeros(groups, np.bool_)
        found[place >> 2] = True
        hot = np.repeat(found, 4)
        odd = combed[HOP : HOP + whole].reshape(-1, WINDOW)
        parts = self._in_blocks(odd, first // 2, hot)[hot]
        further, more = self._nominate(energy[hot, 1], parts)
        further = np.flatnonzero(hot)[further]
        both = Nominated(
            np.concatenate((2 * place, 2 * further + 1)) + first,
            np.concatenate((seen.key, more.key)),
            np.concatenate((seen.share, more.share)),
            np.concatenate((seen.parts, more.parts), axis=1),
        )
        return both.where(np.argsort(both.window))

    def _in_blocks(self, windows: Floats, first: int, loud: NDArray[np.bool_]) -> Floats:
        """(m, WINDOW) samples to (m, 32) parts, each window in its own row of a block of BLOCK;
        blocks that are not `loud` anywhere may be left at zero. `first`: place of the first."""
        before = first % BLOCK
        behind = -(before + len(windows)) % BLOCK
        if before or behind:
            blank = np.zeros((before + len(windows) + behind, WINDOW), np.float32)
            blank[before : before + len(windows)] = windows
            blocks = blank.reshape(-1, BLOCK, WINDOW)
        else:
            blocks = windows.reshape(-1, BLOCK, WINDOW)
        if len(self._parts) < len(blocks):
            self._parts = np.empty((len(blocks), BLOCK, 32), np.float32)
        parts = self._parts[: len(blocks)]
        heard = list(range(len(blocks)))
        if not (before or behind):
            heard = np.flatnonzero(loud.reshape(-1, BLOCK).any(axis=1)).tolist()
        if len(heard) < 0.85 * len(blocks):
            parts[:] = 0
            for block in heard:
                np.matmul(blocks[block], self._matrix, out=parts[block])
        else:
            np.matmul(blocks, self._matrix, out=parts)
        return parts.reshape(-1, 32)[before : before + len(windows)]

    def _nominate(self, energy: Floats, parts: Floats) -> tuple[Places, Nominated]:
        """(m,) energy of windows behind the comb and their (m, 32) parts; the places, counted in
        windows, of those that may be part of a digit, and what they hold."""
        powers = parts * parts
        powers = np.ascontiguousarray((powers[:, :16] + powers[:, 16:]).T)
        fours = powers[:8].reshape(2, 4, -1)
        twos = np.maximum(fours[:, :2], fours[:, 2:])
        row, column = np.maximum(twos[:, 0], twos[:, 1])
        both = row + column
        share = both / (energy * self._pure + np.float32(1e-30))
        probes = np.add.reduce(powers[8:], axis=0)
        likely = probes > self._white * (np.float32(1) - share) * energy
        likely |= share > np.float32(PURE_SHARE)
        likely &= (share > np.float32(MIN_SHARE)) & (energy > np.float32(FLOOR))
        likely &= np.minimum(row, column) * np.float32(MAX_TWIST) > both
        at = np.flatnonzero(likely)
        chosen = powers[:, at]
        rows, columns = _strongest(chosen[:4]), _strongest(chosen[4:8])
        held = parts[at, np.stack((rows, rows + 16, columns + 4, columns + 20))]
        return at, Nominated(at, 4 * rows + columns, share[at], held)

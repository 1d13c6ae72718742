"""DTMF (ITU-T Q.23, Q.24): two tones, one of four rows and one of four columns.

Windows of 102 samples every 51 (6.4 ms). A window votes for a digit when the two strongest tones
hold most of its power within the twist limits; four votes in a row make a digit (40 ms hold at
least four whole windows), and the phase's advance over them gives the true frequencies.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from firmware.events import DtmfDigit, Signal
from firmware.signals.stream import Floats, Windows

ROWS = (697.0, 770.0, 852.0, 941.0)
COLUMNS = (1209.0, 1336.0, 1477.0, 1633.0)
KEYS = ("123A", "456B", "789C", "*0#D")
WINDOW = 102
HOP = 51
VOTES = 4
FORGIVEN = 2  # windows: an interruption of 10 ms does not split a digit (Q.24)
PURITY = 0.7
MAX_ROW_OVER_COLUMN_DB = 10.0
MAX_COLUMN_OVER_ROW_DB = 6.0
MAX_DEVIATION = 0.025
MIN_LEVEL_DBM0 = -46.0
FULL_SCALE_SINE_DBM0 = 3.14


def _level(power: float) -> float:
    """dBm0 of a mean square where a full-scale sine has 0.5."""
    return 10 * math.log10(max(power, 1e-12) / 0.5) + FULL_SCALE_SINE_DBM0


class DtmfDecoder:
    """`feed` gives each digit once, when its tone has ended; `flush` one that runs to the end."""

    def __init__(self, rate: int = 8000) -> None:
        self._rate = rate
        self._tones = np.array(ROWS + COLUMNS)
        turns = np.outer(np.arange(WINDOW), self._tones) * (2 * math.pi / rate)
        self._matrix = np.concatenate((np.cos(turns), -np.sin(turns)), axis=1).astype(np.float32)
        self._windows = Windows(WINDOW, HOP)
        self._pair: tuple[int, int] | None = None
        self._first = 0
        self._last = 0
        self._misses = 0
        self._powers: list[float] = []
        self._spectra: list[tuple[int, complex, complex]] = []

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples; the digits that ended in them."""
        at = self._windows.start
        windows = self._windows.take(samples)
        if len(windows) == 0:
            return []
        parts = windows @ self._matrix
        bins = parts[:, :8] + 1j * parts[:, 8:]
        powers = np.square(np.abs(bins)) * (2.0 / WINDOW**2)
        totals = np.mean(np.square(windows), axis=1)
        rows, columns = powers[:, :4].argmax(axis=1), powers[:, 4:].argmax(axis=1)
        here = np.arange(len(windows))
        row_power, column_power = powers[here, rows], powers[here, 4 + columns]
        votes = self._votes(row_power, column_power, totals)
        found: list[Signal] = []
        for index in np.flatnonzero(votes) if self._pair is None else here:
            place = at + int(index) * HOP
            if self._pair is None and not votes[index]:
                continue
            found += self._step(
                place,
                (int(rows[index]), int(columns[index])) if votes[index] else None,
                float(row_power[index] + column_power[index]),
                complex(bins[index, rows[index]]),
                complex(bins[index, 4 + columns[index]]),
            )
        return found + self._lapse(at + (len(windows) - 1) * HOP)

    @staticmethod
    def _votes(
        rows: NDArray[np.float64], columns: NDArray[np.float64], totals: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        floor = 0.5 * 10 ** ((MIN_LEVEL_DBM0 - FULL_SCALE_SINE_DBM0) / 10)
        pure = rows + columns > PURITY * totals
        loud = np.minimum(rows, columns) > floor / 10
        loud &= rows + columns > floor
        twisted = rows > columns * 10 ** (MAX_ROW_OVER_COLUMN_DB / 10)
        twisted |= columns > rows * 10 ** (MAX_COLUMN_OVER_ROW_DB / 10)
        return np.asarray(pure & loud & ~twisted)

    def _step(
        self, place: int, pair: tuple[int, int] | None, power: float, row: complex, column: complex
    ) -> list[Signal]:
        found = self._lapse(place - HOP)
        if pair is None:
            return found
        if pair != self._pair:
            found += self._end()
            self._pair, self._first = pair, place
        self._last = place
        self._powers.append(power)
        self._spectra.append((place, row, column))
        return found

    def _lapse(self, place: int) -> list[Signal]:
        """End the digit where the windows up to `place` held none for too long."""
        if self._pair is None or place - self._last <= FORGIVEN * HOP:
            return []
        return self._end()

    def _end(self) -> list[Signal]:
        pair, powers, spectra = self._pair, self._powers, self._spectra
        self._pair, self._powers, self._spectra = None, [], []
        if pair is None or len(powers) < VOTES or not self._on_frequency(pair, spectra):
            return []
        level = _level(sorted(powers)[len(powers) // 2])
        if level < MIN_LEVEL_DBM0:
            return []
        digit = KEYS[pair[0]][pair[1]]
        return [DtmfDigit(self._first, self._last + WINDOW, digit, level)]

    def _on_frequency(
        self, pair: tuple[int, int], spectra: list[tuple[int, complex, complex]]
    ) -> bool:
        """Whether both tones advance as their frequencies say, within MAX_DEVIATION."""
        for which, tone in ((1, self._tones[pair[0]]), (2, self._tones[4 + pair[1]])):
            turned = 0j
            for before, after in zip(spectra, spectra[1:], strict=False):
                if after[0] - before[0] == HOP:
                    turned += complex(after[which]) * complex(before[which]).conjugate()
            expected = 2 * math.pi * tone * HOP / self._rate
            off = math.remainder(float(np.angle(turned)) - expected, 2 * math.pi)
            if abs(off) * self._rate / (2 * math.pi * HOP) > MAX_DEVIATION * tone:
                return False
        return True

    def flush(self) -> list[Signal]:
        """The stream is over: the digit that still sounded."""
        return self._end()

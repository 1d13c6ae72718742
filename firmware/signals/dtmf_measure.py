"""Measures a stretch where the screen saw one key: what sounds in it, from where to where, how.

The envelope of both tones gives start, end and interruptions; the phase gives the frequencies; a
least-squares fit of the two tones gives level, twist and what is left over. All is float64 and
depends on the stretch alone.
"""

from __future__ import annotations

import math

import numpy as np

from firmware.signals.dtmf_fit import GUARD, ToneFit, deviation_of, offsets, parted, unevenness
from firmware.signals.dtmf_frames import (
    FRAME,
    STEP,
    Complexes,
    Doubles,
    Key,
    Pieces,
    every_key,
    framed,
    soundings_of,
    trimmed,
)
from firmware.signals.dtmf_judge import MAX_DEVIATION, PURE, VOICE, Sounding
from firmware.signals.dtmf_spectrum import Spectra, flatness

CONTEXT = 192  # samples a stretch needs before and behind what was nominated
FULL_SCALE_SINE_DBM0 = 3.14
SPECTRUM = 512
BAND = slice(42, 212)  # its bins between 656 and 3300 Hz
FRAME_NOISE = 0.047  # noise power in a frame's amplitude squared, over twice that of the samples


class Meter:
    """`soundings` measures a stretch."""

    def __init__(self) -> None:
        self._keys = every_key()
        self._spectra = Spectra()
        self._tones = ToneFit()

    def soundings(self, stretch: Doubles, number: int, sure: bool = False) -> list[Sounding]:
        """(n,) float64 samples, CONTEXT of them before and behind what was nominated; `number`:
        place in KEYS; `sure`: a first look at the spectrum is not worth its while."""
        key = self._keys[number]
        core = stretch[CONTEXT + FRAME // 2 : -CONTEXT - FRAME // 2]
        if not sure and not self._spectra.worth_it(core, key):
            return []
        both = framed(stretch, key)
        squares = both * both
        power = squares[:2] + squares[2:]
        inside = np.sort(power[:, CONTEXT // STEP : -CONTEXT // STEP], axis=1)
        row, column = inside[:, 3 * inside.shape[1] // 4].tolist()
        if not 0.02 * row < column < 30 * row:
            return []
        relative = power[0] * (0.5 / row) + power[1] * (0.5 / column)
        parts = both[:2] + 1j * both[2:]
        clean: Doubles | None = None
        found = []
        for stretches in soundings_of(np.flatnonzero(relative > 0.25)):
            here = self._placed(stretches, both.shape[1])
            pieces = trimmed(stretches)
            if pieces and (here.long_enough or here.opened or here.unended):
                if clean is None:
                    clean = self._tones.high_pass(stretch)
                here = self._measured(here, key, pieces, (stretch, clean), parts, relative)
            found.append(here)
        return found

    @staticmethod
    def _placed(stretches: Pieces, count: int) -> Sounding:
        first, last = stretches[0][0], stretches[-1][1]
        near = CONTEXT // STEP // 2
        return Sounding(
            STEP * first + FRAME // 2 - STEP // 2,
            STEP * last + FRAME // 2 + STEP // 2,
            opened=first < near,
            unended=last >= count - near,
            throughout=first <= 1 and last >= count - 2,
        )

    def _measured(
        self,
        here: Sounding,
        key: Key,
        pieces: Pieces,
        heard: tuple[Doubles, Doubles],
        parts: Complexes,
        relative: Doubles,
    ) -> Sounding:
        """`heard`: the stretch, and it without what is below the tones."""
        stretch, clean = heard
        uneven = unevenness(parts, pieces)
        worse = max(uneven)
        offs = offsets(parts, pieces, key)
        deviation = deviation_of(offs, key)
        at = (here.start, here.end, here.opened, here.unended, here.throughout)
        if deviation > 1.5 * MAX_DEVIATION or worse > 1.2:
            return Sounding(*at, deviation, worse)
        fit = self._tones.fit(clean, key, offs, pieces)
        if fit.share < PURE and worse < 0.4 and (halves := parted(parts, pieces, key)):
            offs = offsets(parts, halves, key)
            again = self._tones.fit(clean, key, offs, halves)
            if again.share > fit.share:
                fit, deviation = again, deviation_of(offs, key)
        share = fit.share
        twist = _decibels((fit.column + 1e-30) / (fit.row + 1e-30))
        level = _decibels(2 * (fit.row + fit.column)) + FULL_SCALE_SINE_DBM0
        if share >= PURE + VOICE:
            return Sounding(*at, deviation, worse, share, twist, level)
        first, last = _frames_of(here)
        around = max(
            float(relative[max(0, first - 10) : max(1, first - 5)].mean()),
            float(relative[last + 6 : last + 11].mean()) if last + 6 < len(relative) else 9.0,
        )
        spectrum = sum(self._spectra.power(one, SPECTRUM) for one in fit.left)
        noise = [FRAME_NOISE * fit.rest / (one + 1e-30) for one in (fit.row, fit.column)]
        inside = slice(here.start + GUARD, here.end - GUARD)
        lost = stretch[inside] - clean[inside]
        sizes = np.abs(stretch[here.start : here.end])
        return Sounding(
            *at,
            deviation,
            worse,
            share,
            twist,
            level,
            around,
            flat=flatness(np.asarray(spectrum)[BAND]),
            noisy=max(
                one / math.sqrt(2 * n + n * n + 1e-4) for one, n in zip(uneven, noise, strict=True)
            ),
            weaker_db=_decibels(fit.count * min(fit.row, fit.column) / (fit.rest + 1e-30)),
            clipped=float(np.mean(sizes >= 0.999 * sizes.max())),
            below=float(lost @ lost) / len(lost) / (fit.row + fit.column + 1e-30),
        )


def _frames_of(here: Sounding) -> tuple[int, int]:
    """First and last frame of a sounding."""
    half = FRAME // 2
    return (here.start - half + STEP // 2) // STEP, (here.end - half - STEP // 2) // STEP


def _decibels(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-20))

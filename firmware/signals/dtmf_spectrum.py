"""Spectra of what the DTMF screen saw: whether two tones stand out, or noise lies around them."""

from __future__ import annotations

import math

import numpy as np

from firmware.signals.dtmf_frames import Doubles, Key
from firmware.signals.dtmf_judge import RATE

ROUGH = 1024  # samples and bins of the first look
ROUGH_BAND = (76, 435)  # 594 to 3400 Hz
ROUGH_OFF = 6  # bins, 47 Hz: 2.6 % of the highest tone is 42
ROUGH_NEAR = 7  # bins, 55 Hz
ROUGH_SHARE = 0.78
ROUGH_FLAT = 0.3


def flatness(spectrum: Doubles) -> float:
    """Geometric over arithmetic mean: 0.56 for white noise."""
    power = spectrum + 1e-30
    return math.exp(float(np.log(power).sum()) / len(power)) * len(power) / float(power.sum())


class Spectra:
    """`power` of a few samples, and `worth_it`, the first look."""

    def __init__(self) -> None:
        self._ramp = np.arange(8192.0)

    def power(self, samples: Doubles, size: int) -> Doubles:
        """Power of (n,) samples under a parabola, in size // 2 + 1 bins."""
        count = len(samples)
        ramp = self._ramp[:count]
        bins = np.fft.rfft(samples * (ramp * (count - 1 - ramp)), size)
        return np.asarray(bins.real * bins.real + bins.imag * bins.imag)

    def worth_it(self, core: Doubles, key: Key) -> bool:
        """Whether the spectrum of (n,) samples is two tones, or two tones in noise."""
        before = max(0, (len(core) - ROUGH) // 2)
        bins = self.power(core[before : before + ROUGH], ROUGH)
        pair, edges = 0.0, []
        for tone in key.tones:
            low = round(tone * ROUGH / RATE) - ROUGH_OFF
            peak = low + int(bins[low : low + 2 * ROUGH_OFF + 1].argmax())
            edges += [peak - ROUGH_NEAR, peak + ROUGH_NEAR + 1]
            pair += float(bins[edges[-2] : edges[-1]].sum())
        first, last = ROUGH_BAND
        rest = np.concatenate(
            (bins[first : edges[0]], bins[edges[1] : edges[2]], bins[edges[3] : last])
        )
        return pair > ROUGH_SHARE * (pair + float(rest.sum())) or flatness(rest) > ROUGH_FLAT

"""Alerting tones: CAS and DT-AS, 2130 and 2750 Hz together.

The CPE alerting signal (CAS, Bellcore GR-30) lasts 75-85 ms and comes in a call; the dual tone
alerting signal (DT-AS, EN 300 659-1, SIN 227) lasts 88-110 ms. Both frequencies are held within
0.5 % (Bellcore) or 1.1 % (SIN 227). Blocks in which the two tones rule everything above the voice
are suspected; the samples around them are then measured: beginning, end, frequencies, evenness.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.events import AlertingTone, Signal
from firmware.signals.blocks import BLOCK, RATE, Blocks, BlockStream, dbm0, power_at
from firmware.signals.stream import Floats

TONES_HZ = (2130.0, 2750.0)
BAND_OF_TONE = ("ced", "cas")  # the bands of `steady.BANDS` that hold them
SHORTEST_S = 0.068
LONGEST_S = 0.118
DEVIATION = 0.016
TWIST_DB = 8.0
LOWEST_DBM0 = -48.0  # of each tone
SUSPECT_SHARE = 0.5  # of what a second difference leaves, which takes the voice away
PURITY = 0.6
RUN = (3, 7)  # blocks: 75 ms fill three by three quarters or more
AROUND = 2  # blocks before and behind a run that are measured with it
HELD = RUN[1] + 2 * AROUND + 1
SMOOTHED = 64  # samples, 8 ms: five turns between the two tones, so that neither sees the other
GAINS = tuple((2 * math.sin(math.pi * hertz / RATE)) ** 4 for hertz in TONES_HZ)


def without_voice(samples: NDArray[Any]) -> NDArray[Any]:
    """The second difference along the last axis: 27 dB less of 400 Hz than of 2130 Hz."""
    made: NDArray[Any] = samples[..., 2:] - 2 * samples[..., 1:-1] + samples[..., :-2]
    return made


class AlertingDecoder:
    """Blocks in, alerting tones out, each once, 40 ms after its end."""

    def __init__(self, stream: BlockStream) -> None:
        self._bands = [stream.names.index(name) for name in BAND_OF_TONE]
        self._floor = power_at(LOWEST_DBM0)
        self._samples: Floats = np.zeros((HELD, BLOCK), np.float32)
        self._flags = np.zeros(HELD, np.bool_)
        self._done = 0

    def take(self, blocks: Blocks) -> list[Signal]:
        """The alerting tones that these blocks make known."""
        flags = self._suspected(blocks)
        found: list[Signal] = []
        if self._flags.any() or flags.any():
            found = self._looked_at(blocks, np.concatenate((self._flags, flags)))
        kept = np.concatenate((self._samples, blocks.samples[-HELD:]))[-HELD:]
        self._samples, self._flags = kept, np.concatenate((self._flags, flags))[-HELD:]
        return found

    def flush(self, first: int) -> list[Signal]:
        """The stream is over; `first` is the block that would come next."""
        silence = np.zeros((AROUND + 1, BLOCK), np.float32)
        none = np.zeros((AROUND + 1, 0), np.float32)
        energies = np.zeros((AROUND + 1, max(self._bands) + 1), np.float32)
        return self.take(Blocks(first, silence, silence[:, 0], none, energies))

    def _suspected(self, blocks: Blocks) -> NDArray[np.bool_]:
        low, high = (blocks.energies[:, band] for band in self._bands)
        ratio = 10 ** ((TWIST_DB + 1) / 10)
        flags = (low > self._floor) & (high > self._floor)
        flags &= (low < ratio * high) & (high < ratio * low)
        where = np.flatnonzero(flags)
        if len(where):
            rest = without_voice(blocks.samples[where])
            power = np.einsum("ij,ij->i", rest, rest) / rest.shape[1]
            tones = GAINS[0] * low[where] + GAINS[1] * high[where]
            flags[where] = tones > SUSPECT_SHARE * power
        return np.asarray(flags)

    def _looked_at(self, blocks: Blocks, flags: NDArray[np.bool_]) -> list[Signal]:
        """Measure every run of suspected blocks behind which enough blocks are known."""
        found: list[Signal] = []
        origin = blocks.first - HELD  # block number of flags[0]
        edges = np.diff(np.concatenate(([0], flags.astype(np.int8), [0])))
        runs = zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True)
        for begin, end in ((int(b), int(e)) for b, e in runs):
            if end + AROUND > len(flags) or origin + begin < self._done:
                continue
            self._done = origin + end
            if not RUN[0] <= end - begin <= RUN[1] or begin < AROUND:
                continue
            first, last = begin - AROUND, end + AROUND
            held = np.concatenate(
                (self._samples[first:last], blocks.samples[max(0, first - HELD) : last - HELD])
                if last > HELD
                else (self._samples[first:last],)
            )
            if tone := self._measured(held.reshape(-1), (origin + first) * BLOCK):
                found.append(tone)
        return found

    @staticmethod
    def _measured(samples: Floats, start: int) -> AlertingTone | None:
        """The tone in (n,) samples whose first is sample `start` of the stream, if it is one."""
        rest = without_voice(samples.astype(np.float64))
        spans, powers = [], []
        for hertz in TONES_HZ:
            if (seen := _tone_in(rest, hertz)) is None:
                return None
            spans.append(seen[:2])
            powers.append(seen[2])
        begin, end = (max(span[0] for span in spans), min(span[1] for span in spans))
        if max(abs(spans[0][n] - spans[1][n]) for n in (0, 1)) > 0.012 * RATE:
            return None
        if not SHORTEST_S * RATE <= end - begin <= LONGEST_S * RATE:
            return None
        total = float(np.mean(np.square(rest[begin + 16 : end - 16])))
        levels = [power / gain for power, gain in zip(powers, GAINS, strict=True)]
        if sum(powers) < PURITY * total or min(levels) < power_at(LOWEST_DBM0):
            return None
        if abs(10 * math.log10(levels[0] / levels[1])) > TWIST_DB:
            return None
        return AlertingTone(start + begin + 1, start + end + 1, dbm0(sum(levels)))


def _tone_in(rest: NDArray[np.float64], hertz: float) -> tuple[int, int, float] | None:
    """Beginning, end and mean square of an even burst of one tone; None where there is none."""
    turned = rest * np.exp(-2j * math.pi * hertz / RATE * np.arange(len(rest)))
    sums = np.concatenate(([0], np.cumsum(turned)))
    wave = (sums[SMOOTHED:] - sums[:-SMOOTHED]) / SMOOTHED  # around sample n + SMOOTHED / 2
    size = np.abs(wave)
    span = round(0.04 * RATE)
    weights = np.concatenate(([0], np.cumsum(size)))
    middle = int((weights[span:] - weights[:-span]).argmax()) + span // 2
    height = float(size[middle - span // 2 : middle + span // 2].mean())
    low = np.flatnonzero(size < height / 2)
    before, behind = low[low < middle], low[low > middle]
    if len(before) == 0 or len(behind) == 0:
        return None
    begin, end = int(before[-1]) + 1, int(behind[0])
    inner = slice(begin + SMOOTHED // 2 + 8, end - SMOOTHED // 2 - 8)
    if inner.stop - inner.start < round(0.03 * RATE):
        return None
    if size[inner].min() < 0.6 * height or size[inner].max() > 1.5 * height:
        return None
    phase = np.unwrap(np.angle(wave[inner]))
    place = np.arange(len(phase))
    slope, offset = np.polyfit(place, phase, 1)
    if abs(slope) * RATE / (2 * math.pi) > DEVIATION * hertz:
        return None
    if float(np.std(phase - slope * place - offset)) > 0.5:
        return None
    off = abs(slope) * SMOOTHED / 2
    loss = math.sin(off) / off if off > 1e-6 else 1.0
    height = float(size[inner].mean()) / loss
    return begin + SMOOTHED // 2, end + SMOOTHED // 2, 2 * height**2

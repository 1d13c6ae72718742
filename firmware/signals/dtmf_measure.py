"""Measures a stretch where the screen saw one key: what sounds in it, from where to where, how.

The envelope of both tones gives start, end and interruptions; the phase gives the frequencies; a
least-squares fit of the two tones gives level, twist and what is left over. All is float64 and
depends on the stretch alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from firmware.signals.dtmf_judge import MAX_DEVIATION, PURE, RATE, VOICE, Sounding
from firmware.signals.dtmf_keypad import KEYS, tones_of

CONTEXT = 192  # samples a stretch needs before and behind what was nominated
FRAME = 64
STEP = 8
EDGE = FRAME // STEP // 2  # frames that reach over an edge of the tone
LONGEST_GAP = 14  # steps of 1 ms: an interruption of 10 ms does not split a digit (Q.24)
LONGEST_DIP = 5  # steps: shorter ones are noise
SHORTEST_BLIP = 5  # steps: what sounds shorter is noise
FULL_SCALE_SINE_DBM0 = 3.14
GUARD = 18  # samples left out at each edge, where the high-pass has not settled
SHORTEST_PIECE = 56
TAPS = 47
CUTOFF_HZ = 565.0
SPECTRUM = 512
BAND = slice(42, 212)  # its bins between 656 and 3300 Hz
FRAME_NOISE = 0.047  # noise power in a frame's amplitude squared, over twice that of the samples
ROUGH = 1024  # samples and bins of the first look
ROUGH_BAND = (76, 435)  # 594 to 3400 Hz
ROUGH_OFF = 6  # bins, 47 Hz: 2.6 % of the highest tone is 42
ROUGH_NEAR = 7  # bins, 55 Hz
ROUGH_SHARE = 0.78
ROUGH_FLAT = 0.3

Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Pieces = list[tuple[int, int]]


@dataclass(frozen=True, eq=False, slots=True)
class _Fit:
    """Power of row, of column and of the rest; samples fitted; the rest of each piece."""

    row: float
    column: float
    rest: float
    count: int
    left: list[Doubles]

    @property
    def share(self) -> float:
        both = self.row + self.column
        return both / (both + self.rest + 1e-30)


@dataclass(frozen=True, eq=False, slots=True)
class _Key:
    """`matrix`: (FRAME, 4) real parts, then imaginary, of row and column under a taper; `turns`:
    radians a step."""

    tones: tuple[float, float]
    matrix: Doubles
    turns: tuple[float, float]


def _db(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-20))


def _flatness(spectrum: Doubles) -> float:
    """Geometric over arithmetic mean: 0.56 for white noise."""
    power = spectrum + 1e-30
    return math.exp(float(np.log(power).sum()) / len(power)) * len(power) / float(power.sum())


def _sounds(on: NDArray[np.int64]) -> list[Pieces]:
    """For each sounding, the first and last frame of the stretches in which it is on; frames as
    short as a blip of noise are none."""
    if len(on) == 0:
        return []
    if int(on[-1] - on[0]) + 1 == len(on):
        stretches = [(int(on[0]), int(on[-1]))]
    else:
        breaks = np.flatnonzero(on[1:] - on[:-1] > LONGEST_DIP + 1).tolist()
        firsts = on[[0, *(one + 1 for one in breaks)]].tolist()
        stretches = list(zip(firsts, on[[*breaks, -1]].tolist(), strict=True))
    found: list[Pieces] = []
    for one, two in stretches:
        if two - one + 1 < SHORTEST_BLIP:
            continue
        if found and one - found[-1][-1][1] <= LONGEST_GAP + 1:
            found[-1].append((one, two))
        else:
            found.append([(one, two)])
    return found


def _trimmed(stretches: Pieces) -> Pieces:
    """The frames that lie wholly in the tone, where there are enough of them."""
    return [
        (one + EDGE, two - EDGE)
        for one, two in stretches
        if (two - one - 2 * EDGE) * STEP >= SHORTEST_PIECE
    ]


def _frames_of(here: Sounding) -> tuple[int, int]:
    """First and last frame of a sounding."""
    half = FRAME // 2
    return (here.start - half + STEP // 2) // STEP, (here.end - half - STEP // 2) // STEP


class Meter:
    """`soundings` measures a stretch."""

    def __init__(self) -> None:
        place = np.arange(TAPS) - TAPS // 2
        low = np.sinc(2 * CUTOFF_HZ / RATE * place) * np.kaiser(TAPS, 3.5)
        self._taps = -low / low.sum()
        self._taps[TAPS // 2] += 1
        hertz = np.arange(2000.0)  # the power gain of the high-pass, by Hz
        self._gains = np.square(np.cos(np.outer(hertz, place) * (2 * math.pi / RATE)) @ self._taps)
        taper = np.hanning(FRAME + 2)[1:-1]
        taper /= taper.sum() / 2
        self._ramp = np.arange(8192.0)
        self._keys = [self._key(tones_of(key), taper) for key in range(len(KEYS))]

    @staticmethod
    def _key(tones: tuple[float, float], taper: Doubles) -> _Key:
        turns = np.outer(np.arange(FRAME), tones) * (2 * math.pi / RATE)
        matrix = np.concatenate((np.cos(turns), -np.sin(turns)), axis=1) * taper[:, None]
        row, column = (2 * math.pi * tone * STEP / RATE for tone in tones)
        return _Key(tones, matrix, (row, column))

    def soundings(self, stretch: Doubles, number: int, sure: bool = False) -> list[Sounding]:
        """(n,) float64 samples, CONTEXT of them before and behind what was nominated; `number`:
        place in KEYS; `sure`: a first look at the spectrum is not worth its while."""
        key = self._keys[number]
        if not sure and not self._worth_it(stretch, key):
            return []
        count = (len(stretch) - FRAME) // STEP + 1
        size = stretch.itemsize
        frames = as_strided(stretch, (count, FRAME), (STEP * size, size)).copy()
        both = (frames @ key.matrix).T
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
        for stretches in _sounds(np.flatnonzero(relative > 0.25)):
            here = self._placed(stretches, count)
            pieces = _trimmed(stretches)
            if pieces and (here.long_enough or here.opened or here.unended):
                if clean is None:
                    clean = np.convolve(stretch, self._taps, "same")
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

    def _worth_it(self, stretch: Doubles, key: _Key) -> bool:
        """Whether the spectrum of the middle is two tones, or two tones in noise."""
        core = stretch[CONTEXT + FRAME // 2 : -CONTEXT - FRAME // 2]
        before = max(0, (len(core) - ROUGH) // 2)
        bins = self._spectrum(core[before : before + ROUGH], ROUGH)
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
        return pair > ROUGH_SHARE * (pair + float(rest.sum())) or _flatness(rest) > ROUGH_FLAT

    def _spectrum(self, samples: Doubles, size: int) -> Doubles:
        """Power of (n,) samples under a parabola, in size // 2 + 1 bins."""
        count = len(samples)
        ramp = self._ramp[:count]
        bins = np.fft.rfft(samples * (ramp * (count - 1 - ramp)), size)
        return np.asarray(bins.real * bins.real + bins.imag * bins.imag)

    def _measured(
        self,
        here: Sounding,
        key: _Key,
        pieces: Pieces,
        heard: tuple[Doubles, Doubles],
        parts: Complexes,
        relative: Doubles,
    ) -> Sounding:
        """`heard`: the stretch, and it without what is below the tones."""
        stretch, clean = heard
        uneven = self._unevenness(parts, pieces)
        worse = max(uneven)
        offs = self._offsets(parts, pieces, key)
        deviation = self._deviation(offs, key)
        at = (here.start, here.end, here.opened, here.unended, here.throughout)
        if deviation > 1.5 * MAX_DEVIATION or worse > 1.2:
            return Sounding(*at, deviation, worse)
        fit = self._fit(clean, key, offs, pieces)
        if fit.share < PURE and worse < 0.4 and (parted := self._jump(parts, pieces, key)):
            offs = self._offsets(parts, parted, key)
            again = self._fit(clean, key, offs, parted)
            if again.share > fit.share:
                fit, deviation = again, self._deviation(offs, key)
        share = fit.share
        twist = _db((fit.column + 1e-30) / (fit.row + 1e-30))
        level = _db(2 * (fit.row + fit.column)) + FULL_SCALE_SINE_DBM0
        if share >= PURE + VOICE:
            return Sounding(*at, deviation, worse, share, twist, level)
        first, last = _frames_of(here)
        around = max(
            float(relative[max(0, first - 10) : max(1, first - 5)].mean()),
            float(relative[last + 6 : last + 11].mean()) if last + 6 < len(relative) else 9.0,
        )
        spectrum = sum(self._spectrum(one, SPECTRUM) for one in fit.left)
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
            flat=_flatness(np.asarray(spectrum)[BAND]),
            noisy=max(
                one / math.sqrt(2 * n + n * n + 1e-4) for one, n in zip(uneven, noise, strict=True)
            ),
            weaker_db=_db(fit.count * min(fit.row, fit.column) / (fit.rest + 1e-30)),
            clipped=float(np.mean(sizes >= 0.999 * sizes.max())),
            below=float(lost @ lost) / len(lost) / (fit.row + fit.column + 1e-30),
        )

    @staticmethod
    def _unevenness(parts: Complexes, pieces: Pieces) -> tuple[float, float]:
        within = np.concatenate([parts[:, one : two + 1] for one, two in pieces], axis=1)
        power = within.real * within.real + within.imag * within.imag
        mean = power.sum(axis=1) / power.shape[1]
        squares = (power * power).sum(axis=1) / power.shape[1]
        row, column = np.sqrt(np.maximum(squares - mean * mean, 0.0)) / (mean + 1e-30)
        return float(row), float(column)

    @staticmethod
    def _deviation(offs: tuple[float, float], key: _Key) -> float:
        return max(abs(off) / tone for off, tone in zip(offs, key.tones, strict=True))

    @staticmethod
    def _offsets(parts: Complexes, pieces: Pieces, key: _Key) -> tuple[float, float]:
        """How far off both tones are, in Hz: from the phase over 4 ms, 8 ms and half a piece."""
        longest = max(two - one for one, two in pieces)
        off = [0.0, 0.0]
        for tone in (0, 1):
            row = parts[tone]
            turn = 0.0  # radians a step more than the tone's own
            for lag in (4, 8, longest // 2):
                if lag >= longest:
                    continue
                total, size = 0j, 0.0
                for one, two in pieces:
                    if two - one >= lag:
                        before, after = row[one : two + 1 - lag], row[one + lag : two + 1]
                        total += complex(np.vdot(before, after))
                        if lag > 8:
                            size += float(np.abs(before) @ np.abs(after))
                # over half a piece only where the phase is one: dropped samples make it jump
                if lag > 8 and abs(total) < 0.8 * size:
                    continue
                angle = math.atan2(total.imag, total.real) - (key.turns[tone] + turn) * lag
                turn += math.remainder(angle, 2 * math.pi) / lag
            off[tone] = turn * RATE / (2 * math.pi * STEP)
        return off[0], off[1]

    def _fit(self, clean: Doubles, key: _Key, offs: tuple[float, float], pieces: Pieces) -> _Fit:
        """Both tones by least squares, with a phase of their own in each piece."""
        true = (key.tones[0] + offs[0], key.tones[1] + offs[1])
        sums, rest, count, left = [0.0, 0.0], 0.0, 0, []
        for one, two in pieces:
            # frame f lies wholly in the tone, so its own samples do
            heard = clean[one * STEP + GUARD : two * STEP + FRAME - GUARD]
            length = len(heard)
            turns = np.array(true)[:, None] * (self._ramp[:length] * (2 * math.pi / RATE))
            basis = np.concatenate((np.cos(turns), np.sin(turns)))
            weights = np.linalg.solve(basis @ basis.T, basis @ heard)
            remains = heard - weights @ basis
            a, b, c, d = weights.tolist()
            sums[0] += length * (a * a + c * c)
            sums[1] += length * (b * b + d * d)
            count += length
            rest += float(remains @ remains)
            left.append(remains)
        row, column = (
            one / (2 * count * float(self._gains[min(1999, max(0, round(tone)))]))
            for one, tone in zip(sums, true, strict=True)
        )
        return _Fit(row, column, rest / count, count, left)

    @staticmethod
    def _jump(parts: Complexes, pieces: Pieces, key: _Key) -> Pieces:
        """The longest piece parted where its phase jumps, as where samples were dropped."""
        one, two = max(pieces, key=lambda piece: piece[1] - piece[0])
        turns = np.outer(key.turns, np.arange(two - one + 1))
        summed = np.cumsum(parts[:, one : two + 1] * np.exp(-1j * turns), axis=1)
        apart = (np.abs(summed) + np.abs(summed[:, -1:] - summed)).sum(axis=0)
        place = one + int(apart.argmax())
        # both halves lose the frames that reach over the jump
        return _trimmed([(one - EDGE, place), (place, two + EDGE)])

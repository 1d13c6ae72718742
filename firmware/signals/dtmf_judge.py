"""Second look for DTMF: is a stretch where the screen saw one key a digit, and from where to where?

The envelope of both tones gives start, end and interruptions; the phase gives the frequencies; a
least-squares fit of the two tones gives level, twist and what is left over. What is left over
tells a digit from a voice: a digit leaves nothing, or noise, which is the same at all frequencies;
a voice leaves its other harmonics. All is float64 and depends on the stretch alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.dtmf_keypad import tones_of

RATE = 8000
CONTEXT = 192  # samples a stretch needs before and behind what was nominated
FRAME = 64
STEP = 8
EDGE = FRAME // STEP // 2  # frames that reach over an edge of the tone
SHORTEST_MS = 28.5  # accept from 35 ms, reject below 23 ms (ES 201 235-3)
LONGEST_GAP = 14  # steps of 1 ms: an interruption of 10 ms does not split a digit (Q.24)
LONGEST_DIP = 5  # steps: shorter ones are noise
SHORTEST_BLIP = 5  # steps: what sounds shorter is noise
PURE = 0.9
MIN_WEAKER_DB = 16.5
MAX_DEVIATION = 0.026  # accept 1.8 %, reject 3.5 % (Q.24)
MAX_ROW_OVER_COLUMN_DB = 12.0
MAX_COLUMN_OVER_ROW_DB = 9.5
MIN_LEVEL_DBM0 = -49.5
FULL_SCALE_SINE_DBM0 = 3.14
GUARD = 18  # samples left out at each edge, where the high-pass has not settled
SHORTEST_PIECE = 56
TAPS = 47
CUTOFF_HZ = 565.0
SPECTRUM = 512
ROUGH = 1024  # samples and bins of the first look
ROUGH_BAND = (76, 435)  # 594 to 3400 Hz
ROUGH_OFF = 6  # bins, 47 Hz: 2.6 % of the highest tone is 42
ROUGH_NEAR = 8  # bins, 62 Hz
ROUGH_SHARE = 0.77
ROUGH_FLAT = 0.3
FRAME_NOISE = 0.047  # noise power in a frame's amplitude squared, over twice that of the samples
BAND = slice(42, 212)  # its bins between 656 and 3300 Hz

Doubles = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Pieces = list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Sounding:
    """What was measured of one sounding of a key; `start` and `end` in samples of the stretch.

    `deviation`: that of the worse tone, as a share of its frequency. `uneven`: standard deviation
    over mean of the power of the worse tone. `around`: power at the two frequencies just outside,
    as a share of that inside. `share`: how much of the power above 565 Hz is in the two tones.
    `flat`: geometric over arithmetic mean of the spectrum of the rest, 0.56 for white noise.
    `noisy`: how much more uneven it is than noise of the power of the rest would make it.
    `weaker_db`: energy of the weaker tone over the density of the rest. `clipped`: share of
    samples at the greatest value. `below`: power below 565 Hz over that of the tones. `opened`,
    `unended`: it sounded already, or still, near the edge of the stretch; `throughout`: from the
    very first to the very last of it.
    """

    start: int
    end: int
    opened: bool
    unended: bool
    throughout: bool
    around: float = 9.0
    deviation: float = 9.0
    uneven: float = 9.0
    share: float = 0.0
    flat: float = 0.0
    noisy: float = 9.0
    weaker_db: float = -99.0
    twist_db: float = 99.0
    level_dbm0: float = -99.0
    clipped: float = 0.0
    below: float = 9.0


def _db(ratio: float) -> float:
    return 10 * math.log10(max(ratio, 1e-20))


def _flatness(spectrum: Doubles) -> float:
    """Geometric over arithmetic mean: 0.56 for white noise."""
    power = spectrum + 1e-30
    return math.exp(float(np.log(power).mean())) / float(power.mean())


def _deviation(offs: tuple[float, float], tones: tuple[float, float]) -> float:
    return max(abs(off) / tone for off, tone in zip(offs, tones, strict=True))


def _stretches(places: NDArray[np.int64], gap: int) -> Pieces:
    """First and last of each run of places that has no gap longer than `gap`."""
    breaks = np.flatnonzero(np.diff(places) > gap + 1)
    firsts = places[np.concatenate(([0], breaks + 1))]
    lasts = places[np.concatenate((breaks, [len(places) - 1]))]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _sounds(on: NDArray[np.int64]) -> list[Pieces]:
    """For each sounding, the stretches of frames in which it is on; frames as short as a blip of
    noise are none."""
    found: list[Pieces] = []
    for one, two in _stretches(on, LONGEST_DIP) if len(on) else []:
        if two - one + 1 < SHORTEST_BLIP:
            continue
        if found and one - found[-1][-1][1] <= LONGEST_GAP + 1:
            found[-1].append((one, two))
        else:
            found.append([(one, two)])
    return found


@dataclass(frozen=True, slots=True)
class _Fit:
    """Power of row, of column and of the rest; flatness of the rest; samples fitted."""

    row: float
    column: float
    rest: float
    flat: float
    count: int

    @property
    def share(self) -> float:
        both = self.row + self.column
        return both / (both + self.rest + 1e-30)


class Judge:
    """`soundings` measures a stretch, `is_digit` decides."""

    def __init__(self) -> None:
        place = np.arange(TAPS) - TAPS // 2
        low = np.sinc(2 * CUTOFF_HZ / RATE * place) * np.kaiser(TAPS, 3.5)
        self._taps = -low / low.sum()
        self._taps[TAPS // 2] += 1
        self._turns = 2j * math.pi / RATE * place
        taper = np.hanning(FRAME + 2)[1:-1]
        self._taper = taper / (taper.sum() / 2)
        self._ramp = np.arange(8192.0)
        self._frame = 2 * math.pi / RATE * np.arange(FRAME)

    def soundings(self, stretch: Doubles, key: int) -> list[Sounding]:
        """(n,) float64 samples, CONTEXT of them before and behind what was nominated."""
        tones = tones_of(key)
        if not self._worth_it(stretch, tones):
            return []
        parts = self._envelopes(stretch, tones)
        power = np.square(parts.real) + np.square(parts.imag)
        margin = CONTEXT // STEP
        inside = np.sort(power[:, margin:-margin], axis=1)
        usual = inside[:, 3 * inside.shape[1] // 4] + 1e-30
        if not 0.02 < usual[1] / usual[0] < 30:
            return []
        relative = 0.5 * (power[0] / usual[0] + power[1] / usual[1])
        clean: Doubles | None = None
        found = []
        for sounds in _sounds(np.flatnonzero(relative > 0.25)):
            first, last = sounds[0][0], sounds[-1][1]
            start, end = STEP * first + FRAME // 2 - 4, STEP * last + FRAME // 2 + 4
            near = CONTEXT // STEP // 2
            frames = power.shape[1]
            throughout = first <= 1 and last >= frames - 2
            edges = (start, end, first < near, last >= frames - near, throughout)
            pieces = [
                (one + EDGE, two - EDGE)
                for one, two in sounds
                if (two - one - 2 * EDGE) * STEP >= SHORTEST_PIECE
            ]
            if not pieces or (end - start) * 1000 < SHORTEST_MS * RATE and not any(edges[2:4]):
                found.append(Sounding(*edges))
                continue
            around = max(
                float(relative[max(0, first - 10) : max(1, first - 5)].mean()),
                float(relative[last + 6 : last + 11].mean()) if last + 6 < len(relative) else 9.0,
            )
            if clean is None:
                clean = np.convolve(stretch, self._taps, "same")
            found.append(self._measured(edges, around, stretch, clean, parts, tones, pieces))
        return found

    def _worth_it(self, stretch: Doubles, tones: tuple[float, float]) -> bool:
        """Whether the spectrum of the middle is two tones, or two tones in noise."""
        core = stretch[CONTEXT + FRAME // 2 : -CONTEXT - FRAME // 2]
        before = max(0, (len(core) - ROUGH) // 2)
        bins = self._spectrum(core[before : before + ROUGH], ROUGH)
        pair, edges = 0.0, []
        for tone in tones:
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
        return np.asarray(np.square(bins.real) + np.square(bins.imag))

    def _envelopes(self, stretch: Doubles, tones: tuple[float, float]) -> Complexes:
        """(2, frames) complex amplitudes of both tones, the phase counted from the first sample."""
        frames = np.lib.stride_tricks.sliding_window_view(stretch, FRAME)[::STEP].copy()
        turns = np.outer(self._frame, tones)
        matrix = np.concatenate((np.cos(turns), -np.sin(turns)), axis=1) * self._taper[:, None]
        both = frames @ matrix
        step = np.outer(tones, np.arange(len(frames))) * (-2j * math.pi * STEP / RATE)
        return np.asarray((both[:, :2] + 1j * both[:, 2:]).T * np.exp(step))

    def _measured(
        self,
        edges: tuple[int, int, bool, bool, bool],
        around: float,
        stretch: Doubles,
        clean: Doubles,
        parts: Complexes,
        tones: tuple[float, float],
        pieces: Pieces,
    ) -> Sounding:
        within = np.concatenate([parts[:, one : two + 1] for one, two in pieces], axis=1)
        power = np.square(within.real) + np.square(within.imag)
        uneven = power.std(axis=1) / power.mean(axis=1)
        worse = float(uneven.max())
        offs = self._offsets(parts, pieces)
        deviation = _deviation(offs, tones)
        if deviation > 1.5 * MAX_DEVIATION or worse > 1.2:
            return Sounding(*edges, around, deviation, worse)
        fit = self._fit(clean, tones, offs, pieces)
        if fit.share < PURE and worse < 0.4 and (parted := self._jump(parts, pieces)):
            offs = self._offsets(parts, parted)
            again = self._fit(clean, tones, offs, parted)
            if again.share > fit.share:
                fit, deviation = again, _deviation(offs, tones)
        inside = slice(edges[0] + GUARD, edges[1] - GUARD)
        below = float(np.square(stretch[inside] - clean[inside]).mean())
        heard = np.abs(stretch[edges[0] : edges[1]])
        noise = [FRAME_NOISE * fit.rest / (one + 1e-30) for one in (fit.row, fit.column)]
        return Sounding(
            *edges,
            around=around,
            deviation=deviation,
            uneven=worse,
            share=fit.share,
            flat=fit.flat,
            noisy=max(
                float(u) / math.sqrt(2 * n + n * n + 1e-4)
                for u, n in zip(uneven, noise, strict=True)
            ),
            weaker_db=_db(fit.count * min(fit.row, fit.column) / (fit.rest + 1e-30)),
            twist_db=_db((fit.column + 1e-30) / (fit.row + 1e-30)),
            level_dbm0=_db(2 * (fit.row + fit.column)) + FULL_SCALE_SINE_DBM0,
            clipped=float(np.mean(heard >= 0.999 * heard.max())),
            below=below / (fit.row + fit.column + 1e-30),
        )

    @staticmethod
    def _offsets(parts: Complexes, pieces: Pieces) -> tuple[float, float]:
        """How far off both tones are, in Hz: from the phase over 4 ms, 8 ms and half a piece."""
        longest = max(two - one for one, two in pieces)
        turn = np.zeros(2)  # radians a step
        for lag in (4, 8, longest // 2):
            if lag >= longest:
                continue
            total, size = np.zeros(2, np.complex128), np.zeros(2)
            for one, two in pieces:
                if two - one >= lag:
                    turned = parts[:, one + lag : two + 1] * parts[:, one : two + 1 - lag].conj()
                    total += turned.sum(axis=1)
                    size += np.abs(turned).sum(axis=1)
            for tone in (0, 1):
                # over half a piece only where the phase is one: dropped samples make it jump
                if lag > 8 and abs(total[tone]) < 0.8 * size[tone]:
                    continue
                angle = math.atan2(total[tone].imag, total[tone].real)
                turn[tone] += math.remainder(angle - turn[tone] * lag, 2 * math.pi) / lag
        hertz = turn * RATE / (2 * math.pi * STEP)
        return float(hertz[0]), float(hertz[1])

    def _fit(
        self, clean: Doubles, tones: tuple[float, float], offs: tuple[float, float], pieces: Pieces
    ) -> _Fit:
        """Both tones by least squares, with a phase of their own in each piece."""
        true = (tones[0] + offs[0], tones[1] + offs[1])
        gains = [abs(np.sum(self._taps * np.exp(self._turns * one))) ** 2 for one in true]
        sums = [0.0, 0.0]
        count, left, spectrum = 0, 0.0, np.zeros(SPECTRUM // 2 + 1)
        for one, two in pieces:
            # frame f lies wholly in the tone, so its own samples do
            heard = clean[one * STEP + GUARD : two * STEP + FRAME - GUARD]
            turns = np.outer(true, 2 * math.pi / RATE * np.arange(len(heard)))
            basis = np.concatenate((np.cos(turns), np.sin(turns)))
            weights = np.linalg.solve(basis @ basis.T, basis @ heard)
            rest = heard - weights @ basis
            for tone in (0, 1):
                square = weights[tone] ** 2 + weights[tone + 2] ** 2
                sums[tone] += len(heard) * square / 2 / gains[tone]
            count += len(heard)
            left += float(rest @ rest)
            spectrum += self._spectrum(rest, SPECTRUM)
        flat = _flatness(spectrum[BAND])
        return _Fit(sums[0] / count, sums[1] / count, left / count, flat, count)

    @staticmethod
    def _jump(parts: Complexes, pieces: Pieces) -> Pieces | None:
        """The longest piece parted where its phase jumps, as where samples were dropped."""
        one, two = max(pieces, key=lambda piece: piece[1] - piece[0])
        summed = np.cumsum(parts[:, one : two + 1], axis=1)
        whole = summed[:, -1:]
        apart = (np.abs(summed) + np.abs(whole - summed)).sum(axis=0)
        place = one + int(apart.argmax())
        return [
            (a, b)
            for a, b in ((one, place - EDGE), (place + EDGE, two))
            if (b - a) * STEP >= SHORTEST_PIECE
        ] or None


def is_digit(one: Sounding, whole: bool = True) -> bool:
    """Whether a sounding is a digit: every rule of Q.24 and of ES 201 235-3, and no voice.

    `whole`: from its start to its end; else a part of a longer one, which may be any length.
    """
    if whole and ((one.end - one.start) * 1000 < SHORTEST_MS * RATE or one.throughout):
        return False
    if one.deviation > MAX_DEVIATION or one.level_dbm0 < MIN_LEVEL_DBM0:
        return False
    if not -MAX_ROW_OVER_COLUMN_DB <= one.twist_db <= MAX_COLUMN_OVER_ROW_DB:
        return False
    # a voice has its fundamental below the band, and a dial tone or hum leaves the band clean
    if one.share >= PURE + 0.06 * min(1.0, one.below / 0.3):
        return one.uneven < 0.6
    # beside a voice: what a quartz made, steady, and gone at its edges
    if one.share >= 0.82 and one.deviation < 0.006 and one.uneven < 0.25 and one.around < 0.06:
        return True
    if one.clipped > 0.2:
        return one.share > 0.75 and one.uneven < 0.3
    return one.flat > 0.38 and one.weaker_db > MIN_WEAKER_DB and one.noisy < 2.6

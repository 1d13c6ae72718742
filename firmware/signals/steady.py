"""Steady tones: stretches of one or two frequencies that keep their pitch and their level.

A run of blocks whose power lies in one band is looked at in windows of five blocks (100 ms). A
window holds a tone when one or two sinusoids make up nearly all that the band holds, and it goes
on with the tone before it when frequencies and level are the same. Speech glides and music fades;
what an exchange sends does neither.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from firmware.signals.blocks import BLOCK, RATE, Blocks, BlockStream, power_at

WINDOW = 5  # blocks
SHARE = 0.55  # of all power: a tone 3 dB over white noise has more
PURITY = 0.85  # of the band's power in one or two sinusoids
UNEVEN = 2.3  # of the powers of its blocks: two tones 40 Hz apart beat by so much
TWIST_DB = 9.0
SAME_HZ = 9.0
SAME_DB = 2.5
FORGIVEN = 2  # blocks: a dropped 10 ms, or a click, does not end a tone
LOWEST_DBM0 = -46.0

# Each kind of tone: the bands it lies in, whether two frequencies may sound together, and the
# grid on which they are sought, in Hz. Bands are wider than any tolerance of E.180 and T.30.
BANDS = {
    "low": (330.0, 505.0),
    "busy": (600.0, 640.0),
    "sit-1": (895.0, 1005.0),
    "cng": (1055.0, 1145.0),
    "sit-2": (1345.0, 1455.0),
    "sit-3": (1745.0, 1855.0),
    "ced": (2070.0, 2165.0),
    "cas": (2705.0, 2795.0),
}
KINDS: tuple[tuple[tuple[str, ...], bool], ...] = (
    (("low", "busy"), True),
    (("sit-1",), False),
    (("cng",), False),
    (("sit-2",), False),
    (("sit-3",), False),
    (("ced",), False),
)
FINE_HZ = 0.5
COARSE = 8  # steps: 4 Hz, half the width of 100 ms
NEAREST_HZ = 20.0
LEAST_OF_PAIR = 0.4


@dataclass(frozen=True, slots=True)
class Steady:
    """A stretch of tone: samples `start` to `end`, `hertz` in rising order, mean square `power`."""

    start: int
    end: int
    hertz: tuple[float, ...]
    power: float


@dataclass(frozen=True, slots=True)
class Change:
    """At sample `time` a tone is known to sound (`over` is false), or to have ended."""

    time: int
    tone: Steady
    over: bool


class Pitch:
    """Finds the one or two sinusoids in five blocks of one kind.

    `_waves`: (f, 2, 5 * c) float64, for frequencies FINE_HZ apart the orthonormal pair of vectors
    that a sinusoid of any phase is made of; what they hold of the blocks is the sinusoid's power.
    """

    def __init__(self, stream: BlockStream, names: Sequence[str], pairs: bool) -> None:
        self._pairs = pairs
        bands = [np.arange(low, high + FINE_HZ, FINE_HZ) for low, high in (BANDS[n] for n in names)]
        self._hertz = np.concatenate(bands)
        steering = stream.steering(names, self._hertz)
        turned = np.exp(np.outer(self._hertz, np.arange(WINDOW)) * (2j * math.pi * BLOCK / RATE))
        seen = (turned[:, :, None] * steering[:, None, :]).reshape(len(self._hertz), 1, -1)
        both = np.concatenate((seen.real, seen.imag), axis=1)
        self._waves = np.linalg.qr(both.transpose(0, 2, 1))[0].transpose(0, 2, 1).copy()
        self._coarse = self._waves[::COARSE].reshape(-1, both.shape[2]).copy()

    def find(self, parts: NDArray[np.float32]) -> tuple[tuple[float, ...], float] | None:
        """Frequencies, and the mean square, in (5, c) coordinates; None where there is no tone."""
        sizes = np.einsum("ij,ij->i", parts, parts)
        if sizes.max() > UNEVEN * sizes.min():
            return None
        held = parts.reshape(-1).astype(np.float64)
        energy = float(held @ held)
        first, seen = self._strongest(held)
        if seen >= PURITY * energy:
            return (float(self._hertz[first]),), seen / (WINDOW * BLOCK)
        if not self._pairs or seen < LEAST_OF_PAIR * energy:
            return None
        second, _ = self._strongest(self._without(held, first))
        first, _ = self._strongest(self._without(held, second))
        if abs(self._hertz[second] - self._hertz[first]) < NEAREST_HZ:
            return None
        one = self._without(held, second)
        two = self._without(held, first)
        left = self._without(self._without(one, first), second)
        total = energy - float(left @ left)
        powers = float(one @ one), float(two @ two)
        if total < PURITY * energy or abs(10 * math.log10(powers[0] / powers[1])) > TWIST_DB:
            return None
        low, high = sorted((first, second))
        hertz = (float(self._hertz[low]), float(self._hertz[high]))
        return hertz, total / (WINDOW * BLOCK)

    def _strongest(self, held: NDArray[np.float64]) -> tuple[int, float]:
        """Place of the sinusoid that holds most, and how much that is."""
        power = np.square(self._coarse @ held).reshape(-1, 2).sum(axis=1)
        top = int(power.argmax())
        place = COARSE * top
        if 0 < top < len(power) - 1:
            left, here, right = (float(one) for one in power[top - 1 : top + 2])
            bend = left - 2 * here + right
            place += round(COARSE * 0.5 * (left - right) / bend) if bend < 0 else 0
        place = min(max(place, 0), len(self._hertz) - 1)
        parts = self._waves[place] @ held
        return place, float(parts @ parts)

    def _without(self, held: NDArray[np.float64], place: int) -> NDArray[np.float64]:
        waves = self._waves[place]
        return np.asarray(held - (waves @ held) @ waves)


@dataclass(slots=True)
class _Run:
    """Blocks of one kind in a row. `ahead`: energies of the two blocks before the window."""

    kind: int
    ahead: tuple[float, float]
    start: int  # block number of the window's first block
    window: list[NDArray[np.float32]] = field(default_factory=list)
    last: int = 0  # the last block of this kind, and its energy
    energy: float = 0.0
    after: list[tuple[float, NDArray[np.float32]]] = field(default_factory=list)
    tone: Steady | None = None
    doubt: int | None = None  # block number from which one window was another sound


class SteadyTones:
    """Blocks in, changes out: a tone is told once known and again when it has ended."""

    def __init__(self, stream: BlockStream) -> None:
        names = stream.names
        self._pitch = [Pitch(stream, bands, pairs) for bands, pairs in KINDS]
        self._columns = [
            np.concatenate([np.arange(*stream.columns(n).indices(10_000)) for n in bands])
            for bands, _ in KINDS
        ]
        self._sums = np.zeros((len(names), len(KINDS)), np.float32)
        for kind, (bands, _) in enumerate(KINDS):
            for band in bands:
                self._sums[names.index(band), kind] = 1.0
        self._floor = power_at(LOWEST_DBM0)
        self._before = np.zeros(len(KINDS), np.float32)
        self._next = 0
        self._run: _Run | None = None

    def take(self, blocks: Blocks) -> list[Change]:
        """The changes that these blocks make known, in order."""
        energies = blocks.energies @ self._sums
        kinds = energies.argmax(axis=1)
        best = energies[np.arange(len(kinds)), kinds]
        kinds[(best < SHARE * blocks.power) | (best < self._floor)] = -1
        begins = self._worth_a_look(kinds, best)
        found: list[Change] = []
        at = 0
        while at < len(kinds):
            if self._run is None:
                ahead = int(np.searchsorted(begins, at))
                if ahead == len(begins):
                    break
                at = int(begins[ahead])
                before = energies[at - 1] if at else self._before
                self._run = _Run(int(kinds[at]), (0.0, float(before[kinds[at]])), blocks.first + at)
            found += self._step(self._run, int(kinds[at]), blocks, energies[at], at)
            if self._run is not None:
                at += 1
        self._before = energies[-1]
        self._next = blocks.first + len(kinds)
        return found

    @staticmethod
    def _worth_a_look(kinds: NDArray[np.intp], power: NDArray[np.float32]) -> NDArray[np.intp]:
        """Where runs begin that hold an even window, or may go on behind these blocks."""
        tonal = np.flatnonzero(kinds >= 0)
        if len(tonal) == 0:
            return tonal
        parted = (np.diff(tonal) > FORGIVEN + 1) | (np.diff(kinds[tonal]) != 0)
        first = tonal[np.concatenate(([True], parted))]
        last = tonal[np.concatenate((parted, [True]))]
        open_end = last >= len(kinds) - 1 - FORGIVEN
        if len(kinds) <= WINDOW:
            return np.asarray(first[open_end | (last - first >= WINDOW)])
        windows = [power[n : len(power) - WINDOW + 1 + n] for n in range(WINDOW)]
        even = np.maximum.reduce(windows) <= UNEVEN * np.minimum.reduce(windows)
        seen = np.concatenate(([0], np.cumsum(even)))
        begin = np.minimum(first + 1, len(even))
        end = np.clip(last - WINDOW + 2, begin, len(even))
        return np.asarray(first[open_end | (seen[end] > seen[begin])])

    def flush(self) -> list[Change]:
        """The stream is over: the tone that still sounded."""
        run, self._run = self._run, None
        return self._closed(run, 0.0, self._next) if run is not None else []

    def _step(
        self,
        run: _Run,
        kind: int,
        blocks: Blocks,
        energies: NDArray[np.float32],
        at: int,
    ) -> list[Change]:
        """One block more; without a run afterwards the same block may begin the next one."""
        number, energy = blocks.first + at, float(energies[run.kind])
        parts = blocks.parts[at, self._columns[run.kind]]
        if kind == run.kind:
            run.window += [held for _, held in run.after]
            run.window.append(parts)
            run.after.clear()
            run.last, run.energy = number, energy
            return self._checked(run, (number + 1) * BLOCK)
        if kind < 0 and len(run.after) < FORGIVEN:
            run.after.append((energy, parts))
            return []
        self._run = None
        return self._closed(run, run.after[0][0] if run.after else energy, number)

    def _checked(self, run: _Run, now: int) -> list[Change]:
        """Look at the window once it is full; the run's first block may be cut and is not in it."""
        found: list[Change] = []
        if run.tone is None and run.ahead[0] == 0.0:
            run.ahead = (run.ahead[1], self._slid(run))
        while len(run.window) >= WINDOW:
            heard = self._pitch[run.kind].find(np.array(run.window[:WINDOW]))
            tone = run.tone
            if tone is not None and heard is not None and _same(tone, *heard):
                run.doubt = None
            elif tone is not None and run.doubt is None:
                run.doubt = run.start
            elif tone is not None and run.doubt is not None:
                found.append(Change(now, replace(tone, end=run.doubt * BLOCK), True))
                run.tone, run.doubt = None, None
            if run.tone is None:
                if heard is None:
                    run.ahead = (self._slid(run), self._slid(run))
                    continue
                hertz, power = heard
                start = run.start * BLOCK - _part(run.ahead, power)
                run.tone = Steady(start, now, hertz, power)
                found.append(Change(now, run.tone, False))
            run.ahead = (math.inf, math.inf)
            run.start += WINDOW
            del run.window[:WINDOW]
        return found

    @staticmethod
    def _slid(run: _Run) -> float:
        """Drop the window's first block; its energy."""
        dropped = run.window.pop(0)
        run.start += 1
        return float(dropped @ dropped) / BLOCK

    @staticmethod
    def _closed(run: _Run, after: float, number: int) -> list[Change]:
        if run.tone is None:
            return []
        end = run.last * BLOCK + _part((run.energy, after), run.tone.power)
        return [Change((number + 1) * BLOCK, replace(run.tone, end=end), True)]


def _part(energies: tuple[float, float], whole: float) -> int:
    """How many samples of two blocks the tone fills, from their energies and that of a whole."""
    shares = [min(1.0, energy / whole) for energy in energies]
    return round(BLOCK * sum(share for share in shares if share > 0.06))


def _same(tone: Steady, hertz: tuple[float, ...], power: float) -> bool:
    if len(hertz) != len(tone.hertz) or abs(10 * math.log10(power / tone.power)) > SAME_DB:
        return False
    return all(abs(a - b) < SAME_HZ for a, b in zip(hertz, tone.hertz, strict=True))

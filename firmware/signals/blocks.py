"""One look at the stream for every tone: blocks of 20 ms, each projected on a few narrow bands.

A sinusoid inside a band, cut to 20 ms, lies almost wholly in a space of a few dimensions. So the
numbers kept of a block tell how much of its power is in the band, and several blocks together tell
the frequency, without a sample being touched again. Blocks lie at multiples of 160 samples,
whatever pieces the stream comes in.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals.stream import Floats

RATE = 8000
BLOCK = 160
BATCH = 5  # blocks: fewer are not worth the call
MOST = 200  # blocks worked on at a time: they stay in the cache, and memory does not grow
ONE_THREAD = 25  # blocks: a larger product wakes the other threads of OpenBLAS, which then spin
SPACED_HZ = 15.0  # sinusoids so close together span all between them
SPAN_FROM = 0.2  # singular values below this share of the largest add nothing
FULL_SCALE_SINE_DBM0 = 3.14
LIMIT = 4.0
EMPTY = np.zeros(0, np.float32)

Complexes = NDArray[np.complex128]


def dbm0(power: float) -> float:
    """The level of a mean square, where a full-scale sine has 0.5; to a hundredth of a dB."""
    return round(10 * math.log10(max(power, 1e-12) / 0.5) + FULL_SCALE_SINE_DBM0, 2)


def power_at(level_dbm0: float) -> float:
    """The mean square of a level."""
    return 0.5 * 10 ** ((level_dbm0 - FULL_SCALE_SINE_DBM0) / 10)


def band_basis(low: float, high: float) -> NDArray[np.float64]:
    """(160, d) orthonormal columns that span what 20 ms of `low` to `high` Hz can be."""
    hertz = np.linspace(low, high, 2 + round((high - low) / SPACED_HZ))
    turns = np.outer(np.arange(BLOCK), hertz) * (2 * math.pi / RATE)
    waves = np.concatenate((np.cos(turns), np.sin(turns)), axis=1)
    vectors, values, _ = np.linalg.svd(waves, full_matrices=False)
    return np.asarray(vectors[:, values > SPAN_FROM * values[0]])


@dataclass(frozen=True, eq=False, slots=True)
class Blocks:
    """n blocks from block number `first` on.

    `samples`: (n, 160) float32; `power`: (n,) mean squares without the mean; `parts`: (n, c)
    coordinates in all bands side by side; `energies`: (n, b) mean squares inside each band.
    """

    first: int
    samples: Floats
    power: Floats
    parts: Floats
    energies: Floats


class BlockStream:
    """Cuts the stream into blocks and projects them; `bands` in Hz, by name."""

    def __init__(self, bands: dict[str, tuple[float, float]]) -> None:
        bases = {name: band_basis(*edges) for name, edges in bands.items()}
        self.names = list(bases)
        sizes = [basis.shape[1] for basis in bases.values()]
        starts = np.cumsum([0, *sizes[:-1]])
        self._columns = {
            name: slice(int(start), int(start) + size)
            for name, start, size in zip(bases, starts, sizes, strict=True)
        }
        self._basis = np.concatenate(list(bases.values()), axis=1).astype(np.float32)
        self._sums = np.zeros((self._basis.shape[1], len(sizes)), np.float32)
        for number, columns in enumerate(self._columns.values()):
            self._sums[columns, number] = 1.0 / BLOCK
        self._held: list[Floats] = []
        self._count = 0
        self._next = 0

    def columns(self, name: str) -> slice:
        """Where the band's coordinates stand in `parts`."""
        return self._columns[name]

    def steering(self, names: Sequence[str], hertz: Sequence[float] | Floats) -> Complexes:
        """(f, c) coordinates of exp(j 2 pi f t), t from the block's first sample, in the bands."""
        turns = np.outer(np.asarray(hertz), np.arange(BLOCK)) * (2j * math.pi / RATE)
        basis = np.concatenate([self._basis[:, self._columns[name]] for name in names], axis=1)
        rows = range(0, len(turns), ONE_THREAD)
        return np.concatenate([np.exp(turns[row : row + ONE_THREAD]) @ basis for row in rows])

    def feed(self, samples: Floats) -> list[Blocks]:
        """Take (n,) float32 samples; the blocks that are now worth a look."""
        self._count += len(samples)
        if self._count < BATCH * BLOCK:
            self._held.append(samples.astype(np.float32))  # the caller may use its array again
            return []
        self._held.append(samples)
        return self._made(self._count // (BATCH * BLOCK) * BATCH)

    def flush(self) -> list[Blocks]:
        """The whole blocks that are left."""
        return self._made(self._count // BLOCK)

    def _made(self, count: int) -> list[Blocks]:
        whole = len(self._held) == 1  # a file given at once is not copied
        held = self._held[0] if whole else np.concatenate([EMPTY, *self._held])
        taken = held[: count * BLOCK]
        self._held, self._count = [held[count * BLOCK :].copy()], len(held) - count * BLOCK
        made = []
        for at in range(0, count, MOST):
            made.append(self._projected(taken[at * BLOCK : (at + MOST) * BLOCK]))
        return made

    def _projected(self, samples: Floats) -> Blocks:
        if not max(float(samples.max()), -float(samples.min())) <= LIMIT:
            samples = np.nan_to_num(samples, nan=0.0, posinf=LIMIT, neginf=-LIMIT)
            samples = np.clip(samples, -LIMIT, LIMIT)
        blocks: Floats = samples.astype(np.float32, copy=False).reshape(-1, BLOCK)
        power = np.einsum("ij,ij->i", blocks, blocks) / BLOCK - np.square(blocks.mean(axis=1))
        parts = np.empty((len(blocks), self._basis.shape[1]), np.float32)
        for at in range(0, len(blocks), ONE_THREAD):
            piece = slice(at, at + ONE_THREAD)
            np.matmul(blocks[piece], self._basis, out=parts[piece])
        energies = np.square(parts) @ self._sums
        first, self._next = self._next, self._next + len(blocks)
        return Blocks(first, blocks, np.maximum(power, 0.0), parts, energies)

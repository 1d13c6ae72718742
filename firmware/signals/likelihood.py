"""How likely each of the 256 bytes is, from ten bits of phase-continuous FSK taken together.

A bit alone is decided by its two envelopes, and that is what a modem chip does. Within a byte the
phase runs on without a jump, so that each of the 256 bytes is one waveform of twelve bits (the
stop bit before it, start, data, stop, and the start of the next): the received stretch is compared
with all of them, whatever its phase. That is worth about 3 dB, and it gives odds, not decisions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from firmware.signals.bursts import RATE, Doubles
from firmware.signals.fsk import Complexes

SPAN = 12
ROWS = 10
TRUST = 0.75  # of the odds: the noise of a line is not as white as the mathematics
ROUNDS = 2

Bits = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a transmission: Hz, amplitudes, radians of space over mark, samples."""

    mark: float
    space: float
    mark_amplitude: float
    space_amplitude: float
    bit: float
    turn: float = 0.0
    noise: float = 1e-4


def _patterns(follow: int) -> Bits:
    """(SPAN, 256) the bits around every byte; `follow`: the bit behind its stop bit."""
    bits = np.ones((SPAN, 256), np.uint8)
    bits[1] = 0
    bits[2:10] = np.unpackbits(np.arange(256, dtype=np.uint8)[None], axis=0, bitorder="little")
    bits[11] = follow
    return bits


_PATTERNS = (_patterns(0), _patterns(1))
_EVEN = np.array([bin(byte).count("1") % 2 == 0 for byte in range(256)])


def _phases(bits: Bits, link: Link) -> Doubles:
    """(SPAN, 256) radians in the middle of every bit."""
    seconds = link.bit / RATE
    steps = np.where(bits == 1, link.mark, link.space) * (2 * math.pi * seconds)
    return np.cumsum(steps, axis=0) - steps / 2 + np.where(bits == 1, 0.0, link.turn)


def weigh(sent: Complexes, follow: int, link: Link) -> Doubles:
    """(n, 256) log likelihoods of (n, SPAN, 2) correlations, up to a constant in each row."""
    bits = _PATTERNS[follow]
    waves = np.exp(-1j * _phases(bits, link))
    marks = bits == 1
    matrix = np.empty((SPAN, 2, 256), np.complex128)
    matrix[:, 0] = np.where(marks, waves * link.mark_amplitude, 0)
    matrix[:, 1] = np.where(marks, 0, waves * link.space_amplitude)
    heard, waves = sent.reshape(len(sent), 2 * SPAN), matrix.reshape(2 * SPAN, 256)
    # Larger products, and single rows, wake OpenBLAS's other threads, which cost more than they do.
    parts = np.array_split(heard, -(-len(heard) // ROWS))
    alike = np.abs(np.concatenate([part @ waves for part in parts]))
    ones = marks.sum(axis=0)
    energy = ones * link.mark_amplitude**2 + (SPAN - ones) * link.space_amplitude**2
    made: Doubles = (alike - energy * (link.bit / 4)) / link.noise
    return made


def strengths(odds: Doubles, follow: int, link: Link) -> tuple[Doubles, Doubles]:
    """(n,) how much of the amplitude is there that the likeliest bytes should have; 1 is all.

    And (n,) the mean square that they should have, noise included.
    """
    best = odds.argmax(axis=1)
    ones = (_PATTERNS[follow] == 1).sum(axis=0)[best]
    energy = ones * link.mark_amplitude**2 + (SPAN - ones) * link.space_amplitude**2
    strength: Doubles = odds.max(axis=1) * link.noise / (energy * (link.bit / 2)) + 0.5
    return strength, energy / (2 * SPAN) + link.noise


def fitted(sent: Complexes, decided: NDArray[np.intp], follow: int, link: Link) -> Link:
    """The link that fits best to (n, SPAN, 2) correlations if (n,) bytes were sent."""
    bits = _PATTERNS[follow][:, decided].T
    phases = _phases(_PATTERNS[follow], link)[:, decided].T
    marks = bits == 1
    heard = np.where(marks, sent[:, :, 0], sent[:, :, 1]) * np.exp(-1j * phases)
    present = heard != 0
    amplitudes = np.where(marks, link.mark_amplitude, link.space_amplitude)
    whole = (heard * amplitudes).sum(axis=1)
    straight = heard * np.exp(-1j * np.angle(whole))[:, None]
    link = _tuned(np.angle(straight), marks, present, link)
    half = link.bit / 2
    on, off = marks & present, ~marks & present
    mark = max(float(straight.real[on].mean()) / half, 1e-9) if on.any() else link.mark_amplitude
    space = max(float(straight.real[off].mean()) / half, 1e-9) if off.any() else mark
    rest = (straight - np.where(marks, mark, space) * half)[present]
    free = max(1, len(rest) - len(sent))
    noise = float(np.square(np.abs(rest)).sum()) / free / link.bit
    return replace(
        link, mark_amplitude=mark, space_amplitude=space, noise=max(noise, 1e-5 * mark * space)
    )


def _tuned(
    angles: Doubles, marks: NDArray[np.bool_], present: NDArray[np.bool_], link: Link
) -> Link:
    """Frequencies and turn that take the slope out of (n, SPAN) angles."""
    seconds = link.bit / RATE
    in_mark = np.cumsum(marks, axis=1) - marks / 2
    in_space = np.cumsum(~marks, axis=1) - ~marks / 2
    columns = np.stack((in_mark * (2 * math.pi * seconds), in_space * (2 * math.pi * seconds)))
    columns = np.concatenate((columns, np.where(marks, 0.0, 1.0)[None]))
    weight = present / np.maximum(present.sum(axis=1, keepdims=True), 1)
    columns = (columns - (columns * weight).sum(axis=2, keepdims=True)) * present
    aside = (angles - (angles * weight).sum(axis=1, keepdims=True)) * present
    flat = columns.reshape(3, -1)
    # A pull to no change at all, as strong as a few bits, keeps a short message from running off.
    pull = np.diag((1e-5, 1e-5, 3.0))
    mark, space, turn = np.linalg.solve(flat @ flat.T + pull, flat @ aside.ravel()).tolist()
    return replace(link, mark=link.mark + mark, space=link.space + space, turn=link.turn + turn)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The most likely message whose sum is right.

    `doubt`: the probability that it is not what was sent; `mended`: how many bytes the sum changed
    against the most likely bytes; `cost`: their log odds.
    """

    message: bytes
    doubt: float
    mended: int
    cost: float


def even_parity(odds: Doubles) -> tuple[bytes, float]:
    """The most likely bytes of even parity, and the probability that one of them is wrong."""
    odds = np.where(_EVEN, odds * TRUST, -np.inf)
    chances = np.exp(odds - odds.max(axis=1, keepdims=True))
    best = chances.argmax(axis=1)
    sure = np.log(chances.max(axis=1) / chances.sum(axis=1)).sum()
    return best.astype(np.uint8).tobytes(), 1.0 - float(np.exp(sure))


def judged(odds: Doubles) -> Verdict:
    """The verdict over (n, 256) log likelihoods of a message that ends with its checksum."""
    odds = odds * TRUST
    top = odds.max(axis=1, keepdims=True)
    odds = odds - top
    chances = np.exp(odds)
    norm = chances.sum(axis=1, keepdims=True)
    chances /= norm
    best = odds.argmax(axis=1)
    chosen, cost = _summed(odds, best)
    # How likely any sum is: the chances of the bytes, convolved around a circle of 256.
    spectrum = np.prod(np.fft.rfft(chances, axis=1), axis=0)
    right_sum = max(float(np.fft.irfft(spectrum, 256)[0]), 1e-300)
    rows = np.arange(len(odds))
    chance = float(np.exp(np.log(np.maximum(chances[rows, chosen], 1e-300)).sum()))
    doubt = max(0.0, 1.0 - chance / right_sum)
    return Verdict(chosen.astype(np.uint8).tobytes(), doubt, int((chosen != best).sum()), cost)


def _summed(odds: Doubles, best: NDArray[np.intp]) -> tuple[NDArray[np.intp], float]:
    """The cheapest change of one or two bytes that makes the sum right."""
    missing = int(-best.sum()) % 256
    if missing == 0:
        return best, 0.0
    rows = np.arange(len(odds))
    shifted = (best[:, None] + np.arange(256)) % 256
    prices = -odds[rows[:, None], shifted]  # of adding so much to a byte
    cheapest = prices.argmin(axis=0)
    floor = prices[cheapest, np.arange(256)]
    one = float(floor[missing])
    other = (missing - np.arange(256)) % 256
    pairs = floor + floor[other]
    pairs[[0, missing]] = np.inf
    pairs[cheapest == cheapest[other]] = np.inf
    step = int(pairs.argmin())
    chosen = best.copy()
    if one <= pairs[step]:
        chosen[cheapest[missing]] = shifted[cheapest[missing], missing]
        return chosen, one
    for part in (step, int(other[step])):
        chosen[cheapest[part]] = shifted[cheapest[part], part]
    return chosen, float(pairs[step])

"""Phase-continuous FSK for caller ID: Bellcore GR-30 (Bell 202) and ETSI EN 300 659 (V.23)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.simulator.generators.levels import Sound, amplitude

Bits = NDArray[np.uint8]

SEIZURE_BITS = 300
MARK_BITS = 180
TYPE_II_MARK_BITS = 80
"""EN 300 659-2 and GR-30: no seizure and a short mark while the telephone is off-hook."""


@dataclass(frozen=True, slots=True)
class Modulation:
    """The two frequencies in Hz and the rate in bits per second."""

    mark_hz: float
    space_hz: float
    baud: float = 1200.0


BELLCORE = Modulation(1200.0, 2200.0)
V23 = Modulation(1300.0, 2100.0)


def framed(message: bytes, stuffing: int = 0) -> Bits:
    """The bits of a message, 8N1, least significant bit first: start 0, eight data bits, stop 1.

    `stuffing` is the number of extra mark bits after each stop bit (GR-30 allows up to 10).
    """
    if not message:
        return np.zeros(0, np.uint8)
    data = np.unpackbits(np.frombuffer(message, np.uint8)[:, None], axis=1, bitorder="little")
    words = np.ones((len(message), 10 + stuffing), np.uint8)
    words[:, 0] = 0
    words[:, 1:9] = data
    return words.reshape(-1)


def burst_bits(
    message: bytes, seizure: int = SEIZURE_BITS, mark: int = MARK_BITS, stuffing: int = 0
) -> Bits:
    """Channel seizure 0101…, marks, the framed message."""
    alternating = (np.arange(seizure) % 2).astype(np.uint8)
    return np.concatenate([alternating, np.ones(mark, np.uint8), framed(message, stuffing)])


def modulate(
    bits: Bits,
    rate: int,
    modulation: Modulation = BELLCORE,
    level_dbm0: float = -13.5,
    twist_db: float = 0.0,
) -> Sound:
    """The bits as sound, (ceil(len(bits) * rate / baud),) samples, each bit exactly 1 / baud long.

    The phase is integrated over bit times that need not be whole samples (6.67 at 8 kHz).
    `level_dbm0` is that of the mark; the space is `twist_db` stronger.
    """
    bit_time = 1.0 / modulation.baud
    hertz = np.where(bits == 1, modulation.mark_hz, modulation.space_hz)
    edges = np.arange(len(bits) + 1) * bit_time
    turns = np.concatenate([[0.0], np.cumsum(hertz * bit_time)])
    count = math.ceil(len(bits) * rate / modulation.baud - 1e-9)
    times = np.arange(count) / rate
    sound: Sound = np.sin(2.0 * math.pi * np.interp(times, edges, turns))
    if twist_db:
        at = np.minimum((times * modulation.baud).astype(int), len(bits) - 1)
        sound *= np.where(bits[at] == 1, 1.0, 10.0 ** (twist_db / 20.0))
    return amplitude(level_dbm0) * sound

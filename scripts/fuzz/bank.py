"""All decoders together: any sound, cut in any way.

The input is a programme: each step is one byte that says what sounds, one or two that say how, and
what is sent. So mutation finds its way into frames and not only into noise.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from firmware.events import CallerId, Signal
from firmware.signals.bank import DecoderBank
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.fsk import BELLCORE, V23, burst_bits, modulate
from scripts.fuzz.caller_id import check

RATE = 8000
LONGEST = 3 * RATE
SIZES = (160, 61, 801, 4000)
KEYS = "123A456B789C*0#D"
ODD = (np.nan, np.inf, -np.inf, 1.0, -1.0, 3e38, 0.0, 0.3)


def seeds() -> Iterator[bytes]:
    """A message by each modem, a DTMF CLIP, raw samples, odd values."""
    message = exchange.mdmf("11231430", "221234567", "JAN")
    for kind in (0, 1):
        yield bytes([160, kind, len(message), 0]) + message + bytes([2, 40])
    yield bytes([7, 3, 5, 0x3A, 0x12, 0x34, 0x56, 0xB0, 2, 20])
    yield bytes([255, 4, 60]) + bytes(range(120))
    yield bytes([1, 5, 0, 50, 5, 1, 30, 2, 10])


def try_one(data: bytes) -> None:
    """Play the programme in chunks and whole: the same events, all of them clean."""
    if len(data) < 4:
        return
    sound = programme(data[1:])
    size = SIZES[data[0] % len(SIZES)]
    cut, bank = [], DecoderBank()
    for first in range(0, len(sound), size):
        cut += bank.feed(sound[first : first + size])
    cut += bank.flush()
    bank = DecoderBank()
    whole = bank.feed(sound) + bank.flush()
    if sorted(map(_said, cut)) != sorted(map(_said, whole)):
        raise AssertionError(f"cut by {size}: {cut} and whole: {whole}")
    for signal in cut:
        _checked(signal, len(sound))


def _said(signal: Signal) -> str:
    """All of an event but its level, which may differ in the last digit of a float."""
    return repr(replace(signal, level_dbm0=0.0) if hasattr(signal, "level_dbm0") else signal)


def _checked(signal: Signal, length: int) -> None:
    if not -RATE <= signal.start <= signal.end <= length + RATE:
        raise AssertionError(f"placed outside the sound: {signal}")
    if isinstance(signal, CallerId):
        check(signal)


def programme(data: bytes) -> NDArray[np.float32]:
    """At most three seconds of sound."""
    parts: list[NDArray[np.float64]] = []
    at = count = 0
    while at + 2 < len(data) and count < LONGEST:
        kind, amount = data[at] % 8, data[at + 1]
        at += 2
        made, used = _step(kind, amount, data[at:])
        at += used
        parts.append(made)
        count += len(made)
    joined = np.concatenate([*parts, np.zeros(RATE // 2)])
    return joined[:LONGEST].astype(np.float32)


def _step(kind: int, amount: int, rest: bytes) -> tuple[NDArray[np.float64], int]:
    if kind <= 1 and rest:
        body = rest[1 : 1 + amount]
        bits = burst_bits(body, seizure=rest[0] % 4 * 100, mark=60 + rest[0] % 130)
        return modulate(bits, RATE, (BELLCORE, V23)[kind]), 1 + amount
    if kind == 3:
        keys = "".join(KEYS[byte >> 4] + KEYS[byte & 15] for byte in rest[: amount % 12])
        return dtmf.sequence(keys, RATE, 60.0, 60.0), amount % 12
    if kind == 4:
        taken = rest[: 2 * amount]
        values = struct.unpack(f"<{len(taken) // 2}h", taken[: len(taken) // 2 * 2])
        return np.repeat(np.array(values, np.float64) / 32768, 4), len(taken)
    if kind == 5:
        return np.full(20 * amount, ODD[amount % len(ODD)]), 0
    if kind == 6:
        hertz = 300.0 + 12.0 * amount
        wave = np.sin(2 * np.pi * hertz * np.arange(RATE // 4) / RATE)
        return np.sign(wave) if amount % 2 else 0.3 * wave, 0
    if kind == 7:
        return np.random.default_rng(amount).normal(0, 0.2, 20 * amount), 0
    return np.zeros(80 * amount), 0

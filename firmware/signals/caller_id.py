"""Caller ID: Bellcore SDMF and MDMF (GR-30) and ETSI (EN 300 659-3), side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from firmware.events import CallerId, Signal
from firmware.signals.fsk import (
    BELLCORE,
    V23,
    Burst,
    BurstFinder,
    mark_frequency,
    mark_runs,
    read_bytes,
    soft_bits,
)
from firmware.signals.stream import Floats
from firmware.signals.text import name_text, number_text

SDMF = 0x04
MDMF = 0x80
MESSAGE_WAITING = 0x82
TYPES = (SDMF, MDMF)
WHY_ABSENT = {"P": "withheld", "O": "unavailable"}


class CallerIdDecoder:
    """`feed` gives a message when its burst has ended.

    A message whose checksum fails is told as well: without a number, "not decoded", so that a
    missing number has its reason; its bytes are in `raw_hex`.
    """

    def __init__(self, rate: int = 8000) -> None:
        self._rate = rate
        self._bursts = BurstFinder(rate)

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples in -1..1; the messages whose bursts ended in them."""
        return self._read_all(self._bursts.feed(samples))

    def flush(self) -> list[Signal]:
        """The stream is over."""
        return self._read_all(self._bursts.flush())

    def _read_all(self, bursts: list[Burst]) -> list[Signal]:
        return [message for burst in bursts if (message := self._read(burst)) is not None]

    def _read(self, burst: Burst) -> CallerId | None:
        spoilt: CallerId | None = None
        for modem in (BELLCORE, V23):
            soft = soft_bits(burst.samples, modem, self._rate)
            for first, last in mark_runs(soft, self._rate):
                tone = mark_frequency(burst.samples[first:last], self._rate)
                if abs(tone - modem.mark) > 50:
                    continue
                frame, end, whole = _frame(soft, last - round(4 * self._rate / 1200), self._rate)
                if not whole and (len(frame) < 4 or frame[0] not in TYPES):
                    continue
                found = message_of(frame, modem is V23, whole)
                placed = replace(found, start=burst.start, end=burst.start + round(end))
                if whole and frame[0] in TYPES:
                    return placed
                if not whole:
                    spoilt = spoilt or placed
        return spoilt


def _frame(soft: NDArray[np.float64], after: int, rate: int) -> tuple[bytes, float, bool]:
    """The bytes from type to checksum, the sample behind them, whether sum and frames are right."""
    frame = bytearray()
    end, broken = float(after), 0
    for byte, behind, stop in read_bytes(soft, after, rate):
        frame.append(byte)
        end = behind
        broken += not stop
        if len(frame) >= 2 and len(frame) == frame[1] + 3:
            return bytes(frame), end, sum(frame) % 256 == 0 and not broken
    return bytes(frame), end, False


def message_of(frame: bytes, v23: bool, whole: bool) -> CallerId:
    """The message of a frame (type, length, body, checksum); `whole`: its checksum is right."""
    sdmf = frame[0] == SDMF
    standard = "etsi-v23" if v23 else ("bellcore-sdmf" if sdmf else "bellcore-mdmf")
    blank = CallerId(0, 0, standard, raw_hex=frame.hex())
    if not whole:
        return replace(blank, number_absent="not decoded", name_absent="not decoded")
    body = frame[2:-1]
    return _single(blank, body) if sdmf else _multiple(blank, body)


def _single(blank: CallerId, body: bytes) -> CallerId:
    when, rest = body[:8], body[8:]
    why = WHY_ABSENT.get(rest.decode("latin-1").strip())
    number = None if why else number_text(rest) or None
    absent = None if number else why or "not sent"
    return replace(
        blank, number=number, when=_when(when), number_absent=absent, name_absent="not sent"
    )


def _parameters(body: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 2 <= len(body):
        kind, length = body[at], body[at + 1]
        found.setdefault(kind, body[at + 2 : at + 2 + length])
        at += 2 + length
    return found


def _multiple(blank: CallerId, body: bytes) -> CallerId:
    found = _parameters(body)
    number = number_text(found.get(0x02, b"")) or None
    name = name_text(found.get(0x07, b"")) or None
    return replace(
        blank,
        number=number,
        name=name,
        when=_when(found.get(0x01, b"")),
        number_absent=None if number else _why(found.get(0x04)),
        name_absent=None if name else _why(found.get(0x08)),
    )


def _why(reason: bytes | None) -> str:
    if reason is None:
        return "not sent"
    return WHY_ABSENT.get(reason.decode("latin-1").strip()[:1], "unavailable")


def _when(raw: bytes) -> str | None:
    text = raw.decode("latin-1")
    return text if len(text) == 8 and text.isascii() and text.isdigit() else None

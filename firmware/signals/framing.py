"""From a mark run to the bytes behind it: where they start, what they are, how sure that is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from firmware.signals import ntt
from firmware.signals.bursts import Doubles
from firmware.signals.fsk import BIT, Clock, Complexes, Correlator, MarkRun, clock_of
from firmware.signals.likelihood import (
    ROUNDS,
    SPAN,
    Link,
    even_parity,
    fitted,
    judged,
    strengths,
    weigh,
)

BEFORE_BITS = 80  # of the mark, taken along with what follows it
LONGEST_BITS = 5200  # 258 bytes with ten mark bits after each
LONGEST_BYTES = 258
STUFFING = 10  # mark bits after a stop bit, GR-30 allows so many
NO_STUFFING = 0.62  # how far start and stop bits stand apart, at most 1
EARLIEST_BITS = 50  # before the end of a mark run as it was found: marks between bytes prolong it
LATEST_BITS = 30
CLEAR = 0.35  # of a bit's distance from the threshold: such bits need no second look
MOST_DOUBT = 1e-5
LOUDEST = 2.4
WEAKEST = 0.74  # of a byte's amplitude: with less, bits are missing, and a sum must not guess them
MOST_MENDED_COST = 9.0
MOST_NTT_DOUBT = 0.5  # the CRC and the parity of every byte do the rest
FRAMED_BYTES = 6
SYNCHRONISED_BYTES = 12
LOG_2 = math.log(2.0)
FRAMED_SHARE = 0.86  # of the start and stop bits: this was a message
WORTH_A_TRY = 0.7

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Frame:
    """Bytes from the message type to the checksum; `end`: the sample behind them in the burst.

    `whole`: the sum is right and the bits say so too; of an NTT frame, only that the bits are
    clear. A frame that is not whole has start and stop bits where they belong: it was a message
    that could not be read. `clear`: no bit of it needed a second look.
    """

    data: bytes
    end: int
    whole: bool
    clear: bool = False


class Reader:
    """Reads what follows one mark run of a burst."""

    def __init__(self, samples: Doubles, run: MarkRun) -> None:
        self._run = run
        self._first = max(run.first, run.last - round(BEFORE_BITS * BIT))
        stretch = samples[self._first : self._first + round(LONGEST_BITS * BIT)]
        self._correlator = Correlator(stretch, run.modem)
        self._power = np.concatenate(([0.0], np.cumsum(np.square(stretch))))
        self._amplitudes = (1e-9, 1e-9)
        eye = self._opened()
        after = max(0, run.last - self._first - 2 * round(LATEST_BITS / 3 * BIT))
        clock = clock_of(eye[after:])
        # Value i of the eye stands for the place i + 3.5, between samples.
        start = (clock.start + after + 3.5) % clock.length
        self._clock = Clock(start, clock.length)
        count = max(0, int((len(eye) + 3.5 - start) / clock.length))
        centres = start + clock.length * (np.arange(count) + 0.5) - 3.5
        self._bits: Doubles = np.interp(centres, np.arange(len(eye)), eye)
        self._end = count

    def _opened(self) -> Doubles:
        """(n,) about +1 where mark sounds and -1 where space does; twist is taken out."""
        mark, space = self._correlator.envelopes()
        after = self._run.last - self._first
        data = space[after:] if after < len(space) else space
        high = float(np.partition(data, -(len(data) // 5 + 1))[-(len(data) // 5 + 1)])
        top = (max(float(mark[: after // 2].mean()), 1e-9), max(high, 1e-9))
        self._amplitudes = top
        return (mark - space - (top[0] - top[1]) / 2) / (0.5 * (top[0] + top[1]) * 0.85)

    def frame(self) -> Frame | None:
        """The message; None where nothing that follows looks like bytes."""
        start, step = self._start()
        if start is None:
            return None
        places = start + step * np.arange(min(LONGEST_BYTES, (self._end - start) // step))
        if len(places) < 4:
            return None
        found = self._hard(places)
        if found is not None:
            return found
        share = self._framed(places)
        read = self._soft(places, step) if share >= WORTH_A_TRY else None
        if read is not None and read.whole:
            return read
        scanned = self._scanned()
        if scanned is not None and scanned.whole:
            return scanned
        return read if share >= FRAMED_SHARE else scanned

    def _start(self) -> tuple[int | None, int]:
        """The number of the first start bit, and the bits from one start bit to the next.

        That is 10, or more where the exchange sends marks between bytes.
        """
        bits = np.clip(self._bits, -1.0, 1.0)
        start, value = self._start_of(bits, 10)
        best = (start, 10)
        if value > NO_STUFFING:
            return best
        for step in range(11, 11 + STUFFING):
            start, found = self._start_of(bits, step)
            if found > value + 0.2:
                best, value = (start, step), found
        return best

    def _start_of(self, bits: Doubles, step: int) -> tuple[int | None, float]:
        """The best first start bit for a step, and how far start and stop bits stand apart."""
        low = max(10, self._edge() - EARLIEST_BITS)
        high = min(self._edge() + LATEST_BITS, self._end - 4 * step)
        if high <= low:
            return None, 0.0
        # What a bit says for being a mark, or a space, against being data: at most log 2.
        spread = float(np.square(self._bits[:low] - 1).mean()) + 0.05
        pull = np.exp(np.clip(bits * (2 / spread), -40, 40))
        marks = np.concatenate(([0.0], np.cumsum(-np.log1p(1 / pull) + LOG_2)))
        spaces = -np.log1p(pull) + LOG_2
        tries = np.arange(low, high)
        score = marks[tries].copy()
        for byte in range(min(SYNCHRONISED_BYTES, (self._end - high) // step)):
            place = tries + step * byte
            score += spaces[place] + marks[place + step] - marks[place + 9]
        start = int(tries[score.argmax()])
        places = start + step * np.arange(min(20, (self._end - start) // step))
        sums = np.concatenate(([0.0], np.cumsum(bits)))
        stops = (sums[places + step] - sums[places + 9]) / (step - 9)
        return start, float((stops - bits[places]).mean()) / 2

    def _edge(self) -> int:
        """The number of the bit at which the mark run ends as it was found."""
        return round((self._run.last - self._first - self._clock.start) / self._clock.length)

    def _framed(self, places: Places) -> float:
        """The share of start and stop bits that stand where they belong, as far as is likely."""
        some = places[:SYNCHRONISED_BYTES]
        if len(some) < FRAMED_BYTES:
            return 0.0
        right = int((self._bits[some] < 0).sum()) + int((self._bits[some + 9] > 0).sum())
        return right / (2 * len(some))

    def _hard(self, places: Places) -> Frame | None:
        """The frame where every bit of it is clear and its sum is right."""
        grid = self._bits[places[:, None] + np.arange(10)]
        data = np.packbits(grid[:, 1:9] > 0, axis=1, bitorder="little").ravel()
        count = _length(data.tobytes())
        if count is None or count > len(places):
            return None
        ntt_frame = ntt.begins(data[:6].tobytes())
        if not ntt_frame and int(data[:count].sum()) % 256:
            return None
        used = grid[:count]
        if np.abs(used).min() < CLEAR or (used[:, 0] > 0).any() or (used[:, 9] < 0).any():
            return None
        return Frame(data[:count].tobytes(), self._behind(places, count), True, clear=True)

    def _soft(self, places: Places, step: int) -> Frame:
        """The frame by the likelihood of its bytes."""
        follow = 0 if step == 10 else 1
        sent = self._correlations(places)
        modem = self._run.modem
        scale = self._run.frequency / modem.mark
        link = Link(self._run.frequency, modem.space * scale, *self._amplitudes, self._clock.length)
        part = sent
        for _ in range(ROUNDS):
            decided = weigh(part, follow, link).argmax(axis=1)
            count = min(len(part), _length(decided.astype(np.uint8).tobytes()) or len(part))
            part = sent[:count].copy()
            part[-1, -1] = 0  # nobody knows what follows the last byte
            link = fitted(part, decided[:count], follow, link)
        odds = weigh(part, follow, link)
        data = odds.argmax(axis=1).astype(np.uint8).tobytes()
        end = self._behind(places, count)
        strength, power = strengths(odds, follow, link)
        steady = strength.min() > WEAKEST and self._steady(places[:count], power)
        if _length(data) != count or not steady:
            return Frame(data, end, False)
        if ntt.begins(data):
            data, doubt = even_parity(odds)
            tail = odds[-2:].argmax(axis=1).astype(np.uint8).tobytes()
            return Frame(data[:-2] + tail, end, doubt < MOST_NTT_DOUBT)
        verdict = judged(odds)
        if verdict.doubt <= MOST_DOUBT and verdict.cost <= MOST_MENDED_COST:
            return Frame(verdict.message, end, True)
        return Frame(data, end, False)

    def _steady(self, places: Places, power: Doubles) -> bool:
        """Whether no byte is louder than the others, for what is sent in it.

        Where something else sounded for a moment, bits are wrong and look clear.
        """
        edges = self._clock.start + self._clock.length * (places[:, None] + np.array((-1, 11)))
        index = np.clip(np.rint(edges).astype(np.intp), 0, len(self._power) - 1)
        sums = self._power[index]
        share = (sums[:, 1] - sums[:, 0]) / np.maximum(index[:, 1] - index[:, 0], 1) / power
        return bool(share.max() < LOUDEST * np.median(share))

    def _correlations(self, places: Places) -> Complexes:
        """(n, SPAN, 2) around bytes whose start bits are at (n,) places."""
        every = self._clock.start + self._clock.length * np.arange(places[0] - 1, self._end + 2)
        bits = self._correlator.bits(every, self._clock.length)
        made: Complexes = bits[(places - places[0])[:, None] + np.arange(SPAN)]
        return made

    def _scanned(self) -> Frame | None:
        """The frame where marks of any number stand between bytes; every bit must be clear."""
        high = (self._bits > 0).tolist()
        places: list[int] = []
        at = max(10, self._edge() - EARLIEST_BITS)
        while at + 10 <= self._end and len(places) < LONGEST_BYTES:
            if high[at]:
                at += 1
                if places and at - places[-1] > 10 + 2 * STUFFING:
                    break
                continue
            if not high[at + 9]:
                break
            places.append(at)
            at += 10
        if len(places) < FRAMED_BYTES:
            return None
        found = self._hard(np.array(places))
        if found is not None or len(places) < 2 * FRAMED_BYTES:
            return found
        grid = self._bits[np.array(places)[:, None] + np.arange(1, 9)]
        data = np.packbits(grid > 0, axis=1, bitorder="little").tobytes()
        return Frame(data, self._behind(np.array(places), len(places)), False)

    def _behind(self, places: Places, count: int) -> int:
        """The sample of the burst behind `count` bytes."""
        bit = int(places[count - 1]) + 10
        return self._first + round(self._clock.start + bit * self._clock.length)


def _length(data: bytes) -> int | None:
    """How many bytes make the message that starts so."""
    if ntt.begins(data):
        return ntt.length_of(data)
    return data[1] + 3 if len(data) >= 4 else None

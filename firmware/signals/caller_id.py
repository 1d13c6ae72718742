"""Caller ID by FSK, all standards side by side: none has to be chosen.

Bellcore SDMF and MDMF (GR-30), ETSI and UK V.23 (EN 300 659, SIN 227), NTT, on-hook and during a
call (Type II).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from firmware.events import CallerId, Signal
from firmware.signals import message, ntt
from firmware.signals.bursts import Burst, BurstFinder
from firmware.signals.framing import Frame, Reader
from firmware.signals.fsk import V23, MarkRun, mark_runs
from firmware.signals.parameters import KINDS
from firmware.signals.stream import Floats

STEP = 160  # samples: for so much sound one step of work is done, so that no feed takes long
SEIZURE = 2800  # samples: 300 bits last 0.25 s, SIN 227 allows 315
MOST_RUNS = 8  # marks that are looked at in one burst


class CallerIdDecoder:
    """`feed` gives a message within 0.3 s of the end of its burst.

    A message that was there and cannot be read is told as well: without a number, "not decoded",
    so that a missing number has its reason; its bytes are in `raw_hex`.
    """

    def __init__(self) -> None:
        self._bursts = BurstFinder()
        self._work: deque[Iterator[Signal | None]] = deque()
        self._told_to = 0

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples in -1..1; the messages that were read meanwhile."""
        self._work.extend(self._read(burst) for burst in self._bursts.feed(samples))
        return self._run(1 + len(samples) // STEP) if self._work else []

    def flush(self) -> list[Signal]:
        """The stream is over."""
        self._work.extend(self._read(burst) for burst in self._bursts.flush())
        return self._run(None)

    def _run(self, steps: int | None) -> list[Signal]:
        """Do so many steps of the work that waits; all of it where `steps` is None."""
        found: list[Signal] = []
        while self._work and (steps is None or steps > 0):
            steps = None if steps is None else steps - 1
            try:
                message_ = next(self._work[0])
            except StopIteration:
                self._work.popleft()
            else:
                found += [message_] if message_ is not None else []
        return found

    def _read(self, burst: Burst) -> Iterator[Signal | None]:
        """The messages of a burst; None after each other step of the work."""
        whole = False
        spoilt: CallerId | None = None
        runs = list(mark_runs(burst.samples))[:MOST_RUNS]
        for run in runs:
            yield None
            if burst.start + run.last <= self._told_to:
                continue
            frame = Reader(burst.samples, run).frame()
            if frame is None or not _known(frame):
                continue
            found = _message(frame, run)
            found = replace(found, start=self._start(burst, run), end=burst.start + frame.end)
            if found.kind == "call" and found.name_absent == "not decoded":
                spoilt = spoilt or found
                continue
            whole = True
            self._told_to = found.end
            yield found
        if spoilt is not None and not whole:
            yield spoilt

    def _start(self, burst: Burst, run: MarkRun) -> int:
        """Where the channel seizure before a mark begins; the mark itself where there is none."""
        mark = burst.start + run.first
        return max(min(mark, max(burst.began, mark - SEIZURE)), self._told_to)


def _known(frame: Frame) -> bool:
    """Whether a frame is of a type that exists, or at least whole and built like a message."""
    if ntt.begins(frame.data) or frame.data[0] in KINDS:
        return True
    return frame.whole and message.structured(frame.data)


def _message(frame: Frame, run: MarkRun) -> CallerId:
    if ntt.begins(frame.data):
        return ntt.message_of(frame.data, frame.whole)
    believed = frame.whole and (frame.clear or message.plausible(frame.data))
    return message.message_of(frame.data, run.modem is V23, believed)

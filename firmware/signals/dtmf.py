"""DTMF (ITU-T Q.23, Q.24; ETSI ES 201 235-3): digits found in a stream.

Three stages, each on what the one before let through: the screen looks at every window of 16 ms
with one matrix product; runs of windows with one key are weighed; what is left is measured sample
by sample and judged. A digit is told within 150 ms of its end.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from firmware.events import DtmfDigit, Signal
from firmware.signals.dtmf_frames import LONGEST_GAP
from firmware.signals.dtmf_judge import Sounding, is_digit
from firmware.signals.dtmf_keypad import KEYS
from firmware.signals.dtmf_measure import CONTEXT, Meter
from firmware.signals.dtmf_runs import FORGIVEN, LONG, Run, Runs
from firmware.signals.dtmf_screen import BEHIND, GROUP, HOP, LAG, WINDOW, Nominated, Screen
from firmware.signals.stream import Floats, clean

SLICE = 512 * GROUP  # samples worked on at once, 33 s: bounds memory, whatever is fed
SETTLED = CONTEXT // HOP + 1  # hops behind a part before it can be judged
OVERLAP = 2 * FORGIVEN + 2  # hops
CLOSED = FORGIVEN + 1  # hops behind a run: nothing can join it, all it needs is there
MANY = 16  # groups, two blocks of the screen
GAP = LONGEST_GAP * 8  # samples


@dataclass(slots=True)
class _Sustained:
    """A tone longer than a part: where it began, whether all its parts were a digit's."""

    start: int
    level_dbm0: float
    good: bool


class DtmfDecoder:
    """`feed` gives each digit once, when its tone has ended; `flush` one that runs to the end."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._runs = Runs()
        self._meter = Meter()
        self._waiting: list[Floats] = []
        self._received = 0
        self._next = 0  # the place of the next group
        self._held: Floats = np.zeros(CONTEXT + LAG, np.float32)
        self._held_from = -CONTEXT - LAG
        self._room: Floats = np.empty(0, np.float32)  # kept: new memory each time costs more
        self._open = Nominated.none()
        self._sustained: _Sustained | None = None
        self._rest_from: int | None = None  # where the rest of a long run begins
        self._told = (-1, -GAP)  # key and end of the last digit

    def feed(self, samples: Floats) -> list[Signal]:
        """Take (n,) float32 samples at 8 kHz; the digits that were settled by them."""
        found: list[Signal] = []
        for first in range(0, len(samples), SLICE):
            part = samples[first : first + SLICE]
            self._waiting.append(part)
            self._received += len(part)
            if self._received - self._next >= GROUP + HOP:
                found += self._work()
            else:
                self._waiting[-1] = part.copy()  # the caller may use its array again
        return found

    def flush(self) -> list[Signal]:
        """The stream is over: the digit that still sounded."""
        end = self._received
        tail = GROUP + (CLOSED + SETTLED) * HOP + WINDOW + CONTEXT
        found = self.feed(np.zeros(tail + GROUP, np.float32))
        return [
            DtmfDigit(one.start, min(one.end, end), one.digit, one.level_dbm0)
            for one in found
            if isinstance(one, DtmfDigit)
        ]

    def _work(self) -> list[Signal]:
        """Look at all whole groups that have come."""
        size = len(self._held) + sum(map(len, self._waiting))
        if len(self._room) < size:
            self._room = np.empty(size, np.float32)
        held = self._room[:size]
        np.concatenate((self._held, *map(clean, self._waiting)), out=held)
        self._waiting = []
        groups = (self._received - HOP - self._next) // GROUP
        if groups > MANY:  # then up to the end of a block: the screen copies less
            groups -= (self._next // GROUP + groups) % (MANY // 2)
        begin = self._next - LAG - self._held_from
        looked = self._screen.look(held[begin : begin + GROUP * groups + BEHIND], self._next // HOP)
        self._next += GROUP * groups
        self._held = held
        seen = self._open.and_then(looked) if len(self._open.window) else looked
        found = self._resolve(seen) if len(seen.window) else []
        oldest = self._next
        if len(self._open.window):
            oldest = min(oldest, int(self._open.window[0]) * HOP)
        keep_from = oldest - CONTEXT - LAG
        self._held = held[keep_from - self._held_from :].copy()
        self._held_from = keep_from
        return found

    def _resolve(self, seen: Nominated) -> list[Signal]:
        """Judge the runs that are over; keep the windows of the one that is not."""
        latest = self._next // HOP - 1
        runs = self._runs.find(seen)
        found: list[Signal] = []
        waits_from = latest
        for run in runs:
            begins, self._rest_from = self._rest_from or run.first, None
            told, rest = self._parts(run, begins)
            found += told
            if run.last <= latest - CLOSED:
                found += self._last_part(rest)
                continue
            waits_from = run.first
            if rest.first != run.first:
                # some windows before the rest, so that it is found as a part of its run again
                self._rest_from = rest.first
                waits_from = rest.first - OVERLAP
            break
        self._open = seen.where(seen.window >= waits_from)
        return found

    def _parts(self, run: Run, begins: int) -> tuple[list[Signal], Run]:
        """Judge a run longer than LONG from its front, or from where it was judged to; what was
        told, and what is left of it."""
        found: list[Signal] = []
        if begins != run.first:
            run = Run(begins, run.last, run.key, True, True)
        while run.last - run.first >= LONG + SETTLED:
            origin = run.first * HOP - CONTEXT
            soundings = self._soundings(run.first, run.first + LONG - 1, run.key, True)
            onwards = run.first + LONG
            if soundings and soundings[-1].unended:
                going = soundings[-1]
                anew = (origin + going.start) // HOP
                if anew > run.first + CONTEXT // HOP:
                    found += self._settle(soundings[:-1], origin, run.key)
                    onwards = min(onwards, anew)
                else:
                    good = is_digit(going, whole=False)
                    if self._sustained is None:
                        start = origin + going.start
                        self._sustained = _Sustained(start, going.level_dbm0, good)
                    self._sustained.good &= good
            else:
                found += self._settle(soundings, origin, run.key)
            run = Run(onwards, run.last, run.key, True, True)
        return found, run

    def _last_part(self, run: Run) -> list[Signal]:
        if not run.likely and self._sustained is None:
            return []
        soundings = self._soundings(run.first, run.last, run.key, run.pure)
        return self._settle(soundings, run.first * HOP - CONTEXT, run.key)

    def _soundings(self, first: int, last: int, key: int, sure: bool) -> list[Sounding]:
        begin = first * HOP - CONTEXT - self._held_from
        end = last * HOP + WINDOW + CONTEXT - self._held_from
        return self._meter.soundings(self._held[begin:end].astype(np.float64), key, sure)

    def _settle(self, soundings: list[Sounding], origin: int, key: int) -> list[Signal]:
        """Tell the digits among soundings that have ended."""
        found: list[Signal] = []
        going, self._sustained = self._sustained, None
        if going is not None:
            end = origin + CONTEXT
            if soundings and soundings[0].opened:
                end = origin + soundings[0].end
                soundings = soundings[1:]
            if going.good:
                found += self._tell(going.start, end, key, going.level_dbm0)
        for one in soundings:
            if is_digit(one):
                found += self._tell(origin + one.start, origin + one.end, key, one.level_dbm0)
        return found

    def _tell(self, start: int, end: int, key: int, level_dbm0: float) -> list[Signal]:
        """The digit, unless it is a part of the one before."""
        before, self._told = self._told, (key, end)
        if before[0] == key and start < before[1] + GAP:
            return []
        return [DtmfDigit(max(0, start), end, KEYS[key], level_dbm0)]

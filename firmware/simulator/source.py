"""A timeline as an audio source: at any speed on a virtual clock, or paced to real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np

from firmware.audio.frames import Period, Samples
from firmware.simulator.errors import ClockError
from firmware.simulator.generators.levels import to_int16
from firmware.simulator.generators.line import noise
from firmware.simulator.timeline import Timeline

PERIOD = 160
IDLE_NOISE_DBM0 = -65.0


class VirtualClock:
    """Gives the time it was set to, in seconds."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start

    def __call__(self) -> float:
        return self._now

    def set(self, now: float) -> None:
        """Go forward to `now`, or stay. Raises ClockError for a time that has passed."""
        if now < self._now:
            raise ClockError(f"the clock is at {self._now:.6f} s and cannot go back to {now:.6f} s")
        self._now = now


class SimulatedSource:
    """An AudioSource that never waits; sample 0 is at the clock's time of construction."""

    def __init__(
        self, timeline: Timeline, clock: Callable[[], float], period: int = PERIOD
    ) -> None:
        self.rate = timeline.rate
        self._samples = timeline.samples
        self._played: Samples | None = None
        self._period = period
        self._start = clock()
        self._next = 0

    def mix(self, samples: Samples, time: float) -> None:
        """Have the box itself play (n,) int16 into the line from `time` on, by the clock."""
        if self._played is None:
            self._played = np.zeros(len(self._samples), np.int16)
        at = max(self._next, round((time - self._start) * self.rate))
        there = self._played[at : at + len(samples)]
        there[:] = samples[: len(there)]

    def hush(self, time: float) -> None:
        """What was to be played after `time` is not."""
        if self._played is not None:
            self._played[max(self._next, round((time - self._start) * self.rate)) :] = 0

    def read(self) -> Period | None:
        """The next period (the last may be shorter); None at the end."""
        first = self._next
        part = self._samples[first : first + self._period]
        if self._played is not None:
            both = part.astype(np.int32) + self._played[first : first + self._period]
            part = np.clip(both, -32768, 32767).astype(np.int16)
        if len(part) == 0:
            return None
        self._next = first + len(part)
        return Period(first, part, self._start + first / self.rate)

    def close(self) -> None:
        """Nothing more comes."""
        self._next = len(self._samples)


class RealtimeSource:
    """An AudioSource paced like a sound card.

    Sample 0 is taken at the first `read()` or the first look at `started`; sample n always at
    `started + n / rate`, so that nothing drifts. After the scenario comes line noise, for ever or,
    without `loop_silence`, nothing. `wait(seconds)` waits, and is true once the source is closed.
    """

    def __init__(
        self,
        timeline: Timeline,
        clock: Callable[[], float] = time.monotonic,
        loop_silence: bool = True,
        period: int = PERIOD,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.rate = timeline.rate
        self._samples = timeline.samples
        self._clock = clock
        self._period = period
        self._closed = threading.Event()
        self._wait = wait or self._closed.wait
        self._lock = threading.Lock()
        self._started: float | None = None
        self._next = 0
        random = np.random.default_rng(0)
        self._noise = to_int16(noise(self.rate, IDLE_NOISE_DBM0, random)) if loop_silence else None

    @property
    def started(self) -> float:
        """The clock's time of sample 0; the stream starts now if it has not yet."""
        with self._lock:
            if self._started is None:
                self._started = self._clock()
            return self._started

    def read(self) -> Period | None:
        """The next period as soon as its last sample is due; None when closed or at the end."""
        started, first = self.started, self._next
        part = self._part(first)
        if part is None:
            return None
        due = started + (first + len(part)) / self.rate
        while not self._closed.is_set() and (left := due - self._clock()) > 0:
            if self._wait(left):
                break
        if self._closed.is_set():
            return None
        self._next = first + len(part)
        return Period(first, part, started + first / self.rate)

    def close(self) -> None:
        """Wake a reader that waits; nothing more comes."""
        self._closed.set()

    def _part(self, first: int) -> Samples | None:
        part = self._samples[first : first + self._period]
        missing = self._period - len(part)
        if self._noise is None:
            return part if len(part) else None
        if missing == 0:
            return part
        at = (first + len(part)) % len(self._noise)
        filling = np.take(self._noise, range(at, at + missing), mode="wrap")
        return np.concatenate([part, filling])

"""A card that plays into the simulated line: what it plays is on the line, and in the recording."""

from __future__ import annotations

from collections.abc import Callable

from firmware.audio.frames import Samples
from firmware.audio.playout import Done, Played
from firmware.simulator.source import SimulatedSource

LATENCY_S = 0.05


class SimulatedPlayout:
    """One sound at a time, as a real card plays them. `done` hears of each at its end."""

    def __init__(self, source: SimulatedSource, clock: Callable[[], float], done: Done) -> None:
        self._source = source
        self._clock = clock
        self._done = done
        self._name = ""
        self._starts = 0.0
        self._ends: float | None = None

    def play(self, name: str, samples: Samples) -> bool:
        """Begin after the card's latency; False where another sound is playing."""
        self.poll()
        if self._ends is not None:
            return False
        self._name, self._starts = name, self._clock() + LATENCY_S
        self._ends = self._starts + len(samples) / self._source.rate
        self._source.mix(samples, self._starts)
        return True

    def stop(self) -> None:
        """Be silent at once."""
        self.poll()
        if self._ends is not None:
            self._ends = max(self._starts, self._clock())
            self._source.hush(self._ends)
            self._over(self._ends)

    def poll(self) -> None:
        """Let time pass."""
        if self._ends is not None and self._clock() >= self._ends:
            self._over(self._ends)

    def _over(self, ended: float) -> None:
        self._ends = None
        frames = round((ended - self._starts) * self._source.rate)
        self._done(Played(self._name, self._starts, frames))

"""A simulated line in real time on which a test plays scenes, and a recorder on it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from firmware.audio.frames import Period
from firmware.config import ArchiveConfig, Config, LineConfig, StateConfig
from firmware.daemon import Daemon
from firmware.line.gauge import LineGauge
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory
from firmware.simulator.scenario import load_scenario
from firmware.simulator.timeline import Timeline, build
from tests.support.iio import Converters

LIFTED_V = 9.3


class Exchange:
    """An AudioSource. `inverted`: inputs that the board has the wrong way round."""

    rate = 8000

    def __init__(self, inverted: frozenset[str] = frozenset(), board: Converters | None = None):
        self.last_error = ""
        self.factory = line_factory()
        self.profile = HatProfile.default()
        self._inverted, self._board = inverted, board
        self._pins = PinDriver(self.profile, self.factory)
        for name in inverted:
            self._apply(name, name == "line_ok")
        self._first = 0
        self._began = time.monotonic()
        self._tape: Timeline | None = None
        self._tape_at = 0
        self._noise = np.random.default_rng(7).normal(0, 12, 80000).astype(np.int16)

    def _apply(self, pin: str, active: bool) -> None:
        if pin == "offhook" and self._board is not None:
            self._board.line(LIFTED_V if active else 48.0)
        self._pins.apply(pin, active != (pin in self._inverted))

    def play(self, scenario: Path) -> float:
        """Begin a scene now; its length in seconds."""
        tape = build(load_scenario(scenario))
        self._tape, self._tape_at = tape, self._first
        began = self._began + self._first / self.rate

        def move() -> None:
            for edge in tape.pins:
                time.sleep(max(0.0, began + edge.time - time.monotonic()))
                self._apply(edge.pin, edge.active)

        threading.Thread(target=move, daemon=True).start()
        return len(tape.samples) / tape.rate

    def read(self) -> Period:
        due = self._began + (self._first + 160) / self.rate
        time.sleep(max(0.0, due - time.monotonic()))
        at = self._first % 79840
        samples = self._noise[at : at + 160].copy()
        if self._tape is not None:
            part = self._tape.samples[self._first - self._tape_at :][:160]
            samples[: len(part)] += part
        item = Period(self._first, samples, self._began + self._first / self.rate)
        self._first += 160
        return item

    def close(self) -> None:
        """Nothing is held."""


def recorder(
    folder: Path,
    exchange: Exchange,
    gauge: Callable[[], LineGauge] | None = None,
    line: LineConfig | None = None,
) -> Daemon:
    """A recorder on that line; its page is `scripts.screens.box(folder, recorder=False)`."""
    (folder / "state").mkdir(exist_ok=True)
    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls"), media=""),
        line=line or LineConfig(),
        state=StateConfig(str(folder / "state"), str(folder / "c.sock")),
    )
    return Daemon(
        *(config, exchange, exchange.profile, lambda: exchange.factory),
        gauge=gauge or (lambda: LineGauge(folder / "no-iio")),
    )

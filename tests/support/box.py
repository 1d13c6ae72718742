"""The running recorder on mock pins and a made-up card, in real time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware.archive import Archive
from firmware.audio.frames import Gap, Period
from firmware.config import ArchiveConfig, Config, LineConfig, StateConfig
from firmware.control import ControlClient
from firmware.daemon import Daemon
from firmware.line.gauge import LineGauge
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory


class Source:
    """A card that can be told to fail, at the pace of real time."""

    rate = 8000

    def __init__(self) -> None:
        self.last_error = ""
        self.level = 0
        self._first = 0
        self._began = time.monotonic()

    def read(self) -> Period | Gap | None:
        due = self._began + (self._first + 160) / self.rate
        time.sleep(max(0.0, due - time.monotonic()))
        if self.last_error:
            self._first += 160
            return None
        item = Period(
            self._first,
            (np.arange(160) % 2 * self.level).astype(np.int16),
            self._began + self._first / self.rate,
        )
        self._first += 160
        return item

    def close(self) -> None:
        """Nothing is held."""


class Box:
    """A daemon with its line."""

    def __init__(
        self, folder: Path, hook: str = "gpio", gauge: Callable[[], LineGauge] = LineGauge
    ) -> None:
        self.folder = folder
        self.config = replace(
            Config(),
            archive=ArchiveConfig(str(folder / "calls"), media=""),
            line=replace(LineConfig(), hook=hook, vox_hang_s=1.0),
            state=StateConfig(str(folder), str(folder / "control.sock")),
        )
        self.profile = HatProfile.default()
        self.factory = line_factory()
        self.source = Source()
        self.line = PinDriver(self.profile, self.factory)
        self.daemon = Daemon(
            self.config, self.source, self.profile, lambda: self.factory, gauge=gauge
        )
        self.client = ControlClient(Path(self.config.state.control))

    def state(self) -> dict[str, Any]:
        return self.client.request({"do": "state"})

    def calls(self) -> list[dict[str, Any]]:
        return Archive(self.folder / "calls").calls()

    def lamp(self, name: str) -> bool:
        return bool(self.factory.pin(self.profile.lamps[name]).state)


def eventually(check: Callable[[], object]) -> object:
    for _ in range(500):
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError("it never came to that")

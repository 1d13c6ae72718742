"""The board's two sides: copper that moves a real GPIO chip's lines, a loopback card that plays."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, ConsentConfig, StateConfig
from firmware.control import ControlClient
from firmware.daemon import Daemon
from firmware.line.factory import pin_factory
from firmware.line.profile import HatProfile
from firmware.simulator.timeline import Timeline

CAPTURED = "hw:CARD=Loopback,DEV=1,SUBDEV=0"
PLAYED = "hw:CARD=Loopback,DEV=0,SUBDEV=0"


class Copper:
    """Drives the inputs of a profile through gpio-sim, and reads its outputs."""

    def __init__(self, profile: HatProfile) -> None:
        self._profile = profile
        self._chip = Path(os.environ["TIPRING_GPIO"])
        for name in profile.inputs:
            self.apply(name, name == "line_ok")

    def apply(self, name: str, active: bool) -> None:
        entry = self._profile.inputs[name]
        pull = "pull-up" if active != entry.inverted else "pull-down"
        (self._chip / f"sim_gpio{entry.pin}" / "pull").write_text(pull)

    def lamp(self, name: str) -> bool:
        return self.output(self._profile.lamps[name])

    def output(self, pin: int) -> bool:
        return (self._chip / f"sim_gpio{pin}" / "value").read_text().strip() == "1"


def play(samples: NDArray[np.int16], folder: Path) -> subprocess.Popen[bytes]:
    """Play (n,) samples at 8 kHz into the card, in the background."""
    path = folder / "played.raw"
    path.write_bytes(samples.astype("<i2").tobytes())
    return subprocess.Popen(
        ["aplay", "-q", "-D", PLAYED, "-t", "raw", "-f", "S16_LE", "-c", "1", "-r", "8000"]
        + [str(path)]
    )


def eventually(check: Callable[[], Any], seconds: float = 20.0) -> Any:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := check():
            return found
        time.sleep(0.05)
    raise AssertionError("it never came to that")


class Box:
    """The unmodified recorder on this kernel's own GPIO chip and sound card."""

    def __init__(self, folder: Path, consent: ConsentConfig | None = None) -> None:
        self.folder = folder
        self.profile = HatProfile.default()
        self.copper = Copper(self.profile)
        config = replace(
            Config(),
            archive=ArchiveConfig(str(folder / "calls")),
            state=StateConfig(str(folder), str(folder / "control.sock")),
            consent=consent or ConsentConfig(),
        )
        self.factory = pin_factory("lgpio")
        source = AlsaCapture(CAPTURED, patient=True)
        self.daemon = Daemon(config, source, self.profile, lambda: self.factory)
        self.client = ControlClient(folder / "control.sock")

    def start(self) -> None:
        self.daemon.start()

    def stop(self) -> None:
        self.daemon.stop()
        self.factory.close()
        assert not self.daemon.failed.is_set()

    def state(self) -> dict[str, Any]:
        return self.client.request({"do": "state"})

    def calls(self) -> list[dict[str, Any]]:
        return Archive(self.folder / "calls").calls()

    def live_through(self, timeline: Timeline) -> None:
        """Play the scenario's sound and move its pins, in real time."""
        player = play(timeline.samples, self.folder)
        self.move_pins(timeline)
        player.wait(timeout=60)

    def move_pins(self, timeline: Timeline) -> None:
        """Move the scenario's pins alone: the card's other end stays free."""
        started = time.monotonic()
        stop = threading.Event()
        for edge in timeline.pins:
            stop.wait(max(0.0, started + edge.time - time.monotonic()))
            self.copper.apply(edge.pin, edge.active)

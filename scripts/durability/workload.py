"""The real recorder at work: calls one after the other, in real time, with a mark for each thing.

FOLDER gets the archive. Only the copper is simulated: mock pins, and numbered samples at the pace
of a sound card. Each line of MARKS is one word and its values; it is written when the thing has
happened:

    S index (the stream begins)  A index (captured so far)  O index (off-hook)  H index (on-hook)
    C id (the call is entered)   N id note (its note is on the medium)

An index is a number of samples since the machine's monotonic clock was 0, and so are the samples:
they tell their own place across a restart of the recorder.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.archive.vault import KEYS
from firmware.audio.frames import Period
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.daemon import Daemon
from firmware.line.profile import HatProfile
from firmware.recorder import RESUME_S
from firmware.simulator.pins import PinDriver, line_factory
from firmware.storage import archive_of

RATE = 8000
STEP = 160
CLOSED_S = 0.5  # within it, the call of before a kill is closed: the line was seen on-hook


def numbers(first: int, count: int) -> NDArray[np.int16]:
    """(count,) samples that tell their own place in the stream."""
    return ((np.arange(first, first + count) * 7919) % 30011 + 1).astype(np.int16)


class Marks:
    """One line at a time, from any thread, each one write."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def __call__(self, *words: object) -> None:
        os.write(self._handle, (" ".join(map(str, words)) + "\n").encode())


class NumberedSource:
    """An AudioSource at the pace of a sound card."""

    rate = RATE

    def __init__(self, mark: Marks) -> None:
        self.last_error = ""
        self.captured = 0
        self.loud = False
        self._mark = mark
        self._base = round(time.monotonic() * RATE)
        self._closed = threading.Event()
        mark("S", self._base)

    @property
    def index(self) -> int:
        """What was captured so far."""
        return self._base + self.captured

    def read(self) -> Period | None:
        first = self.captured
        due = (self._base + first + STEP) / RATE
        if self._closed.wait(max(0.0, due - time.monotonic())):
            return None
        self.captured = first + STEP
        if self.loud:
            self._mark("A", self.index)
        at = self._base + first
        return Period(first, numbers(at, STEP), at / RATE)

    def close(self) -> None:
        self._closed.set()


class MarkedDaemon(Daemon):
    """Marks what it tells: here, that a call is entered."""

    mark: Marks
    told: list[str]

    def _publish(self, message: dict[str, Any]) -> None:
        if message.get("event") == "call":
            self.mark("C", message["id"])
            self.told.append(str(message["id"]))
        super()._publish(message)


def config_of(folder: Path, media: str = "", memory: str = "") -> Config:
    """The recorder's configuration for a workload in this folder; the keys lie beside it."""
    state = folder.with_name(folder.name + "-state")
    sealed = "yes" if memory else "no"
    archive = ArchiveConfig(str(folder), media, sealed=sealed, reserve_mb=1)
    control = Path(memory or state) / "sock"
    return replace(Config(), archive=archive, state=StateConfig(str(state), str(control)))


def archive_after(folder: Path, memory: Path) -> Archive:
    """The archive that a workload left, encrypted or not."""
    sealed = (folder.with_name(folder.name + "-state") / KEYS).exists()
    config = config_of(folder, memory=str(memory) if sealed else "")
    return archive_of(config, rebuild=False)


def work(
    folder: Path,
    marks: Path,
    seconds: float,
    seed: int,
    media: str = "",
    lifted: bool = False,
    memory: str = "",
) -> int:
    """Calls of one to five seconds, a note on every third; `lifted`: off-hook from the start;
    `memory`: calls are encrypted, and their list lies in that folder."""
    state = folder.with_name(folder.name + "-state")
    state.mkdir(exist_ok=True)
    mark = Marks(marks)
    config = config_of(folder, media, memory)
    profile, factory = HatProfile.default(), line_factory()
    line = PinDriver(profile, factory)
    line.apply("offhook", lifted)
    source = NumberedSource(mark)
    source.loud = True
    MarkedDaemon.mark, MarkedDaemon.told = mark, []
    daemon = MarkedDaemon(config, source, profile, lambda: factory)
    daemon.start()
    chance = random.Random(seed)
    until = time.monotonic() + seconds
    noted = 0
    print("ready", flush=True)
    if not lifted:
        time.sleep(RESUME_S + CLOSED_S)  # sooner, it would be the call of before a kill
    while time.monotonic() < until:
        source.loud = True
        if not lifted:
            mark("O", source.index)
            line.apply("offhook", True)
        lifted = False
        time.sleep(chance.uniform(1.0, 5.0))
        line.apply("offhook", False)
        mark("H", source.index)
        time.sleep(chance.uniform(0.8, 1.6))
        source.loud = False
        while noted < len(daemon.told):
            if noted % 3 == 0:
                archive_of(config, rebuild=False).note(daemon.told[noted], f"note {noted}")
                mark("N", daemon.told[noted], noted)
            noted += 1
    daemon.stop()
    return 1 if daemon.failed.is_set() else 0


def main() -> int:
    """A process of its own, which can be killed."""
    parser = argparse.ArgumentParser("workload", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("marks", type=Path)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--media", default="", help="where sticks are mounted")
    parser.add_argument("--lifted", action="store_true", help="a telephone is off the hook")
    parser.add_argument(
        "--sealed", default="", metavar="MEMORY", help="encrypt; the list lies in that folder"
    )
    parser.add_argument("--careless", help="a call of `os` that does nothing, for a test's test")
    asked = parser.parse_args()
    if asked.careless:
        setattr(os, asked.careless, lambda _handle: None)
    how = (asked.media, asked.lifted, asked.sealed)
    return work(asked.folder, asked.marks, asked.seconds, asked.seed, *how)


if __name__ == "__main__":
    sys.exit(main())

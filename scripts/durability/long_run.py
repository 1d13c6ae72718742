"""A long life on the virtual clock: memory, open files, the start and the list.

`python -m scripts.durability.long_run CALLS [--folder F]`. CALLS calls go through the whole
recorder and its archive, as fast as they can: every hundredth is answered and has a second of
sound, the others ring in vain. Then the recorder is started anew, and the list is read in pages.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.audio.frames import Period
from firmware.clock import Belief
from firmware.config import Config
from firmware.events import OffHook, OnHook, RingBurst
from firmware.recorder import Recorder
from scripts.durability.workload import RATE, STEP, numbers

ANSWERED = 100
GROWTH_MB = 5.0
START_S = 3.0
PAGE_MS = 50.0
PAGES = 200
WARM = 0.2  # of the calls: until then pools and caches may fill
WALL = 1_800_000_000.0


def resident_mb() -> float:
    """The memory of this process."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("no VmRSS")


def open_files() -> int:
    """How many file descriptors are open."""
    return len(list(Path("/proc/self/fd").iterdir()))


class Life:
    """A recorder on the virtual clock."""

    def __init__(self, folder: Path) -> None:
        self.archive = Archive(folder)
        self.now = 0.0
        self.recorder = Recorder(
            *(Config(), self.archive, RATE),
            wall=lambda: WALL + self.now,
            keeper=Keeper(self.archive),
            belief=lambda: Belief("ntp", 0.01),
        )
        self._first = 0

    def ring_in_vain(self) -> None:
        """One ring, and nobody answers."""
        self.recorder.on_line(RingBurst(self.now, 1.0, 25.0))
        self.now += 60.0
        self.recorder.tick(self.now)

    def talk(self) -> None:
        """A second of sound."""
        self.recorder.on_line(OffHook(self.now))
        for _ in range(RATE // STEP):
            self.recorder.on_audio(Period(self._first, numbers(self._first, STEP), self.now))
            self._first += STEP
            self.now += STEP / RATE
        self.recorder.on_line(OnHook(self.now))
        self.now += 60.0


def live(folder: Path, calls: int) -> Iterator[str]:
    """The calls; what was bad."""
    life = Life(folder)
    memory, files = 0.0, 0
    began = time.monotonic()
    for number in range(1, calls + 1):
        life.talk() if number % ANSWERED == 0 else life.ring_in_vain()
        if number == max(1, round(calls * WARM)):
            memory, files = resident_mb(), open_files()
        if number % 10000 == 0:
            rate = number / (time.monotonic() - began)
            said = f"{number} calls, {rate:.0f} a second, {resident_mb():.1f} MB"
            print(f"long-run: {said}", flush=True)
    growth, more = resident_mb() - memory, open_files() - files
    print(f"long-run: memory grew by {growth:.1f} MB, open files by {more}", flush=True)
    if growth >= GROWTH_MB:
        yield f"memory grew by {growth:.1f} MB"
    if more > 0:
        yield f"{more} more files are open"


def start_again(folder: Path, calls: int) -> Iterator[str]:
    """The start with so many calls, as the recorder makes it, and pages of the list."""
    began = time.monotonic()
    archive = Archive(folder, rebuild=False)
    keeper = Keeper(archive, threads=True)
    keeper.start()
    taken = time.monotonic() - began
    keeper.stop()
    newest = archive.calls(limit=1)[0]["sequence"]
    print(f"long-run: started in {taken:.2f} s with {newest} calls", flush=True)
    if taken > START_S:
        yield f"the start took {taken:.2f} s"
    if newest != calls:
        yield f"{newest} calls are in the list, {calls} were made"
    chance = random.Random(0)
    times = []
    for _ in range(PAGES):
        before = chance.randint(1, calls + 1)
        began = time.monotonic()
        archive.calls(limit=51, before=before)
        times.append(1000 * (time.monotonic() - began))
    page = float(np.percentile(times, 95))
    print(f"long-run: a page of the list in {page:.1f} ms (p95)", flush=True)
    if page > PAGE_MS:
        yield f"a page of the list took {page:.1f} ms"


def long_run(calls: int, folder: Path) -> list[str]:
    """What was bad."""
    return [*live(folder, calls), *start_again(folder, calls)]


def main() -> int:
    """Live long; 1 where anything was bad."""
    parser = argparse.ArgumentParser("long_run", description=__doc__)
    parser.add_argument("calls", type=int)
    parser.add_argument("--folder", type=Path, help="where the calls are left; else nowhere")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        bad = long_run(options.calls, options.folder or Path(name))
    for line in bad:
        print(f"BAD {line}")
    print(f"{options.calls} tried, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

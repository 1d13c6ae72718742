"""Encrypted calls: what they cost the medium, how soon the list is there after a start, reading.

Needs root for the loop device at which the bytes are counted; without it that row is left out.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.recovery import recover
from firmware.archive.vault import Vault
from scripts.bench.areas.archive import PACKAGES as PACKAGES
from scripts.bench.areas.archive import speech, written
from scripts.bench.row import Row
from scripts.durability.block import why_not
from scripts.durability.one_call import RECORD
from scripts.durability.workload import RATE

CALLS = 10_000
MADE = 200  # calls with sound; the others are rows, whose records cost the most


def measure() -> Iterator[Row]:
    """Wear, the list after a power cut, and a byte range of an hour's call."""
    if not why_not():
        yield written("sealed", 180, "<= 3", sealed=True)
    yield from _filled()
    yield _read()


def _filled() -> Iterator[Row]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        vault = Vault(folder / "state", True, folder / "run")
        archive = Archive(folder / "calls", vault=vault)
        kept = Keeper(archive)
        begun = datetime(2026, 1, 1, tzinfo=UTC)
        for number in range(CALLS):
            at = (begun + timedelta(minutes=20 * number)).isoformat(timespec="milliseconds")
            record = {**RECORD, "started_at": at, "number": f"+4822{number:07}"}
            if number % (CALLS // MADE):
                kept.add_row({**record, "outcome": "missed", "answered": False})
            else:
                held = kept.begin(record)
                held.write(0, np.ones(RATE // 10, np.int16))
                kept.finish(held, record)
            kept.poll()
        vault.close()
        for path in (folder / "run").iterdir():
            path.unlink()
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.perf_counter()
        again = Archive(
            folder / "calls", rebuild=False, vault=Vault(folder / "state", True, folder / "run")
        )
        opened = time.perf_counter() - start
        recover(again)
        filled = time.perf_counter() - start
        more = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
        size = sum(path.stat().st_size for path in (folder / "run").iterdir()) / 2**20
        found = len(again.calls(limit=CALLS + 1))
    yield Row("sealed", f"start with {CALLS} calls, ready to record", round(opened, 3), "s", "<= 3")
    yield Row("sealed", f"list of {CALLS} calls whole after a start", round(filled, 2), "s", None)
    yield Row("sealed", "calls found again", found, "calls", f"= {CALLS}")
    yield Row("sealed", f"memory of the list of {CALLS} calls", round(size, 1), "MB", None)
    yield Row("sealed", "memory of the process while it is filled", round(more, 1), "MB", None)


def _read() -> Row:
    """The last 64 kB of a call of an hour, as a player asks for them."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        archive = Archive(folder / "calls", vault=Vault(folder / "state", True, folder / "run"))
        kept = Keeper(archive)
        held = kept.begin(RECORD)
        sound = speech(3600)
        for first in range(0, len(sound), RATE):
            held.write(first, sound[first : first + RATE])
        kept.finish(held, RECORD)
        kept.poll()
        start = time.perf_counter()
        with archive.sound(held.id).open() as file:
            file.seek(-65536, 2)
            file.read()
        took = time.perf_counter() - start
    return Row("sealed", "last 64 kB of a call of an hour", round(1000 * took, 2), "ms", "<= 50")

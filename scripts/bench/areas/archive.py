"""The archive: what a call costs the medium, when it can be heard, how soon a restart records.

Needs root for the loop device at which the bytes are counted; without it those rows are left out.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from firmware.archive import Archive
from firmware.archive.errors import NoSuchCall
from firmware.archive.keeper import Entered, Keeper
from firmware.archive.recording import Recording
from firmware.archive.vault import Vault
from firmware.archive.volume import Volumes
from firmware.simulator.generators.levels import to_int16
from firmware.simulator.voices import FOLDER, load_voice
from scripts.bench.row import Row
from scripts.durability.block import looped, make_ext4, mounted, run, why_not
from scripts.durability.one_call import RECORD
from scripts.durability.workload import RATE, STEP

PACKAGES = (
    "e2fsprogs|ext4 for the written bytes|command -v mkfs.ext4 || test -x /usr/sbin/mkfs.ext4",
)
ROOT = Path(__file__).resolve().parents[3]
SECONDS = 60
LONG_S = 3600
DRAINED_S = 2.0  # the last block, and the second of sound that it is in
RESTARTS = 5


def measure() -> Iterator[Row]:
    """Wear, latency and restart."""
    if not why_not():
        yield written("archive", 60, None)
        yield written("archive", 180, "<= 3")
    yield from _hang_up()
    yield _restart()


def speech(seconds: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    voice = to_int16(load_voice(FOLDER / "en-owner.flac", RATE, -18.0))
    return np.resize(voice, seconds * RATE).astype(np.int16)


def written(area: str, seconds: int, goal: str | None, sealed: bool = False) -> Row:
    """Sectors written to the block device while a call is recorded and completed."""
    sound = speech(seconds)
    with tempfile.TemporaryDirectory() as name:
        image = Path(name) / "card.img"
        make_ext4(image, 256 * 2**20)
        with looped(image) as device, mounted(device, Path(name) / "mnt") as mnt:
            vault = Vault(mnt / "state", sealed, Path(name))
            volumes = Volumes(mnt / "calls", vault=vault)
            kept = Keeper(Archive(mnt / "calls", vault=vault), volumes)
            kept.start()
            run("sync", "-f", mnt)
            before = _sectors(device)
            held = kept.begin(RECORD)
            for first in range(0, len(sound), STEP):
                held.write(first, sound[first : first + STEP])
                kept.poll()
            kept.finish(held, RECORD)
            kept.stop()
            vault.close()
            run("sync", "-f", mnt)
            written_bytes = (_sectors(device) - before) * 512
    share = written_bytes / (2 * len(sound))
    what = f"bytes written per byte recorded, a call of {seconds // 60} min"
    return Row(area, what, round(share, 2), "x", goal)


def _sectors(device: str) -> int:
    return int(Path(f"/sys/block/{Path(device).name}/stat").read_text("ascii").split()[6])


def _hang_up() -> Iterator[Row]:
    """After calls of a minute and of an hour: when they can be heard, when the next one begins."""
    for seconds in (SECONDS, LONG_S):
        sound = speech(seconds)
        with tempfile.TemporaryDirectory() as name:
            kept = Keeper(Archive(Path(name)), Volumes(Path(name)), threads=True)
            kept.start()
            held = kept.begin(RECORD)
            for first in range(0, len(sound), RATE):
                held.write(first, sound[first : first + RATE])
            _until(partial(_drained, held), kept)
            began = time.monotonic()
            kept.finish(held, RECORD)
            listed = _until(partial(_audio, kept.archive, held.id), kept) - began
            second = time.monotonic()
            other = kept.begin(RECORD)
            other.write(0, sound[:RATE])
            begun = _until(partial(_drained, other), kept) - second
            kept.finish(other, RECORD)
            kept.stop(120)
        what = "a minute" if seconds == SECONDS else "an hour"
        yield Row("archive", f"hang-up to playable, {what}", round(listed, 2), "s", "<= 1")
        yield Row("archive", f"next call on the medium after {what}", round(begun, 2), "s", "<= 1")


def _drained(held: Recording) -> bool:
    """Whether the medium has confirmed all but the last block or so."""
    return held.waiting_s < DRAINED_S


def _audio(archive: Archive, call_id: str) -> bool:
    try:
        return archive.audio_path(call_id).is_file()
    except NoSuchCall:
        return False


def _until(check: Callable[[], bool], kept: Keeper) -> float:
    while not check():
        assert all(isinstance(one, Entered) or not one.why for one in kept.poll())
        time.sleep(0.005)
    return time.monotonic()


def _restart() -> Row:
    """From the start of the process to its first sample, with the simulator's card."""
    times = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(RESTARTS):
            marks = Path(name) / f"marks{number}"
            words = ["-m", "scripts.durability.workload", f"{name}/calls", str(marks)]
            began = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, *words, "--lifted"], cwd=ROOT, stdout=subprocess.DEVNULL
            )
            while b"A " not in (marks.read_bytes() if marks.exists() else b""):
                time.sleep(0.002)
            times.append(time.monotonic() - began)
            process.kill()
            process.wait()
    return Row(
        "archive",
        "recorder killed and started: to the first sample",
        round(statistics.median(times), 2),
        "s",
        "<= 1.0",
    )

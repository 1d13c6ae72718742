"""Power cuts: the recorder's disk is journalled, and the power goes at any instant of the journal.

`python -m scripts.durability.power_cuts CUTS [--lying] [--sealed] [--seconds S] [--seed N]`. The
real recorder works on an ext4 on a disk that remembers each write and flush (`journal_disk`). For
each cut the disk is what the last flush confirmed, and of the writes after it none, a prefix, any
subset, or a subset with one write torn at a sector. Recovery runs on it, and what the recorder had
said by then is compared with what is there. A lying medium loses what its last eight flushes
confirmed, too. `--sealed`: calls are encrypted.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import soundfile

from firmware.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.recovery import recover
from scripts.durability.block import looped, make_ext4, mounted, repair, run, why_not
from scripts.durability.journal_disk import FLUSH, MARK, WRITE, Entry, read_log
from scripts.durability.said import LOST_S, Said, faults
from scripts.durability.workload import archive_after

DISK_BYTES = 16 * 2**20
GROUP = 1024  # blocks
SECTOR = 512
LIES = 8
READY_S = 5.0
SHARES = 5  # not a divisor of the modes' number: each share meets every mode
MODES = ("none", "prefix", "subset", "torn")
ROOT = Path(__file__).resolve().parents[2]


def record(
    folder: Path, seconds: float, seed: int, careless: str = "", sealed: bool = False
) -> list[Entry]:
    """The journal of the real recorder's work; `careless`: a call of `os` that does nothing."""
    mount, image, log = folder / "fuse", folder / "empty.img", folder / "journal"
    mount.mkdir()
    make_ext4(image, DISK_BYTES, GROUP)
    server = subprocess.Popen(
        [sys.executable, "-m", "scripts.durability.journal_disk", mount, str(DISK_BYTES), log],
        cwd=ROOT,
    )
    try:
        for _ in range(200):
            if (mount / "disk").exists():
                break
            time.sleep(0.05)
        with (mount / "disk").open("r+b") as disk:
            disk.write(image.read_bytes())
        with looped(mount / "disk") as device, mounted(device, folder / "mnt") as mnt:
            words = ["scripts.durability.workload", mnt / "calls", mount / "marks"]
            words += ["--seconds", str(seconds), "--seed", str(seed)]
            words += ["--sealed", folder] if sealed else []
            done = subprocess.run(
                [sys.executable, "-m", *words, *(["--careless", careless] if careless else [])],
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
            )
            if done.returncode:
                raise RuntimeError("the recorder failed while it was watched")
    finally:
        run("umount", mount, check=False)
        server.wait(timeout=30)
    return list(read_log(log))


class Tape:
    """The journal, wound to any instant; what is confirmed only grows."""

    def __init__(self, entries: list[Entry], lies: int = 0) -> None:
        self._entries = entries
        self._disk = bytearray(DISK_BYTES)
        self._lies = lies
        self._at = 0
        self._applied = 0
        self._flushes: list[int] = []
        self.said = Said()

    def wind(self, instant: int) -> None:
        """Go on to entry number `instant`."""
        while self._at < instant:
            entry = self._entries[self._at]
            self._at += 1
            if entry.kind == FLUSH:
                self._flushes.append(self._at)
            elif entry.kind == MARK:
                for line in entry.data.decode().splitlines():
                    self.said.take(line)
        sure = self._flushes[-1 - self._lies] if len(self._flushes) > self._lies else 0
        for entry in self._entries[self._applied : sure]:
            if entry.kind == WRITE:
                self._disk[entry.offset : entry.offset + len(entry.data)] = entry.data
        self._applied = max(self._applied, sure)

    def cut(self, mode: str, chance: random.Random) -> bytes:
        """The disk after the power went now."""
        disk = bytearray(self._disk)
        loose = [one for one in self._entries[self._applied : self._at] if one.kind == WRITE]
        if mode == "none":
            loose = []
        elif mode == "prefix":
            loose = loose[: chance.randint(0, len(loose))]
        else:
            loose = [one for one in loose if chance.random() < 0.5]
        torn = chance.choice(loose) if loose and mode == "torn" else None
        for one in loose:
            data = one.data
            if one is torn:
                data = data[: chance.randrange(0, len(data), SECTOR)]
            disk[one.offset : one.offset + len(data)] = data
        return bytes(disk)


def unlisted(root: Path, archive: Archive) -> Iterator[str]:
    """On a medium that lied: audio that can be read and is in no list."""
    listed = {str(call.get("audio")) for call in archive.calls(limit=10000)}
    for path in root.rglob("*.flac"):
        try:
            with archive.vault.open(path) as file:
                soundfile.read(file)
        except (soundfile.SoundFileError, ArchiveError, OSError):
            continue
        if str(path.relative_to(root)) not in listed and path.stat().st_size > 100:
            yield f"{path.name} can be read and is in no list"
    for path in (root / "open").glob("*.part.wav"):
        if path.stat().st_size > 4096:
            yield f"{path.name} was left"


def one_cut(
    tape: Tape, mode: str, lying: bool, lost_s: float, chance: random.Random, folder: Path
) -> list[str]:
    """The faults of one cut."""
    image = folder / "cut.img"
    image.write_bytes(tape.cut(mode, chance))
    why = ""
    for repaired in (True,) if lying else (False, True):
        if repaired:
            # As a Raspberry Pi does at start. Of a medium that does not lie only a torn superblock
            # wants it, and all that was promised must be there then as well.
            repair(image, GROUP)
        with looped(image) as device:
            try:
                with mounted(device, folder / "cut") as mnt:
                    return _look(tape.said, mnt / "calls", folder / "memory", lying, lost_s)
            except OSError as error:
                why = str(error)
    return [] if lying else [why]  # nothing on a medium that lied may be readable


def _look(said: Said, root: Path, memory: Path, lying: bool, lost_s: float) -> list[str]:
    shutil.rmtree(memory, ignore_errors=True)
    before = time.monotonic()
    try:
        archive = archive_after(root, memory)
        report = recover(archive)
        ready_s = time.monotonic() - before
        if not lying:
            late = [f"ready only after {ready_s:.1f} s"] if ready_s > READY_S else []
            return [*faults(archive, report, said, lost_s), *late]
        if archive.check():
            archive.renew()
        recover(archive, thorough=True)
        return list(unlisted(root, archive))
    except ArchiveError as error:
        if lying and "cannot be" in str(error):
            return []  # the medium itself is broken, and it is said in words
        return [f"recovery failed: {error}"]
    except Exception as error:  # a crash is what is looked for
        return [f"recovery crashed: {type(error).__name__}: {error}"]


def _share(
    entries: list[Entry],
    instants: list[tuple[int, int]],
    seed: int,
    lying: bool,
    lost_s: float,
    folder: Path,
) -> list[str]:
    """One process's share of the cuts: (number, instant), in order."""
    folder.mkdir()
    chance = random.Random(seed)
    tape = Tape(entries, LIES if lying else 0)
    bad: list[str] = []
    for number, instant in instants:
        tape.wind(instant)
        mode = MODES[number % len(MODES)]
        if found := one_cut(tape, mode, lying, lost_s, chance, folder):
            bad.append(f"cut at {instant} ({mode}): {found[0]}")
            print(f"BAD {bad[-1]}", flush=True)
        if number % 500 == 0:
            print(f"power-cuts: cut {number} is done", flush=True)
    return bad


def cuts(
    count: int,
    seconds: float,
    seed: int = 1,
    lying: bool = False,
    careless: str = "",
    lost_s: float = LOST_S,
    sealed: bool = False,
) -> list[str]:
    """Cut so often; what was bad, one line for each cut that was.

    Several processes share the cuts: they mostly wait for the kernel to mount and unmount.
    """
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        folder = Path(name)
        entries = record(folder, seconds, seed, careless, sealed)
        start = next(
            number
            for number, entry in enumerate(entries)
            if entry.kind == MARK and re.match(b"S ", entry.data)
        )
        said = f"{len(entries)} writes, flushes and marks in {seconds:.0f} s"
        print(f"power-cuts: {said}", flush=True)
        instants = sorted(chance.randint(start, len(entries)) for _ in range(count))
        numbered = list(enumerate(instants, 1))
        with ProcessPoolExecutor(SHARES, multiprocessing.get_context("fork")) as pool:
            shares = [
                pool.submit(
                    *(_share, entries, numbered[one::SHARES], seed + one, lying, lost_s),
                    folder / f"{one}",
                )
                for one in range(SHARES)
            ]
            return [line for share in shares for line in share.result()]


def main() -> int:
    """Cut; 1 where anything was bad."""
    parser = argparse.ArgumentParser("power_cuts", description=__doc__)
    parser.add_argument("cuts", type=int)
    parser.add_argument("--lying", action="store_true", help="the last eight flushes are lost too")
    parser.add_argument("--sealed", action="store_true", help="calls are encrypted")
    parser.add_argument("--seconds", type=float, default=60.0, help="how long the recorder works")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if reason := why_not():
        print(f"power-cuts: {reason}", file=sys.stderr)
        return 2
    how = {"lying": options.lying, "sealed": options.sealed}
    bad = cuts(options.cuts, options.seconds, options.seed, **how)
    print(f"{options.cuts} tried, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

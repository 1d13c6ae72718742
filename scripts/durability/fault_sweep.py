"""Faults in single system calls of a scripted call, injected by strace.

`python -m scripts.durability.fault_sweep [--every N]`. A first run under strace tells which system
calls touch the archive, writing or reading; then each of them, one run each, fails with EIO, fails
with ENOSPC, writes nothing (a short write), or takes four seconds. After each run the archive is
recovered without faults: the call must be there, sample for sample, and the process must not have
crashed.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from firmware.archive import Archive
from firmware.archive.recovery import recover
from scripts.durability.one_call import BEGIN, END, SECONDS, volumes_of
from scripts.durability.said import sound_of, true_to_the_line
from scripts.durability.workload import RATE

ROOT = Path(__file__).resolve().parents[2]
WRITES = ("write", "pwrite64")
SYNCS = ("fsync", "fdatasync")
OTHERS = ("openat", "ftruncate", "fallocate", "rename", "unlink", "mkdir")
READS = (
    *("read", "pread64", "lseek", "getdents64", "statfs"),
    *("fstatfs", "newfstatat", "close", "flock"),
)
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Fault:
    """`number`: the how-manieth call of `call` in the process it is, counted from 1."""

    call: str
    number: int
    effect: str
    alone: bool = False
    lasting: bool = False

    @property
    def words(self) -> str:
        """For the report."""
        also = " and all after it" if self.lasting else ""
        return f"{self.call} number {self.number}{also}: {self.effect}"


def one_call(folder: Path, *strace: str, threads: bool = False, alone: bool = False) -> str:
    """Run the scripted call; its output. Raises CalledProcessError where it crashed."""
    words = ["-m", "scripts.durability.one_call", str(folder)]
    words += (["--threads"] if threads else []) + (["--alone"] if alone else [])
    done = subprocess.run(
        ["strace", "-f", "-qq", *strace, sys.executable, "-B", *words],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


def touching(folder: Path) -> list[tuple[str, int]]:
    """Every system call of the script that touches the archive: name and number."""
    folder.mkdir()
    log = folder / "strace"
    names = ",".join([*WRITES, *SYNCS, *OTHERS, *READS])
    one_call(folder, "-y", "-o", str(log), "-e", f"trace={names},access,faccessat,faccessat2")
    seen: dict[str, int] = {}
    found: list[tuple[str, int]] = []
    inside = False
    for line in log.read_text(errors="replace").splitlines():
        if match := re.match(r"(\d+)\s+(\w+)\(", line):
            name = match[2]
            seen[name] = seen.get(name, 0) + 1
            inside = (inside or BEGIN in line) and END not in line
            if inside and str(folder) in line and name in (*WRITES, *SYNCS, *OTHERS, *READS):
                found.append((name, seen[name]))
    return found


def faults(touched: list[tuple[str, int]]) -> Iterator[Fault]:
    """Every fault to be tried."""
    for call, number in touched:
        yield Fault(call, number, "error=EIO")
        if call in (*WRITES, *OTHERS) and call != "unlink":
            yield Fault(call, number, "error=ENOSPC")
        if call in WRITES:
            yield Fault(call, number, "retval=0")
        if call in SYNCS:
            yield Fault(call, number, "delay_enter=4000000")
    syncs = [number for call, number in touched if call == "fdatasync"]
    for number in syncs:
        yield Fault("fdatasync", number, "error=EIO", alone=True, lasting=True)


def trial(fault: Fault, folder: Path) -> str:
    """What was bad; empty where nothing was."""
    folder.mkdir()
    when = f"{fault.number}+" if fault.lasting else f"{fault.number}"
    injected = f"inject={fault.call}:{fault.effect}:when={when}"
    slow = fault.effect.startswith("delay")
    try:
        words = ("-o", "/dev/null", "-e", f"trace={fault.call}", "-e", injected)
        said = one_call(folder, *words, threads=slow, alone=fault.alone)
    except subprocess.CalledProcessError as error:
        return f"crashed: {error.stderr.strip().splitlines()[-1:]}"
    except subprocess.TimeoutExpired:
        return "hung"
    told = json.loads(said.splitlines()[-1])["told"]
    if fault.lasting and told:
        return ""  # a clear alarm; without one nothing may be missing
    volumes = volumes_of(folder, fault.alone)
    volumes.scan()
    archive = Archive(volumes.home.root)
    recover(archive, volumes)
    calls = archive.calls()
    if len(calls) != 1:
        return f"{len(calls)} calls are in the list"
    [call] = calls
    sound = sound_of(archive, call)
    if len(sound) != round(SECONDS * RATE) or not true_to_the_line(sound, call) or call["gaps"]:
        return f"{(SECONDS * RATE - len(sound)) / RATE:.2f} s are lost, gaps {call['gaps']}"
    return ""


def sweep(every: int = 1) -> tuple[int, list[str]]:
    """How many faults were tried (every so-manieth), and what was bad, a line each."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(AT_ONCE) as pool:
        folder = Path(name)
        chosen = list(faults(touching(folder / "first")))[::every]
        print(f"fault-sweep: {len(chosen)} faults", flush=True)

        def tried(numbered: tuple[int, Fault]) -> str:
            number, fault = numbered
            place = folder / f"{number}"
            wrong = trial(fault, place)
            shutil.rmtree(place, ignore_errors=True)
            if wrong:
                print(f"BAD {fault.words}: {wrong}", flush=True)
            return f"{fault.words}: {wrong}" if wrong else ""

        bad = [line for line in pool.map(tried, enumerate(chosen)) if line]
    return len(chosen), bad


def main() -> int:
    """Sweep; 1 where anything was bad."""
    parser = argparse.ArgumentParser("fault_sweep", description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="only every so-manieth fault")
    options = parser.parse_args()
    tried, bad = sweep(options.every)
    print(f"{tried} tried, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

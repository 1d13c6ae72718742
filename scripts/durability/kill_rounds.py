"""`kill -9` of the recorder at random moments, in calls and between them.

`python -m scripts.durability.kill_rounds ROUNDS`. The copper stays as it is: a telephone that was
off the hook is still off the hook when the recorder is started anew, and the call must go on. What
the marks tell is compared with the archive when all rounds of a box are over. The boxes lie in
memory: a kill leaves the page cache, and how long this machine's own disk takes is not the subject.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from firmware.archive import Archive
from firmware.archive.recovery import recover
from scripts.durability.said import LOST_S, Said, faults, first_of
from scripts.durability.workload import RATE, archive_after

ROOT = Path(__file__).resolve().parents[2]
AGAIN_S = 2.0
BOXES = 2  # at once; more would make each other late
ROUNDS_OF_A_BOX = 10


@dataclass(slots=True)
class Kill:
    """`captured`: the last index before it; `again`: the first index of the next recorder."""

    captured: int
    again: int
    in_call: bool
    off_hook: int


def said_so_far(marks: Path) -> tuple[Said, list[str]]:
    """What the marks tell, and the lines; the last line may be torn."""
    lines = marks.read_text().splitlines() if marks.exists() else []
    said = Said()
    for line in lines:
        said.take(line)
    return said, lines


def rounds(
    folder: Path,
    count: int,
    seed: int,
    again_s: float,
    sealed: bool = False,
    keep: Path | None = None,
) -> list[str]:
    """Kill one box so often; what was bad. With `keep`, a bad box is left there as it was found."""
    memory = folder / "memory"
    chance = random.Random(seed)
    calls, marks = folder / "calls", folder / "marks"
    kills: list[Kill] = []
    folder.mkdir()
    for number in range(count + 1):
        said, _ = said_so_far(marks)
        in_call = said.off_hook is not None and said.on_hook is None
        words = ["-m", "scripts.durability.workload", str(calls), str(marks)]
        words += ["--seed", str(seed + number)] + (["--lifted"] if in_call else [])
        words += ["--sealed", str(memory)] if sealed else []
        words += ["--seconds", "600" if number < count else "2"]
        spawned = round(time.monotonic() * RATE)
        process = subprocess.Popen([sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        if kills:
            begun = [int(line[2:]) for line in said_so_far(marks)[1] if line.startswith("S ")]
            kills[-1].again = begun[-1] if begun else spawned
        if number == count:
            if process.wait() != 0:
                return ["the recorder failed"]
            break
        time.sleep(chance.uniform(0.05, 3.0))
        process.kill()
        process.wait()
        said, _ = said_so_far(marks)
        running = said.off_hook is not None and said.on_hook is None
        kills.append(Kill(said.captured, 0, running, said.off_hook or 0))
    if keep is not None:
        found = keep / folder.name
        shutil.copytree(folder, found, symlinks=True)
        (found / "kills.json").write_text(json.dumps([asdict(kill) for kill in kills], indent=1))
    bad = list(_judge(archive_after(calls, memory), marks, kills, again_s))
    if keep is not None and not bad:
        shutil.rmtree(keep / folder.name)
    return bad


def _judge(archive: Archive, marks: Path, kills: list[Kill], again_s: float) -> Iterator[str]:
    report = recover(archive)
    said, lines = said_so_far(marks)
    lost_s = LOST_S if again_s <= AGAIN_S else again_s
    yield from faults(archive, report, said, lost_s)
    calls = [call for call in archive.calls(limit=10000) if call["kind"] == "call"]
    for kill, before in zip(kills, [None, *kills[:-1]], strict=True):
        down = (kill.again - kill.captured) / RATE
        if down > again_s:
            yield f"recording again only after {down:.2f} s"
        if not kill.in_call or kill.again == 0:
            continue
        over = [
            call
            for call in calls
            if first_of(call) <= kill.captured
            and first_of(call) + call["frames_expected"] > kill.again
        ]
        if not over and kill.captured - kill.off_hook < RATE:
            continue  # it had lasted less than a second; what is lost is judged by `faults`
        if len(over) != 1:
            yield f"a call that was killed at {kill.captured} did not go on as the same call"
            continue
        [call] = over
        lost = lost_before(kill, call, before.again if before else 0)
        if lost > lost_s:
            yield f"{lost:.2f} s before the kill are lost"
    hung_up = sum(line.startswith("H ") for line in lines)
    if len(calls) < hung_up:
        yield f"{hung_up} calls were made, {len(calls)} are in the list"


def lost_before(kill: Kill, call: dict[str, Any], begun: int) -> float:
    """Seconds that had been captured before the kill and are not in the call.

    `begun`: when the recorder that was killed had begun. A gap may begin sooner, with the kill
    before, where that recorder did not live long enough to keep anything. What was heard before the
    telephone was lifted is kept in memory until then, and is no part of what was said.
    """
    begun = max(begun, kill.off_hook)
    for gap in call["gaps"]:
        begins = first_of(call) + gap["offset"]
        if begins <= kill.captured < begins + gap["count"]:
            return max(0, kill.captured - max(begins, begun)) / RATE
    return 0.0


def kill_rounds(
    count: int,
    seed: int = 1,
    again_s: float = AGAIN_S,
    at_once: int = BOXES,
    sealed: bool = False,
    keep: Path | None = None,
) -> list[str]:
    """Several boxes at once; what was bad, a line each."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as name, ThreadPoolExecutor(at_once) as pool:
        boxes = []
        for number, left in enumerate(range(count, 0, -ROUNDS_OF_A_BOX)):
            folder, share = Path(name) / f"{number}", min(left, ROUNDS_OF_A_BOX)
            of_box = (folder, share, seed + 1000 * number, again_s, sealed, keep)
            boxes.append(pool.submit(rounds, *of_box))
        bad = []
        for number, box in enumerate(boxes, 1):
            for line in box.result():
                bad.append(line)
                print(f"BAD {line}", flush=True)
            print(f"kill-rounds: box {number} of {len(boxes)}, {len(bad)} bad", flush=True)
    return bad


def main() -> int:
    """Kill; 1 where anything was bad."""
    parser = argparse.ArgumentParser("kill_rounds", description=__doc__)
    parser.add_argument("rounds", type=int)
    parser.add_argument("--sealed", action="store_true", help="calls are encrypted")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="an empty folder for the boxes that were bad")
    options = parser.parse_args()
    bad = kill_rounds(options.rounds, options.seed, sealed=options.sealed, keep=options.keep)
    print(f"{options.rounds} tried, {len(bad)} bad")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())

"""The work of one process: changes that must be found, honest bundles that must pass."""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from firmware.evidence import anchors
from firmware.evidence.bundle.verify import verify
from firmware.evidence.check import check_lines
from firmware.evidence.errors import Changed
from scripts.tamper import bundle, log
from scripts.tamper.subject import NOW, Subject, draw, members_of, quick_cover, subject

MEMORY = Path("/dev/shm")  # what a power cut leaves is not what is looked at here
OUTLIVES = 500  # changes or bundles before another box is made
FULL_COVER = 200  # of so many honest bundles one has its cover sheet drawn


def missed_changes(folder: Path, seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """How many changes of each kind were tried, and those that were not found."""
    tried: Counter[str] = Counter()
    missed: list[str] = []
    one, target, logged = _targets(folder, seed)
    path, box = folder / "changed.zip", one.key.public.box
    for number in range(count):
        if number and number % OUTLIVES == 0:
            one, target, logged = _targets(folder, seed * 1000 + number)
            box = one.key.public.box
        rng = random.Random(f"{seed} {number}")
        if number % 2:
            change = bundle.CHANGES[(number // 2) % len(bundle.CHANGES)]
            raw = change(target, rng)
            if raw == target.raw:
                continue
            path.write_bytes(raw)
            trouble = _found(lambda: verify(path, box=box, now=NOW))  # noqa: B023
        else:
            step = log.CHANGES[(number // 2) % len(log.CHANGES)]
            change = step  # type: ignore[assignment]
            lines, signed = step(logged, rng)
            if (lines, signed) == (logged.lines, logged.signed):
                continue
            trouble = _found(
                lambda: check_lines(lines, signed, one.key.public, [logged.outside])  # noqa: B023
            )
        name = f"{change.__module__.rsplit('.', 1)[1]} {change.__name__}"
        tried[name] += 1
        if trouble:
            missed.append(f"seed {seed} number {number}: {name}: {trouble}")
    return tried, missed


def _found(look: Callable[[], object]) -> str:
    """Empty where the change was found: refused in words, not by an accident of the program."""
    try:
        look()
    except Changed:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "not found"


def _targets(folder: Path, seed: int) -> tuple[Subject, bundle.Target, log.LogTarget]:
    one = subject(folder / "box", seed)
    path = one.bundle(folder / f"honest-{seed}.zip")
    verify(path, box=one.key.public.box, now=NOW)
    target = bundle.Target(path.read_bytes(), members_of(path), one.key, one.thief)
    path.unlink()
    lines = [one.log.line(number) for number in range(one.log.size)]
    [outside] = anchors.stamped(one.log.folder).heads()
    logged = log.LogTarget(lines, one.log.head(), outside, one.key, one.thief)
    check_lines(logged.lines, logged.signed, one.key.public, [outside])
    return one, target, logged


def false_alarms(folder: Path, seed: int, count: int) -> tuple[Counter[str], list[str]]:
    """How many honest bundles were made, and those that were refused."""
    made: Counter[str] = Counter()
    refused: list[str] = []
    one = subject(folder / "box", seed)
    for number in range(count):
        if number and number % OUTLIVES == 0:
            one = subject(folder / "box", seed * 1000 + number)
        one.live()
        cover = draw if number % FULL_COVER == 0 else quick_cover
        path = one.bundle(folder / f"{seed}-{number}.zip", cover)
        try:
            verify(path, box=one.key.public.box, now=NOW)
        except Changed as error:
            refused.append(f"seed {seed} number {number}: {error}")
        made["honest bundles"] += 1
        path.unlink()
    return made, refused


def run(job: tuple[str, int, int]) -> tuple[Counter[str], list[str]]:
    """`job`: changes or honest, the seed, how many."""
    kind, seed, count = job
    work = missed_changes if kind == "changes" else false_alarms
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        return work(Path(folder), seed, count)

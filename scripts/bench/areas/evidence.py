"""The event log with a million entries, and the bundle of a ten-minute call."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from io import FileIO
from pathlib import Path

import numpy as np
import soundfile

from firmware.evidence.bundle.build import build
from firmware.evidence.bundle.exhibit import Exhibit
from firmware.evidence.bundle.verify import verify
from firmware.evidence.entries import Entry, Kind
from firmware.evidence.key import BoxKey
from firmware.evidence.log import LOG, EventLog
from firmware.evidence.merkle import Frontier, leaf_hash, verify_inclusion
from scripts.bench.row import Row
from scripts.tamper.run import false_alarms, missed_changes

PACKAGES = (
    "chromium|the page that checks itself, in a real browser|command -v chromium",
    "openssl|verify.sh, and the time-stamp authority|command -v openssl",
    "unzip|unpacking the bundle|command -v unzip",
)
ENTRIES = 1_000_000
BEGUN = 1_700_000_000.0


def measure() -> Iterator[Row]:
    """The log, the verifiers, tampering."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _log(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield from _bundle(Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        yield from _tampering(Path(folder))


def _row(name: str, value: float, unit: str, goal: str | None) -> Row:
    return Row("evidence", name, float(f"{value:.4g}"), unit, goal)


def _log(folder: Path) -> Iterator[Row]:
    key = BoxKey.ensure(folder / "state")
    (folder / "log").mkdir()
    _write_entries(folder / "log" / LOG, key)
    began = time.perf_counter()
    log = EventLog(folder / "log", key)
    yield _row("index of 1,000,000 entries made anew", time.perf_counter() - began, "s", None)
    log.append(Kind.STOPPED)
    log.close()
    began = time.perf_counter()
    log = EventLog(folder / "log", key)
    yield _row("start with 1,000,000 entries", time.perf_counter() - began, "s", "<= 1")
    rng = random.Random(1)
    spent, bare = [], []
    with (folder / "bare").open("ab", buffering=0) as file:
        for _ in range(500):  # in turns: what else is done with the medium slows both
            spent.append(_timed(lambda: log.append(Kind.PLAYED, "call", {"by": "owner"})))
            bare.append(_timed(lambda: _put(file)))
    yield _row("append, on the medium and signed, median", _median_ms(spent), "ms", "<= 2")
    yield _row("the medium alone: 400 bytes and fdatasync, median", _median_ms(bare), "ms", None)
    head = log.head().head
    chosen = [rng.randrange(head.size) for _ in range(500)]
    spent = [_timed(lambda: log.prove(number, head.size)) for number in chosen]  # noqa: B023
    yield _row("prove one entry, median", _median_ms(spent), "ms", "<= 20")
    spent = []
    for number in chosen:
        line, path = log.line(number), log.prove(number, head.size)
        began = time.perf_counter()
        good = verify_inclusion(leaf_hash(line), number, head.size, path, head.root)
        spent.append(time.perf_counter() - began)
        assert good
    yield _row("verify one entry, median", _median_ms(spent), "ms", "<= 5")
    log.close()


def _write_entries(path: Path, key: BoxKey) -> None:
    """A log as `append` leaves it, without waiting for the medium a million times."""
    frontier = Frontier()
    with path.open("wb") as file:
        for number in range(ENTRIES):
            entry = Entry(
                sequence=number,
                box=key.public.box,
                kind=Kind.PLAYED if number else Kind.LOG_BEGUN,
                at=BEGUN + number,
                clock="ntp",
                monotonic=float(number),
                boot="boot",
                previous=frontier.root().hex(),
                call=f"call-{number % 50000}",
                facts={"by": "owner"},
            )
            line = entry.to_bytes()
            file.write(line + b"\n")
            frontier.append(leaf_hash(line))


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _put(file: FileIO) -> None:
    file.write(b"x" * 400)
    os.fdatasync(file.fileno())


def _median_ms(spent: list[float]) -> float:
    return sorted(spent)[len(spent) // 2] * 1000


def _bundle(folder: Path) -> Iterator[Row]:
    key = BoxKey.ensure(folder / "state")
    log = EventLog(folder / "log", key)
    exhibit = _ten_minutes(folder, log)
    out = folder / "bundle.zip"
    yield _row(
        "bundle of a 10-minute call made", _timed(lambda: build(out, [exhibit], log)), "s", None
    )
    yield _row("tipring verify, 10-minute call", _timed(lambda: verify(out)), "s", None)
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder / "out")

    def script() -> None:
        subprocess.run(["sh", "verify.sh"], cwd=folder / "out", check=True, capture_output=True)

    yield _row("verify.sh, 10-minute call", min(_timed(script) for _ in range(3)), "s", "<= 2")
    yield _row("verify.html, 10-minute call", _in_browser(folder / "out/verify.html"), "s", "<= 3")


def _ten_minutes(folder: Path, log: EventLog) -> Exhibit:
    """Ten minutes of noise at speech level: the largest FLAC that a call makes."""
    rng = np.random.default_rng(1)
    frames = 600 * 8000
    flac = folder / "call.flac"
    soundfile.write(flac, rng.normal(0, 1500, frames).astype(np.int16), 8000, subtype="PCM_16")
    facts = {"id": "call", "started_at": "2026-03-04T05:06:07+00:00", "rate": 8000}
    record = json.dumps({**facts, "frames_stored": frames}).encode()
    hashes = {
        "record_sha256": hashlib.sha256(record).hexdigest(),
        "flac_sha256": hashlib.sha256(flac.read_bytes()).hexdigest(),
    }
    log.append(Kind.RECORDED, "call", hashes)
    for _ in range(10):
        log.append(Kind.PLAYED, "call", {"by": "owner"})
    return Exhibit("call", record, json.loads(record), lambda: flac.open("rb"))


def _in_browser(path: Path) -> float:
    """From opening the file to the green verdict in a running browser; the best of three."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(offline=True).new_page()

        def look() -> None:
            page.goto(path.as_uri(), wait_until="commit")
            page.wait_for_selector("#verdict.good")

        spent = min(_timed(look) for _ in range(3))
        browser.close()
    return spent


def _tampering(folder: Path) -> Iterator[Row]:
    tried, missed = missed_changes(folder / "a", seed=3, count=1000)
    count = sum(tried.values())
    yield _row("changes found, of 1,000", 100 * (count - len(missed)) / count, "%", "= 100")
    _made, refused = false_alarms(folder / "b", seed=3, count=200)
    yield _row("honest bundles refused, of 200", len(refused), "bundles", "= 0")

"""The recorder as a process on real ALSA, the recorder in a call, and the virtual clock."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from firmware.archive import Archive
from firmware.archive.files import read_json
from firmware.archive.mp3 import mp3_of
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.control import ControlClient
from firmware.daemon import Daemon
from firmware.line.profile import HatProfile
from firmware.simulate import simulate
from firmware.simulator.pins import PinDriver, line_factory
from firmware.simulator.scenario import builtin_names, load_scenario
from scripts.bench.process import processor_s, started, wait_for
from scripts.bench.row import Row
from tests.support.sound import NullSink, null_sink

AREA = "recorder"
WATCHED_S = 30.0
ON_HOOK_AFTER_S = 0.35  # a shorter break would be a hook flash


def measure() -> Iterator[Row]:
    """Rows of the recorder."""
    with tempfile.TemporaryDirectory() as name, null_sink(Path(name)) as sink:
        yield from _process(Path(name), sink)
        yield from _call(Path(name), sink)
    yield _virtual_clock()


def _process(folder: Path, sink: NullSink) -> Iterator[Row]:
    """`tipring run` on a null sink, recording by voice: no board is needed for that."""
    config = folder / "tipring.toml"
    control = folder / "run.sock"
    config.write_text(
        f'[archive]\ndirectory = "{folder}/run"\n[audio]\ndevice = "line_in"\n'
        f'[line]\npins = "mock"\nhook = "vox"\n'
        f'[state]\ndirectory = "{folder}/state"\ncontrol = "{control}"\n'
    )
    starts = []
    for _ in range(3):
        began = time.monotonic()
        with started("-m", "firmware.cli", "run", "--config", str(config)) as process:
            assert process.stdout is not None
            process.stdout.readline()
            starts.append(time.monotonic() - began)
    yield Row(AREA, "start to line watched", round(max(starts), 2), "s", "<= 1.0")
    random = np.random.default_rng(1)
    player = sink.play((random.normal(0, 3000, round((WATCHED_S + 20) * 8000))).astype(np.int16))
    with started("-m", "firmware.cli", "run", "--config", str(config)) as process:
        client = ControlClient(control)
        wait_for(control.exists)
        wait_for(lambda: client.request({"do": "state"})["recording"])
        time.sleep(2)
        used, began = processor_s(process.pid), time.monotonic()
        time.sleep(WATCHED_S)
        share = (processor_s(process.pid) - used) / (time.monotonic() - began)
        memory = _resident_mb(process.pid)
    player.terminate()
    player.wait(timeout=10)
    name = "while recording, all decoders"
    yield Row(AREA, f"processor {name}", round(100 * share, 2), "% of one core", "<= 2")
    yield Row(AREA, f"resident memory {name}", memory, "MB", "<= 80")


def _resident_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    return 0.0


@contextmanager
def _box(folder: Path) -> Iterator[tuple[PinDriver, ControlClient, Archive]]:
    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls")),
        state=StateConfig(str(folder), str(folder / "box.sock")),
    )
    profile, factory = HatProfile.default(), line_factory()
    line = PinDriver(profile, factory)
    daemon = Daemon(config, AlsaCapture("line_in"), profile, lambda: factory)
    daemon.start()
    try:
        yield line, ControlClient(folder / "box.sock"), Archive(folder / "calls")
    finally:
        daemon.stop()


def _call(folder: Path, sink: NullSink) -> Iterator[Row]:
    """Calls of ten seconds on the real sound path, flagged after five."""
    listed, playable, stored, errors = [], [], [], []
    noise = np.random.default_rng(2).normal(0, 2000, 60 * 8000).astype(np.int16)
    player = sink.play(noise)
    with _box(folder) as (line, client, archive):
        wait_for(lambda: client.request({"do": "state"})["state"] == "idle")
        time.sleep(3)
        for number in range(3):
            line.apply("offhook", True)
            lifted = time.monotonic()
            [running] = wait_for(lambda: list((folder / "calls").rglob("*.part.json")))
            time.sleep(5)
            pressed = time.monotonic()
            line.apply("flag", True)
            wait_for(lambda running=running: (read_json(running) or {}).get("flags"), pause=0.002)
            stored.append(time.monotonic() - pressed)
            line.apply("flag", False)
            time.sleep(5)
            line.apply("offhook", False)
            over = time.monotonic()
            wait_for(lambda number=number: len(archive.calls()) > number)
            listed.append(time.monotonic() - over)
            [call] = archive.calls(limit=1)
            mp3_of(archive.sound(call["id"]), folder / "mp3")
            playable.append(time.monotonic() - over)
            errors.append(abs(call["flags"][0] - (pressed - lifted)))
            time.sleep(1)
    player.terminate()
    player.wait(timeout=10)
    yield Row(AREA, "hang-up to call in the list", round(max(listed), 2), "s", "<= 1")
    yield Row(AREA, "hang-up to playable, MP3 made", round(max(playable), 2), "s", "<= 2")
    yield Row(AREA, "flag press to stored", round(1000 * statistics.median(stored)), "ms", "<= 100")
    yield Row(AREA, "error of a flag's offset", round(1000 * max(errors)), "ms", "<= 40")


def _virtual_clock() -> Row:
    scenarios = [load_scenario(name) for name in builtin_names()]
    with tempfile.TemporaryDirectory() as folder:
        began, audio = time.perf_counter(), 0.0
        for scenario in scenarios:
            audio += simulate(scenario, Path(folder))["audio_s"]
        spent = time.perf_counter() - began
    return Row(
        AREA, "scenarios on the virtual clock", round(audio / spent), "x real time", ">= 200"
    )

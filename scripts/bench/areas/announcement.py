"""The announcement: how loud, how soon after the answer, and whether it is found in noisy calls.

All of it goes through the recorder as it runs: the start through the daemon and real ALSA, the
noisy calls through the recorder on the virtual clock.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware.archive import Archive
from firmware.audio import announce
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, ConsentConfig, StateConfig
from firmware.daemon import Daemon
from firmware.events import RingBurst
from firmware.line.profile import HatProfile
from firmware.simulate import simulate
from firmware.simulator.pins import PinDriver, line_factory
from firmware.simulator.scenario import Scenario
from firmware.simulator.steps import HangUp, Join, LiftHandset, Noise, Ring, Say, Silence
from scripts.bench.row import Row
from tests.support.sound import null_sink
from tests.test_consent_ledger import announced, heard, noisy_call

PACKAGES = (
    "pulseaudio|a private null sink as the line|command -v pulseaudio",
    "libasound2-plugins|ALSA through it|ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so",
)
CALLS = 1000
ANSWERS = 10
OFFICE = replace(ConsentConfig(), use="business", playout="line_out")


def measure() -> Iterator[Row]:
    """Level, start, audibility."""
    yield _row("loudest 3 s into 600 ohm", _loudest(), "dBm", "<= -9")
    yield _row("from the answer to sound on the line, slowest of 10", _start_ms(), "ms", "<= 300")
    found, late, loudest = _noisy_calls()
    yield _row("found in 1,000 noisy calls, 0-19 dB", 100 * found / CALLS, "%", "= 100")
    yield _row("their slowest start, virtual clock", late, "ms", "<= 300")
    yield _row("their loudest 3 s of what was played", loudest, "dBm", "<= -9")
    missed = 0
    for seed in range(CALLS):
        recording, _ = noisy_call(seed, float(seed % 20), played=False)
        record = heard([announced(8000)], recording)
        missed += bool(record["consent"]["played"][0]["audible"])
    yield _row("found where it was not played, of 1,000", float(missed), "calls", "= 0")


def _row(name: str, value: float, unit: str, goal: str) -> Row:
    return Row("announcement", name, float(f"{value:.4g}"), unit, goal)


def _loudest() -> float:
    sounds = [announce.announcement(language, 8000) for language in announce.LANGUAGES]
    sounds.append(announce.beep(8000))
    return max(announce.loudest_dbm(sound / 32767.0, 8000) for sound in sounds)


def _noisy(seed: int) -> Scenario:
    """Two people who talk over the announcement, and noise 0 to 19 dB below it."""
    random = np.random.default_rng(seed)
    far = float(random.uniform(-30, -18))
    steps = (
        Ring(),
        LiftHandset(),
        Noise(level=-13.0 - seed % 20),
        Silence(duration=float(random.uniform(0.05, 0.5))),
        Say(voice="pl-collector", level=far, background=True),
        Silence(duration=float(random.uniform(0.05, 0.5))),
        Say(voice="en-owner-hello", level=-18.0, background=True),
        Join(),
        HangUp(),
    )
    return Scenario(f"noisy {seed}", "", 8000, seed, steps, {})


def _noisy_calls() -> tuple[int, float, float]:
    """How many ledgers say audible; the slowest start, ms; the loudest level, dBm."""
    found, late = 0, 0.0
    languages = announce.LANGUAGES
    for seed in range(CALLS):
        consent = replace(OFFICE, announcement=languages[seed % 2])
        with tempfile.TemporaryDirectory() as folder:
            config = replace(Config(), consent=consent, state=StateConfig(folder))
            simulate(_noisy(seed), Path(folder), config)
            [call] = Archive(Path(folder)).calls()
        [played] = call["consent"]["played"]
        found += bool(played["audible"])
        if played["audible"]:
            late = max(late, 1000 * (played["from"] / 8000 - call["preroll_s"]))
    sounds = [announce.announcement(language, 8000) for language in languages]
    return found, late, max(announce.loudest_dbm(one / 32767.0, 8000) for one in sounds)


def _start_ms() -> float:
    """The telephone is lifted by its pin; what counts is the sample of the recording."""
    with tempfile.TemporaryDirectory() as name, null_sink(Path(name)):
        folder = Path(name)
        config = replace(
            Config(),
            archive=ArchiveConfig(str(folder / "calls"), media=""),
            state=StateConfig(name, str(folder / "control.sock")),
            consent=OFFICE,
        )
        profile, factory = HatProfile.default(), line_factory()
        line = PinDriver(profile, factory)
        daemon = Daemon(config, AlsaCapture("line_in", 8000), profile, lambda: factory)
        daemon.start()
        time.sleep(3.0)
        for _ in range(ANSWERS):
            daemon._worker.put(RingBurst(time.monotonic(), 1.0, 25.0))
            time.sleep(0.5)
            line.apply("offhook", True)
            time.sleep(4.0)
            line.apply("offhook", False)
            time.sleep(1.0)
        daemon.stop()
        calls: list[dict[str, Any]] = Archive(folder / "calls").calls()
    spent: list[float] = []
    for call in calls:
        [played] = call["consent"]["played"]
        answered = call["off_hook_monotonic"] - call["audio_monotonic"]
        spent.append(1000 * (played["from"] / 8000 - answered))
    assert len(spent) == ANSWERS
    return max(spent)

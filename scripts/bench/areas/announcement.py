"""The announcement: how loud, how soon after the answer, and whether it is found in noisy calls."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from firmware.audio import announce
from firmware.audio.capture import AlsaCapture
from firmware.audio.frames import Period
from firmware.audio.playout import AlsaPlayout, Played
from firmware.calls.consent import Announcer, ConsentSettings, PlayAnnouncement
from firmware.consent_ledger import Playing, ledger
from firmware.events import OffHook, RingBurst
from firmware.law import load_rules
from firmware.signals.matched import find
from scripts.bench.row import Row
from tests.support.sound import null_sink
from tests.test_consent_ledger import PLAN, RULE, SOUND, noisy_call

PACKAGES = (
    "pulseaudio|a private null sink as the line|command -v pulseaudio",
    "libasound2-plugins|ALSA through it|ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so",
)
CALLS = 1000


def measure() -> Iterator[Row]:
    """Level, start, audibility."""
    yield _row("loudest 3 s into 600 ohm", _loudest(), "dBm", "<= -9")
    yield _row("from the answer to sound on the line, slowest of 10", _start_ms(), "ms", "<= 300")
    found = missed = 0
    for seed in range(CALLS):
        snr = float(seed % 20)
        for played in (True, False):
            recording, start = noisy_call(seed, snr, played)
            made = ledger(RULE, PLAN, [Playing("announcement", 8000, SOUND)], recording, 8000)
            one = made["played"][0]
            if played:
                found += bool(one["audible"] and abs(one["from"] - start) <= 1)
            else:
                missed += bool(one["audible"])
    yield _row("found in 1,000 noisy calls, 0-19 dB", 100 * found / CALLS, "%", "= 100")
    yield _row("found where it was not played, of 1,000", float(missed), "calls", "= 0")


def _row(name: str, value: float, unit: str, goal: str) -> Row:
    return Row("announcement", name, float(f"{value:.4g}"), unit, goal)


def _loudest() -> float:
    sounds = [announce.announcement(language, 8000) for language in announce.LANGUAGES]
    sounds.append(announce.beep(8000))
    return max(announce.loudest_dbm(sound / 32767.0, 8000) for sound in sounds)


def _start_ms() -> float:
    """The off-hook goes in as an event; what counts is the sample that the line hears."""
    sound = announce.announcement("pl", 8000)
    spent = []
    with tempfile.TemporaryDirectory() as folder, null_sink(Path(folder)):
        done: queue.SimpleQueue[Played] = queue.SimpleQueue()
        capture = AlsaCapture("line_in", 8000)
        playout = AlsaPlayout("line_out", 8000, done.put)
        for _ in range(10):
            _heard(capture, 0.5)
            chosen = ConsentSettings(load_rules()["PL"], announce=frozenset({"incoming"}))
            announcer = Announcer(chosen)
            now = time.monotonic()
            announcer.handle(RingBurst(now - 1.0, 1.0, 25.0))
            if announcer.handle(OffHook(now)) == [PlayAnnouncement(now)]:
                playout.play("announcement", sound)
            periods = _heard(capture, len(sound) / 8000 + 1.5)
            recording = np.concatenate([one.samples for one in periods]).astype(np.float32) / 32768
            match = find(recording, sound.astype(np.float32) / 32768, 8000)
            assert match is not None and match.found
            spent.append(1000 * (periods[0].time + match.start / 8000 - now))
            done.get(timeout=10)
        playout.close()
        capture.close()
    return max(spent)


def _heard(capture: AlsaCapture, seconds: float) -> list[Period]:
    periods: list[Period] = []
    while sum(len(one.samples) for one in periods) < seconds * 8000:
        item = capture.read()
        if isinstance(item, Period):
            periods.append(item)
    return periods

"""The recorder on the virtual clock."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from firmware.simulate import simulate
from firmware.simulator.scenario import builtin_names, load_scenario
from scripts.bench.row import Row


def measure() -> Iterator[Row]:
    """All built-in scenarios, one after the other."""
    yield _virtual_clock()


def _virtual_clock() -> Row:
    scenarios = [load_scenario(name) for name in builtin_names()]
    with tempfile.TemporaryDirectory() as folder:
        began, audio = time.perf_counter(), 0.0
        for scenario in scenarios:
            audio += simulate(scenario, Path(folder))["audio_s"]
        spent = time.perf_counter() - began
    return Row(
        "recorder", "scenarios on the virtual clock", round(audio / spent), "x real time", ">= 200"
    )

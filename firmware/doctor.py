"""What is wrong with line, card, medium and clock, in words: what `tipring doctor` prints."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from firmware.config import Config

LITTLE_SPACE = 500 * 2**20  # bytes; an hour of FLAC is about 30 MB
EARLIEST_YEAR = 2026


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `why` says what was found, and what to do where it is bad."""

    part: str
    good: bool
    why: str


def examine(config: Config) -> Iterator[Finding]:
    """Look at every part; a running recorder is asked, its card and pins are left alone."""
    from firmware.control import ControlClient, ControlError

    try:
        state = ControlClient(Path(config.state.control)).request({"do": "state"})
    except ControlError as error:
        yield Finding("recorder", False, f"{error}. Calls are not recorded now.")
        yield _line(config)
        yield _card(config)
    else:
        yield Finding("recorder", True, "runs and answers")
        yield Finding("line", state.get("state") != "cut", f"is {state.get('state')}")
        if state.get("line_volts") is not None:
            yield _voltage(state)
        for kind, why in state.get("alarms", {}).items():
            yield Finding(kind, False, str(why))
    yield _medium(config)
    yield _clock()


def _voltage(state: dict[str, Any]) -> Finding:
    """What the HAT's gauge says, from a running recorder's state."""
    said = f"{state['line_volts']:.1f} V now"
    if state.get("line_lowest_volts") is not None:
        said += f", {state['line_lowest_volts']:.1f} to {state['line_highest_volts']:.1f} V seen"
    if state.get("line_idle_volts") is None:
        return Finding("voltage", True, f"{said}; its voltage at rest is not learned yet")
    said += f"; {state['line_idle_volts']:.1f} V at rest"
    if state.get("line_threshold_volts") is not None:
        said += f", a handset is lifted below {state['line_threshold_volts']:.1f} V"
    return Finding("voltage", True, said)


def _line(config: Config) -> Finding:
    from firmware.line.errors import LineError
    from firmware.line.factory import pin_factory
    from firmware.line.monitor import LineMonitor
    from firmware.line.profile import HatProfile

    try:
        profile = HatProfile.named(config.line.profile)
        monitor = LineMonitor(
            profile, lambda _event: None, time.monotonic, pin_factory(config.line.pins)
        )
        monitor.start()
        monitor.close()
    except LineError as error:
        return Finding("line", False, str(error))
    return Finding("line", True, f"the pins of {profile.name} can be used")


def _card(config: Config) -> Finding:
    from firmware.audio.capture import AlsaCapture
    from firmware.audio.errors import AudioError

    try:
        AlsaCapture(config.audio.device, config.audio.rate).close()
    except AudioError as error:
        return Finding("card", False, str(error))
    return Finding("card", True, f"{config.audio.device} can be opened")


def _medium(config: Config) -> Finding:
    folder = Path(config.archive.directory)
    probe = folder / f".doctor-{os.getpid()}"
    try:
        with probe.open("wb") as file:
            file.write(b"tipring")
            os.fsync(file.fileno())
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "medium",
            False,
            f"{folder}: cannot be written ({error.strerror}); calls are not stored there. Check"
            " the medium and the folder's owner.",
        )
    said = f"{folder}: {free / 2**30:.1f} GB free"
    if free < LITTLE_SPACE:
        return Finding("medium", False, f"{said}; free some space, or calls will not be stored")
    return Finding("medium", True, said)


def _clock() -> Finding:
    year = time.gmtime().tm_year
    if year < EARLIEST_YEAR:
        return Finding("clock", False, f"says it is {year}; the dates of calls would be wrong")
    try:
        asked = subprocess.run(
            ["timedatectl", "show", "-p", "NTPSynchronized", "--value"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return Finding("clock", True, "says a plausible date; whether by NTP is not known here")
    if asked.stdout.strip() == "yes":
        return Finding("clock", True, "is set by NTP")
    return Finding("clock", True, "says a plausible date; it is not set by NTP now")

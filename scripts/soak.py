"""`make soak [MINUTES=60]`: one call in real time through real ALSA, compared sample by sample.

The recorder runs as it does on the box, with the priority of its unit; aplay plays numbered noise
into a private null sink. Both stand for hardware that never waits, so they run with real-time
priority. Ends with `N tried, N bad` (samples) and exits 1 if any was lost or changed.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.control import ControlClient
from firmware.daemon import Daemon
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory
from tests.support.sound import compared, null_sink

RATE = 8000
TOLD_EVERY_S = 60.0
RECORDER_NICE = -10  # tipring-recorder.service
LIKE_HARDWARE = os.sched_param(10)


def noise(seconds: int) -> NDArray[np.int16]:
    """No two stretches alike, none of it silent, quiet enough not to clip."""
    return np.random.default_rng(7).integers(1, 8000, seconds * RATE, dtype=np.int16)


def like_hardware(pid: int) -> None:
    """Give every thread of a process real-time priority, or say that it cannot be had."""
    try:
        for thread in Path(f"/proc/{pid}/task").iterdir():
            os.sched_setscheduler(int(thread.name), os.SCHED_RR, LIKE_HARDWARE)
    except PermissionError:
        print("no real-time priority without root: what a busy player loses counts as silence")


def like_the_unit() -> None:
    """Give this process, the recorder, the priority that its unit gives it."""
    try:
        os.nice(RECORDER_NICE)
    except PermissionError:
        print("the priority of the recorder's unit cannot be had without root")


def main() -> int:
    """Record for so long, then compare."""
    parser = argparse.ArgumentParser("make soak", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    played = noise(options.minutes * 60)
    with tempfile.TemporaryDirectory() as name, null_sink(Path(name)) as sink:
        folder = Path(name)
        like_hardware(sink.pid)
        like_the_unit()
        config = replace(
            Config(),
            archive=ArchiveConfig(str(folder / "calls")),
            state=StateConfig(str(folder), str(folder / "control.sock")),
        )
        profile, factory = HatProfile.default(), line_factory()
        line = PinDriver(profile, factory)
        daemon = Daemon(config, AlsaCapture("line_in"), profile, lambda: factory)
        daemon.start()
        client = ControlClient(folder / "control.sock")
        time.sleep(3)
        line.apply("offhook", True)
        player = sink.play(played)
        like_hardware(player.pid)
        began = told = time.monotonic()
        while player.poll() is None:
            time.sleep(1)
            if time.monotonic() - told >= TOLD_EVERY_S:
                told += TOLD_EVERY_S
                print(f"{(told - began) / 60:.0f} min", client.request({"do": "state"}), flush=True)
        time.sleep(1)
        line.apply("offhook", False)
        archive = Archive(folder / "calls")
        while not archive.calls():
            time.sleep(0.1)
        daemon.stop()
        [call] = archive.calls()
        stored, _ = soundfile.read(folder / "calls" / call["audio"], dtype="int16")
    bad, filled = compared(played, stored)
    print(
        f"gaps: {call['gaps']}; frames stored {call['frames_stored']} of {call['frames_expected']}"
    )
    print(f"silence that the player left between the samples: {filled}")
    print(f"{len(played)} tried, {bad} bad")
    return 1 if bad or call["gaps"] else 0


if __name__ == "__main__":
    sys.exit(main())

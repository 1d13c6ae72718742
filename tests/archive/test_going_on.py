"""A call that the recorder breaks off again and again is one call, each sample in its place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.keeper import Entered, Keeper
from firmware.archive.recording import Recording
from firmware.archive.volume import Volumes
from tests.archive.support import RATE, RECORD, STEP, numbers

BOOT = "this run of the machine"
BEGAN = 100.0


class Run:
    """One life of the recorder, which begins at a time of the monotonic clock."""

    def __init__(self, folder: Path, at: float) -> None:
        self.at = at
        self.archive = Archive(folder, rebuild=False)
        self.keeper = Keeper(self.archive, Volumes(folder), clock=lambda: self.at)
        self.keeper.start(BOOT)
        self.held = self._go_on()

    def _go_on(self) -> Recording:
        record: dict[str, Any] = {**RECORD, "boot_id": BOOT, "audio_monotonic": self.at}
        return self.keeper.resume(record) or self.keeper.begin(record)

    def capture(self, seconds: float) -> None:
        """Samples tell their own time."""
        for _ in range(round(seconds * RATE / STEP)):
            first = round((self.at - BEGAN) * RATE)
            self.held.write(first, numbers(STEP, first))
            self.at += STEP / RATE

    def killed(self) -> None:
        """Nothing is closed; the system takes the lock from the file."""
        self.held._parts[-1].leave()


@pytest.mark.parametrize("captured", [(2.0, 0.0, 2.0, 2.0, 2.0), (0.0, 0.0, 2.0, 0.0, 2.0, 1.0)])
def test_runs_that_stored_nothing_move_no_sample(
    tmp_path: Path, captured: tuple[float, ...]
) -> None:
    wanted = np.zeros(round(5.0 * len(captured) * RATE), dtype=np.int16)
    at = BEGAN
    for number, seconds in enumerate(captured):
        run = Run(tmp_path, at)
        run.capture(seconds)
        first, count = round((at - BEGAN) * RATE), round(seconds * RATE)
        wanted[first : first + count] = numbers(count, first)
        if number < len(captured) - 1:
            run.killed()
        at += 5.0
    run.keeper.finish(run.held, RECORD)
    [call] = [one.record for one in run.keeper.stop() if isinstance(one, Entered)]
    path = run.archive.audio_path(call["id"])
    heard, _ = soundfile.read(path, dtype="int16")
    assert np.array_equal(heard, wanted[: len(heard)])
    assert len(heard) == round((run.at - BEGAN) * RATE)
    assert len(run.archive.calls()) == 1

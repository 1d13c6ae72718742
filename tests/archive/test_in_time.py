"""A medium that stops is left within 2 s; files stay below what any medium can hold."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import master, recording
from firmware.archive.errors import ArchiveError
from firmware.archive.lane import Job
from firmware.archive.recording import Recording
from firmware.archive.volume import FOLDER, Volumes
from firmware.archive.waiting import Waiting
from firmware.archive.writer import HEADER_BYTES
from tests.archive.support import RATE, RECORD, STEP, numbers

GOAL_S = 2.0
FAT32_BYTES = 2**32 - 1  # the longest file; a WAV's length has as many bits


class Bus:
    """Does jobs at once, until it hangs: from then on what the first lane is given waits."""

    def __init__(self) -> None:
        self.hangs = False
        self.waiting: list[Job] = []
        self._lanes = 0

    def lane(self) -> "BusLane":
        self._lanes += 1
        return BusLane(self, first=self._lanes == 1)


class BusLane:
    def __init__(self, bus: Bus, first: bool) -> None:
        self._bus, self._first = bus, first

    def submit(self, job: Job) -> None:
        if self._bus.hangs and self._first:
            self._bus.waiting.append(job)
        else:
            job()

    def end(self) -> None:
        """Nothing ends."""


@pytest.mark.parametrize("how", ["hangs", "fails"])
@pytest.mark.parametrize("after_s", [0.0, 1.0, 3.13])
def test_recording_is_on_the_other_medium_within_two_seconds(
    tmp_path: Path, how: str, after_s: float
) -> None:
    (tmp_path / "media/stick").mkdir(parents=True)
    volumes = Volumes(tmp_path / "home", tmp_path / "media", is_mount=Path.is_dir)
    volumes.scan()
    at, bus = 100.0, Bus()
    record = {**RECORD, "id": "01a20f00-0000-7000-8000-000000000000"}
    held = Recording(record, volumes, bus.lane, lambda: at, Waiting())

    def talk(seconds: float) -> None:
        nonlocal at
        for _ in range(round(seconds * RATE / STEP)):
            held.write(held.frames, numbers(STEP, held.frames))
            held.poll()
            at += STEP / RATE

    talk(after_s)
    if how == "hangs":
        bus.hangs = True
    else:
        held._parts[-1].error = ArchiveError("the stick: Input/output error")
    stopped = at
    while not list((tmp_path / "home").rglob("*.part.wav")):
        talk(STEP / RATE)
        assert at - stopped < 10.0
    assert at - stopped <= GOAL_S
    talk(3.0)
    held.close()
    held.poll()
    assert held.poll()
    [part] = (tmp_path / "home").rglob("*.part.wav")
    [other] = (tmp_path / "media/stick" / FOLDER).rglob("*.part.wav")
    facts = held.facts()
    assert facts["gaps"] == []
    assert facts["frames_stored"] == held.frames
    stored = part.stat().st_size - HEADER_BYTES
    assert facts["parts"][-1]["frames"] * 2 == stored
    assert other.exists()


def test_no_file_is_longer_than_fat32_and_a_wav_header_can_hold(tmp_path: Path) -> None:
    one_piece = 2 * RATE  # a part ends with the piece that reaches its length
    assert recording.PART_BYTES + HEADER_BYTES + one_piece < FAT32_BYTES
    noise = np.random.default_rng(1).integers(-32768, 32767, 10 * RATE).astype(np.int16)
    soundfile.write(tmp_path / "noise.flac", noise, RATE, "PCM_16")
    longest = (tmp_path / "noise.flac").stat().st_size / noise.nbytes  # nothing to be saved
    assert master.MASTER_BYTES * longest < FAT32_BYTES

"""With the page under load and FLAC encoding running, no sample is lost."""

import tempfile
import threading
import time
import urllib.error
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.daemon import Daemon
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory
from scripts.bench.areas.web import PASSWORD, Visitor
from scripts.bench.process import free_address, started, wait_for
from tests.archive.support import RATE, Feed, numbers
from tests.support.sound import null_sink
from web.auth import SetupCode

SECONDS = 15
BROWSERS = 4


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


class Load:
    """Browsers that list, open and play without a pause, and an encoder that never ends."""

    def __init__(self, folder: Path, address: str, visitor: Visitor, call: str) -> None:
        self._stop = threading.Event()
        self._visitor, self._call, self._folder = visitor, call, folder
        self.pages = self.encoded = 0
        self._threads = [threading.Thread(target=self._browse) for _ in range(BROWSERS)]
        self._threads.append(threading.Thread(target=self._encode))

    def __enter__(self) -> "Load":
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for one in self._threads:
            one.join()

    def _browse(self) -> None:
        while not self._stop.is_set():
            self._visitor.get("/")
            self._visitor.get(f"/calls/{self._call}")
            self._visitor.get(f"/calls/{self._call}/audio.mp3")
            self.pages += 3

    def _encode(self) -> None:
        hour = np.resize(numbers(60 * RATE), 600 * RATE)
        while not self._stop.is_set():
            soundfile.write(self._folder / "hour.flac", hour, RATE, "PCM_16")
            self.encoded += 1


def _answers(visitor: Visitor) -> bool:
    try:
        visitor.get("/healthz")
    except (urllib.error.URLError, OSError):
        return False
    return True


def test_the_page_under_load_and_an_encoder_cost_no_sample(folder: Path) -> None:
    earlier = Feed(folder / "calls").call(5.0, duration_s=5.0)["id"]
    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls"), media=""),
        state=StateConfig(str(folder), str(folder / "control.sock")),
    )
    code = SetupCode.ensure(folder / "state") or ""
    address = free_address()
    words = ["-m", "web.serve", "--bind", address, "--archive", str(folder / "calls")]
    words += ["--control", str(folder / "control.sock"), "--state", str(folder / "state")]
    spoken = numbers(SECONDS * RATE)
    with null_sink(folder) as sink, started(*words):
        visitor = Visitor(address)
        wait_for(lambda: _answers(visitor))
        visitor.post("/setup", code=code, password=PASSWORD, again=PASSWORD)
        profile, factory = HatProfile.default(), line_factory()
        line = PinDriver(profile, factory)
        daemon = Daemon(config, AlsaCapture("line_in"), profile, lambda: factory)
        daemon.start()
        time.sleep(1)
        with Load(folder, address, visitor, earlier) as load:
            line.apply("offhook", True)
            assert sink.play(spoken).wait(timeout=120) == 0
            time.sleep(1)
            line.apply("offhook", False)
            time.sleep(1)
        daemon.stop()
    assert not daemon.failed.is_set()
    assert load.pages > 10
    assert load.encoded > 0
    archive = Archive(folder / "calls")
    [call] = [one for one in archive.calls() if one["id"] != earlier and one["kind"] == "call"]
    assert call["gaps"] == []
    assert call["frames_stored"] == call["frames_expected"]
    stored = soundfile.read(archive.audio_path(call["id"]), dtype="int16")[0]
    wanted = spoken[RATE : RATE + 100]
    begin = next(
        at - RATE
        for at in np.flatnonzero(stored == wanted[0])
        if np.array_equal(stored[at : at + 100], wanted)
    )
    assert np.array_equal(stored[begin : begin + len(spoken)], spoken)

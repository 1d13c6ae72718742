"""The unmodified recorder through the real pyalsaaudio: a minute comes out sample by sample."""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from firmware.archive import Archive
from firmware.archive.completeness import judge
from firmware.audio.capture import AlsaCapture
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.control import ControlClient
from firmware.daemon import Daemon
from firmware.findings import JUDGED
from firmware.line.profile import HatProfile
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.levels import to_int16
from firmware.simulator.pins import PinDriver, line_factory
from tests.support.sound import compared, null_sink

SOUND_ALARMS = {f"recording-{code}" for code in JUDGED}
PROMPTS = Path("/usr/share/asterisk/sounds")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def prompts(seconds: int) -> NDArray[np.int16]:
    """Recorded voices, one after the other."""
    parts, have = [], 0
    for path in sorted(PROMPTS.glob("en*/*.wav")):
        sound, rate = soundfile.read(path, dtype="int16")
        assert rate == 8000
        parts.append(sound)
        have += len(sound)
        if have >= seconds * 8000:
            break
    joined: NDArray[np.int16] = np.concatenate(parts)[: seconds * 8000]
    assert len(joined) == seconds * 8000
    return joined


def test_a_minute_of_recorded_voices_is_stored_sample_by_sample(folder: Path) -> None:
    spoken = prompts(60)
    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls")),
        state=StateConfig(str(folder), str(folder / "control.sock")),
    )
    with null_sink(folder) as sink:
        profile, factory = HatProfile.default(), line_factory()
        line = PinDriver(profile, factory)
        daemon = Daemon(config, AlsaCapture("line_in"), profile, lambda: factory)
        daemon.start()
        time.sleep(3)
        line.apply("offhook", True)
        player = sink.play(spoken)
        assert player.wait(timeout=120) == 0
        time.sleep(1)
        line.apply("offhook", False)
        archive = Archive(folder / "calls")
        for _ in range(200):
            if calls := archive.calls():
                break
            time.sleep(0.05)
        [call] = calls
        # One voice speaks all the prompts: whether they are equally loud is a matter of a decibel.
        wrong = {f"recording-{reason.code}" for reason in judge(call)} & SOUND_ALARMS
        assert wrong <= {"recording-one-sided"}
        control = ControlClient(folder / "control.sock")
        for _ in range(200):  # a call is judged a moment after it is in the list
            alarms = control.request({"do": "state"})["alarms"].keys()
            if alarms - {"clock-unsure"} == wrong:
                break
            time.sleep(0.05)
        # What sets the clock is this machine's business.
        assert alarms - {"clock-unsure"} == wrong
        daemon.stop()
    assert not daemon.failed.is_set()
    stored, _ = soundfile.read(folder / "calls" / call["audio"], dtype="int16")
    assert call["gaps"] == []
    assert call["frames_stored"] == call["frames_expected"] == len(stored)
    assert 61 < len(stored) / 8000 < 75
    # Silence is nowhere to be told from silence: the voices themselves are looked for.
    heard = spoken[np.flatnonzero(spoken)]
    assert compared(heard, stored[np.flatnonzero(stored)])[0] == 0


def test_at_16_khz_a_dialled_number_is_heard_and_the_master_keeps_the_rate(folder: Path) -> None:
    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls")),
        audio=replace(Config().audio, rate=16000),
        state=StateConfig(str(folder), str(folder / "control.sock")),
    )
    dialled = to_int16(dtmf.sequence("0226304075", 16000, 80.0, 80.0))
    with null_sink(folder, 16000) as sink:
        profile, factory = HatProfile.default(), line_factory()
        line = PinDriver(profile, factory)
        daemon = Daemon(config, AlsaCapture("line_in", 16000), profile, lambda: factory)
        daemon.start()
        time.sleep(3)
        line.apply("offhook", True)
        assert sink.play(dialled).wait(timeout=60) == 0
        time.sleep(1)
        line.apply("offhook", False)
        archive = Archive(folder / "calls")
        for _ in range(200):
            if calls := archive.calls():
                break
            time.sleep(0.05)
        daemon.stop()
    assert not daemon.failed.is_set()
    [call] = calls
    assert call["dialled"] == "0226304075"
    assert soundfile.info(folder / "calls" / call["audio"]).samplerate == 16000


def test_recorded_voices_hold_no_digits_and_no_callers(folder: Path) -> None:
    from firmware.signals.bank import DecoderBank

    bank, heard, seconds = DecoderBank(), [], 0.0
    for path in sorted(PROMPTS.glob("en*/*.wav")):
        sound, rate = soundfile.read(path, dtype="float32")
        heard += [(path.name, signal) for signal in bank.feed(sound)]
        seconds += len(sound) / rate
    assert seconds > 600
    assert heard == []

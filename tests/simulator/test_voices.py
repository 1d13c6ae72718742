"""The voices in the repository are short, small and at their level."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.simulator.generators.levels import active_level_dbm0
from firmware.simulator.voices import (
    FOLDER,
    UnknownVoice,
    find_voice,
    load_voice,
    voice_names,
)


def test_there_are_two_people_in_each_of_two_languages() -> None:
    assert {"pl-collector", "pl-owner", "en-collector", "en-owner"} <= set(voice_names())


@pytest.mark.parametrize("name", voice_names())
def test_a_voice_is_8_khz_mono_and_as_loud_as_the_others(name: str) -> None:
    facts = soundfile.info(FOLDER / f"{name}.flac")
    assert (facts.samplerate, facts.channels, facts.subtype) == (8000, 1, "PCM_16")
    assert 1.0 <= facts.duration <= 8.0
    data, _rate = soundfile.read(FOLDER / f"{name}.flac")
    assert active_level_dbm0(data, 8000) == pytest.approx(-16.0, abs=0.1)
    assert np.abs(data).max() < 0.99


def test_all_voices_together_are_small() -> None:
    assert sum(path.stat().st_size for path in FOLDER.glob("*.flac")) < 400_000


def test_a_voice_comes_at_the_rate_and_level_asked_for() -> None:
    path = find_voice("pl-owner-hello", Path())
    low, high = load_voice(path, 8000, -30.0), load_voice(path, 16000, -30.0)
    assert len(high) == pytest.approx(2 * len(low), abs=2)
    assert active_level_dbm0(low, 8000) == pytest.approx(-30.0, abs=0.1)
    assert active_level_dbm0(high, 16000) == pytest.approx(-30.0, abs=0.1)


def test_any_sound_file_beside_the_scenario_will_do(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "own.wav", np.full((4410, 2), 0.1), 44100)
    sound = load_voice(find_voice("own.wav", tmp_path), 8000, -16.0)
    assert len(sound) == pytest.approx(800, abs=2)


def test_an_unknown_or_broken_voice_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnknownVoice, match="'nobody'"):
        find_voice("nobody", tmp_path)
    (tmp_path / "bad.wav").write_bytes(b"not sound")
    with pytest.raises(UnknownVoice, match=r"bad\.wav cannot be read"):
        load_voice(find_voice("bad.wav", tmp_path), 8000, -16.0)

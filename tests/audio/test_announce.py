"""What is played into the line is never too loud, whatever it is made of."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.audio import announce
from firmware.audio.announce import AnnouncementUnusable, loudest_dbm
from firmware.audio.frames import Samples

IMPEDANCE = 600.0


def into_600_ohm(samples: Samples, rate: int, gain_db: float = 0.0) -> float:
    """The loudest 3 s in dBm, the long way: volts across 600 ohm, window by window.

    A full-scale sine is +3.14 dBm: 0 dBm into 600 ohm is 0.7746 V.
    """
    full_scale_v = np.sqrt(1e-3 * IMPEDANCE * 10 ** ((3.14 + gain_db) / 10)) * np.sqrt(2)
    silence = np.zeros(3 * rate)
    volts = np.concatenate((silence, samples / 32767.0, silence)) * full_scale_v
    window = 3 * rate
    power = [
        float(np.mean(np.square(volts[at : at + window]))) / IMPEDANCE
        for at in range(0, len(volts) - window + 1, rate // 50)
    ]
    return float(10 * np.log10(max(power) / 1e-3))


@pytest.mark.parametrize("rate", [8000, 16000])
@pytest.mark.parametrize("language", announce.LANGUAGES)
def test_the_announcements_keep_to_the_bound_and_are_not_faint(language: str, rate: int) -> None:
    for gain in (0.0, 6.0, -3.0):
        sound = announce.announcement(language, rate, gain)
        level = into_600_ohm(sound, rate, gain)
        assert level <= -9.0
        assert level >= -18.5  # speech on a line is at about -16
    assert 1.0 < len(sound) / rate < 4.0


def test_the_beep_is_1400_hz_for_half_a_second() -> None:
    sound = announce.beep(8000)
    assert len(sound) == 4000
    spectrum = np.abs(np.fft.rfft(sound))
    assert np.argmax(spectrum) * 2.0 == pytest.approx(1400.0)
    assert into_600_ohm(sound, 8000) <= -9.0
    assert abs(int(sound[0])) < 50


def test_beeps_every_15_seconds_with_an_announcement_before_them_keep_to_the_bound() -> None:
    gap = np.zeros(15 * 8000, np.int16)
    parts = [announce.announcement("pl", 8000), gap, announce.beep(8000), gap, announce.beep(8000)]
    assert into_600_ohm(np.concatenate(parts), 8000) <= -9.0


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.floats(0.05, 9.0),
    st.floats(-6.0, 9.0),
    st.sampled_from(["noise", "clicks", "tone", "square"]),
)
def test_no_sound_of_any_kind_or_length_comes_out_louder(
    seed: int, seconds: float, gain: float, kind: str
) -> None:
    rng = np.random.default_rng(seed)
    count = round(seconds * 8000)
    made = {
        "noise": lambda: rng.normal(0, 3, count),
        "clicks": lambda: (rng.random(count) < 0.01) * 1.0,
        "tone": lambda: np.sin(np.arange(count) * rng.uniform(0.2, 3)),
        "square": lambda: np.sign(np.sin(np.arange(count) * rng.uniform(0.2, 3))),
    }[kind]()
    sound = announce.bounded(made, 8000, gain)
    assert into_600_ohm(sound, 8000, gain) <= -9.0
    assert np.max(np.abs(sound.astype(int)), initial=0) < 32767


def test_the_measure_agrees_with_the_long_way() -> None:
    rng = np.random.default_rng(2)
    sound = (rng.normal(0, 3000, 50000)).astype(np.int16)
    sound[:20000] //= 4
    assert loudest_dbm(sound / 32767.0, 8000) == pytest.approx(into_600_ohm(sound, 8000), abs=0.05)


def test_the_owners_wav_is_played_at_the_bound_whatever_it_was(tmp_path: Path) -> None:
    path = tmp_path / "own.wav"
    loud = np.sign(np.sin(np.arange(44100 * 4) / 20))
    soundfile.write(path, np.stack((loud, loud), axis=1), 44100)
    sound = announce.own_announcement(path, 8000)
    assert into_600_ohm(sound, 8000) <= -9.0
    assert len(sound) == pytest.approx(32000, abs=2)


@pytest.mark.parametrize(
    ("seconds", "scale", "said"),
    [(25.0, 0.5, "takes 25.0"), (0.1, 0.5, "takes 0.1"), (3.0, 0.0, "silent")],
)
def test_an_unusable_wav_is_refused_with_the_reason(
    tmp_path: Path, seconds: float, scale: float, said: str
) -> None:
    path = tmp_path / "own.wav"
    soundfile.write(path, scale * np.sin(np.arange(round(seconds * 8000)) / 5), 8000)
    with pytest.raises(AnnouncementUnusable, match=said):
        announce.own_announcement(path, 8000)


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.wav"
    path.write_bytes(b"RIFF" + bytes(100))
    with pytest.raises(AnnouncementUnusable, match="no sound file"):
        announce.own_announcement(path, 8000)

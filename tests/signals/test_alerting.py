"""CAS and DT-AS are told, each once, in noise and off frequency; speech and other tones are not."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.events import AlertingTone
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators.dtmf import sequence, shaped
from firmware.simulator.generators.levels import amplitude, rms
from firmware.simulator.generators.tones import tone
from firmware.simulator.voices import find_voice, load_voice

RATE = 8000
LEAD = 1777


def alert(  # type: ignore[no-untyped-def]
    seconds: float,
    level: float = -15.0,
    low_hz: float = 2130.0,
    high_hz: float = 2750.0,
    twist: float = 0.0,
    rise_ms: float = 1.0,
):
    """Both tones; `level` in dBm0 of the stronger, `twist` is the higher over the lower in dB."""
    time = np.arange(round(seconds * RATE)) / RATE
    low = amplitude(level + min(0.0, -twist)) * np.sin(2 * np.pi * low_hz * time)
    high = amplitude(level + min(0.0, twist)) * np.sin(2 * np.pi * high_hz * time)
    return shaped(low + high, RATE, rise_ms)


def heard(sound: np.ndarray, snr: float | None = None, level: float = -12.0, seed: int = 1):  # type: ignore[no-untyped-def]
    """What is told of the sound between silences; `snr` of white noise under `level`."""
    samples = np.concatenate([np.zeros(LEAD), sound, np.zeros(4000)])
    if snr is not None:
        noise = np.random.default_rng(seed).standard_normal(len(samples))
        samples = samples + rms(level - snr) * noise
    decoder = ToneDecoder()
    found = [*decoder.feed(samples.astype(np.float32)), *decoder.flush()]
    assert all(isinstance(one, AlertingTone) for one in found)
    return found


@pytest.mark.parametrize("seconds", [0.075, 0.080, 0.085, 0.088, 0.100, 0.110])
@pytest.mark.parametrize("snr", [None, 10.0])
def test_the_lengths_of_both_standards_are_told_with_beginning_and_end(
    seconds: float, snr: float | None
) -> None:
    [told] = heard(alert(seconds), snr)
    assert told.start == pytest.approx(LEAD, abs=0.004 * RATE)
    assert told.end == pytest.approx(LEAD + seconds * RATE, abs=0.004 * RATE)
    assert told.level_dbm0 == pytest.approx(-12.0, abs=0.5)


@pytest.mark.parametrize("place", range(0, 160, 13))
def test_it_does_not_matter_where_in_a_block_it_begins(place: int) -> None:
    for seconds in (0.075, 0.085, 0.110):
        assert len(heard(np.concatenate((np.zeros(place), alert(seconds))), 12.0)) == 1


@pytest.mark.parametrize("level", [-45.0, -32.0, -14.0, -5.0, -3.0])
def test_levels_down_to_forty_five_below(level: float) -> None:
    assert len(heard(alert(0.08, level))) == 1


@pytest.mark.parametrize("off", [-0.011, -0.005, 0.005, 0.011])
def test_frequencies_within_the_tolerance_are_told(off: float) -> None:
    assert len(heard(alert(0.08, low_hz=2130 * (1 + off), high_hz=2750 * (1 + off)), 15.0)) == 1
    assert len(heard(alert(0.1, low_hz=2130 * (1 + off), high_hz=2750 * (1 - off)), 15.0)) == 1


@pytest.mark.parametrize("off", [-0.03, 0.03])
def test_frequencies_three_percent_off_are_not(off: float) -> None:
    assert heard(alert(0.08, low_hz=2130 * (1 + off))) == []
    assert heard(alert(0.08, high_hz=2750 * (1 + off))) == []


@pytest.mark.parametrize("twist", [-6.0, 6.0])
def test_twist_of_six_decibels_is_told(twist: float) -> None:
    assert len(heard(alert(0.08, twist=twist), 15.0)) == 1


def test_too_short_too_long_too_quiet_and_one_tone_alone_are_not() -> None:
    assert heard(alert(0.045)) == []
    assert heard(alert(0.2)) == []
    assert heard(alert(1.0)) == []
    assert heard(alert(0.08, -60.0)) == []
    assert heard(alert(0.08, twist=25.0)) == []


def test_two_alerts_in_a_row_are_two() -> None:
    pair = np.concatenate((alert(0.08), np.zeros(1600), alert(0.1)))
    assert len(heard(pair)) == 2


def test_it_is_heard_beside_a_quieter_voice() -> None:
    voice = load_voice(find_voice("pl-owner", Path()), RATE, -30.0)[: 4 * RATE]
    voice[2 * RATE : 2 * RATE + 640] += alert(0.08, -15.0)
    told = [one for one in heard(voice) if abs(one.start - LEAD - 2 * RATE) < 100]
    assert len(told) == 1


def test_dtmf_fax_tones_and_caller_id_are_no_alerts() -> None:
    from firmware.simulator.generators import caller_id, fsk

    assert heard(sequence("0123456789ABCD*#", RATE, 80, 80)) == []
    bits = fsk.burst_bits(caller_id.mdmf("11240915", "221234567", "JAN"), 300, 180)
    for standard in (fsk.BELLCORE, fsk.V23):
        assert heard(fsk.modulate(bits, RATE, standard, -13.5, 0.0)) == []
    assert heard(tone("howler", RATE, 3.0)) == []


def test_recorded_voices_hold_no_alerts() -> None:
    decoder, found, seconds = ToneDecoder(), [], 0.0
    for path in sorted(Path("/usr/share/asterisk/sounds").glob("en*/*.wav")):
        sound, rate = soundfile.read(path, dtype="float32")
        found += decoder.feed(sound)
        seconds += len(sound) / rate
    assert seconds > 600
    assert found == []


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0.075, 0.110),
    st.floats(-38.0, -3.0),
    st.floats(-0.008, 0.008),
    st.floats(-4.0, 4.0),
    st.integers(0, 400),
    st.integers(0, 10_000),
)
def test_every_alert_within_the_standards_is_told_once(
    seconds: float, level: float, off: float, twist: float, place: int, seed: int
) -> None:
    sound = alert(seconds, level, 2130 * (1 + off), 2750 * (1 + off), twist, 3.0)
    assert len(heard(np.concatenate((np.zeros(place), sound)), 15.0, level, seed)) == 1


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 900), min_size=1, max_size=8))
def test_the_cut_of_the_stream_changes_nothing(sizes: list[int]) -> None:
    parts = [np.zeros(1000), alert(0.08), np.zeros(3000), alert(0.1), np.zeros(500)]
    samples = np.concatenate(parts).astype(np.float32)
    whole = ToneDecoder()
    expected = [*whole.feed(samples), *whole.flush()]
    assert len(expected) == 2
    decoder, found, at, turn = ToneDecoder(), [], 0, 0
    while at < len(samples):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(samples[at : at + size])
        at, turn = at + size, turn + 1
    assert [*found, *decoder.flush()] == expected

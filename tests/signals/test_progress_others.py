"""Special and fax tones are told; what is no tone is not."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.plans import load_plans
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators import caller_id, fsk
from firmware.simulator.generators.dtmf import sequence
from firmware.simulator.generators.line import hum
from firmware.simulator.generators.tones import ansam, steady, tone
from tests.signals.progress import LEAD, RATE, began, heard, line, over, quiet


def test_sit_is_its_three_steps_in_the_european_and_the_american_form() -> None:
    [told] = over(heard(line(tone("sit", RATE, 0.99), quiet(3))))
    assert (told.name, told.plan) == ("sit", "ITU")
    assert told.start == pytest.approx(LEAD, abs=100)
    american = [(913.8, 0.274), (1370.6, 0.274), (1776.7, 0.380)]
    parts = [
        0.1 * np.sin(2 * np.pi * hertz * np.arange(round(on * RATE)) / RATE)
        for hertz, on in american
    ]
    assert [told.name for told in over(heard(line(*parts, quiet(3))))] == ["sit"]
    assert heard(line(*reversed(parts), quiet(3))) == []


def test_a_sit_that_repeats_is_told_once() -> None:
    [told] = over(heard(line(tone("sit", RATE, 5.9), quiet(3))))
    assert told.end == pytest.approx(LEAD + (2 * 1.99 + 0.99) * RATE, abs=0.02 * RATE)


def test_fax_tones_are_told() -> None:
    calling = tone("cng", RATE, 11.0, -15.0)
    answer = tone("ced", RATE, 3.0, -15.0)
    found = over(heard(line(calling, quiet(4), answer, quiet(2))))
    assert [(told.name, told.plan) for told in found] == [("cng", "ITU"), ("ced", "ITU")]
    assert found[1].end - found[1].start == pytest.approx(3.0 * RATE, abs=160)


def test_the_modem_answer_tone_with_its_reversals_is_one_tone() -> None:
    found = over(heard(line(ansam(RATE, 3.5), quiet(2))))
    assert [told.name for told in found] == ["ced"]
    assert found[0].end - found[0].start == pytest.approx(3.5 * RATE, abs=0.05 * RATE)


def test_noise_silence_hum_and_a_steady_voice_band_tone_are_no_tones() -> None:
    noise = np.random.default_rng(3).normal(0, 0.2, 60 * RATE)
    assert heard(line(noise)) == []
    assert heard(line(quiet(20))) == []
    assert heard(line(hum(20 * RATE, RATE, -10.0))) == []
    whistle = 0.2 * np.sin(2 * np.pi * 1000 * np.arange(20 * RATE) / RATE)
    assert over(heard(line(whistle))) == []


CALL_WAITING = {  # E.180 Supplement 2 and SIN 350, as Asterisk's indications.conf carries them
    "PL": ((425.0,), (0.15, 0.15, 0.15, 4.0)),
    "DE": ((425.0,), (0.2, 0.2, 0.2, 5.0)),
    "UK": ((400.0,), (0.25, 0.25, 0.25, 0.25, 0.25, 5.0)),
    "US": ((440.0,), (0.3, 10.0)),
    "IT": ((425.0,), (0.4, 0.1, 0.25, 0.1, 0.15, 14.0)),
    "SE": ((425.0,), (0.2, 0.5, 0.2, 9.1)),
    "CZ": ((425.0,), (0.33, 9.0)),
    "NL": ((425.0,), (0.5, 9.5)),
    "FR": ((440.0,), (0.3, 10.0)),
}


@pytest.mark.parametrize("own", CALL_WAITING)
def test_call_waiting_tones_in_a_call_are_not_taken_for_busy(own: str) -> None:
    hertz, times = CALL_WAITING[own]
    parts = []
    for on, off in zip(times[::2], times[1::2], strict=True):
        parts += [steady(hertz, round(on * RATE), RATE, -20.0), quiet(off)]
    for country_of_line in (own, None):
        found = began(heard(line(*parts * 4), country_of_line))
        assert [one.name for one in found if one.name in ("busy", "reorder", "ringback")] == []


def test_digits_and_caller_id_are_no_tones() -> None:
    digits = sequence("0123456789ABCD*#" * 4, RATE, 80, 80)
    bits = fsk.burst_bits(caller_id.mdmf("11240915", "221234567", "JAN"), 300, 180)
    bursts = [fsk.modulate(bits, RATE, kind, -13.5, 0.0) for kind in (fsk.BELLCORE, fsk.V23)]
    assert heard(line(digits, quiet(1), *bursts, quiet(3))) == []


def test_recorded_voices_hold_no_tones() -> None:
    """A part of the talk-off that the benchmark plays in full: every language, and music."""
    decoder, found, seconds = ToneDecoder(load_plans("PL"), "PL"), [], 0.0
    for path in sorted(Path("/usr/share/asterisk/sounds").glob("en*/*.wav")):
        sound, rate = soundfile.read(path, dtype="float32")
        found += decoder.feed(sound)
        seconds += len(sound) / rate
    assert seconds > 600
    assert found == []


def test_odd_samples_do_no_harm() -> None:
    decoder = ToneDecoder(load_plans("PL"), "PL")
    odd = np.array([np.nan, np.inf, -np.inf, 1e30, -1e38] * 4000, np.float32)
    square = np.sign(np.sin(2 * np.pi * 425 * np.arange(4 * RATE) / RATE)).astype(np.float32)
    direct = np.full(4 * RATE, 0.9, np.float32)
    for part in (odd, direct, square, odd, np.zeros(0, np.float32)):
        decoder.feed(part)
    found = decoder.feed(line(quiet(6), tone("busy", RATE, 5.0), quiet(3)))
    assert [told.name for told in over(found)][-1] == "busy"
    decoder.flush()

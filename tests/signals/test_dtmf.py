"""DTMF is heard as the standards say (Q.23, Q.24, ES 201 235-3), and nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from firmware.signals.dtmf import DtmfDecoder
from firmware.simulator.generators import impairments, tones
from firmware.simulator.generators.dtmf import pair
from firmware.simulator.generators.levels import to_int16
from firmware.simulator.generators.line import hum, noise
from tests.support.digits import ALL, LEVEL_DBM0, RATE, dialled, events, heard, in_noise
from tests.support.digits import random_digits as some


@pytest.mark.parametrize("on", [35, 40, 50, 80, 500, 1300])
def test_every_digit_is_heard_once(on: float) -> None:
    assert heard(dialled(ALL, on=on, off=35)) == ALL


@pytest.mark.parametrize("pause", [35, 40, 80])
def test_the_same_digit_again_is_two_digits(pause: float) -> None:
    assert heard(dialled("5" * 20, on=35, off=pause)) == "5" * 20


def test_a_digit_has_its_start_its_end_and_its_level() -> None:
    sound = dialled("19", on=100, off=100, level=-17)
    first, second = events(sound)
    assert first.start == pytest.approx(800, abs=16)
    assert first.end == pytest.approx(1600, abs=16)
    assert second.start == pytest.approx(2400, abs=16)
    assert first.level_dbm0 == pytest.approx(-17, abs=0.3)


def test_a_digit_is_told_within_150_ms_of_its_end() -> None:
    for lead in range(0, 640, 40):
        sound = np.concatenate((np.zeros(lead), dialled("7"), np.zeros(RATE // 5)))
        samples = sound.astype(np.float32)
        decoder, told = DtmfDecoder(), 0
        for place in range(0, len(samples), 40):
            if decoder.feed(samples[place : place + 40]):
                told = place + 40
                break
        ended = lead + 800 + 400
        assert ended < told <= ended + 0.150 * RATE


@pytest.mark.parametrize("level", [0, -10, -25, -40, -45])
def test_levels_from_0_to_minus_45_dbm0_are_accepted(level: float) -> None:
    assert heard(to_int16(dialled(ALL, level=level)) / 32768.0) == ALL


def test_below_minus_55_dbm0_nothing_is_heard() -> None:
    assert heard(dialled(ALL, level=-55)) == ""
    assert heard(dialled(ALL, level=-60)) == ""


@pytest.mark.parametrize("twist", [-10, -8, -4, 4, 6])
def test_a_column_10_db_weaker_to_6_db_stronger_is_accepted(twist: float) -> None:
    assert heard(dialled(ALL, twist=twist)) == ALL


@pytest.mark.parametrize("twist", [-20, -14, 14, 20])
def test_twist_of_14_db_and_more_is_rejected(twist: float) -> None:
    assert heard(dialled(ALL, twist=twist)) == ""


@pytest.mark.parametrize("off", [-0.018, -0.015, 0.015, 0.018])
@pytest.mark.parametrize("on", [35, 50])
def test_frequencies_within_1_8_percent_are_accepted(off: float, on: float) -> None:
    assert heard(dialled(ALL, on=on, off=on, deviation=off)) == ALL


@pytest.mark.parametrize("off", [-0.06, -0.05, -0.035, 0.035, 0.05, 0.06])
@pytest.mark.parametrize("on", [50, 200])
def test_frequencies_3_5_percent_off_are_rejected(off: float, on: float) -> None:
    assert heard(dialled(ALL, on=on, deviation=off)) == ""


@pytest.mark.parametrize("which", [0, 1])
def test_one_frequency_3_5_percent_off_is_enough_to_reject(which: int) -> None:
    angle = 2 * np.pi * np.arange(800) / RATE
    hertz = [852.0, 1336.0]
    for sign in (-1, 1):
        off = [one * (1 + sign * 0.035 * (place == which)) for place, one in enumerate(hertz)]
        tone = 0.15 * (np.sin(off[0] * angle) + np.sin(off[1] * angle))
        assert heard(np.concatenate((np.zeros(800), tone, np.zeros(800)))) == ""


@pytest.mark.parametrize("on", [5, 10, 15, 19, 20, 22.5])
def test_tones_shorter_than_23_ms_are_rejected(on: float) -> None:
    for pause in (on, 50):
        assert heard(dialled(ALL + "5" * 20, on=on, off=pause)) == ""


@pytest.mark.parametrize("at", [20, 45, 70])
@pytest.mark.parametrize("length", [3, 7, 10])
def test_an_interruption_of_up_to_10_ms_does_not_split_a_digit(at: float, length: float) -> None:
    for digit in "15D":
        tone = impairments.interrupted(pair(digit, RATE, 100), RATE, at, length)
        assert heard(np.concatenate((np.zeros(800), tone, np.zeros(800)))) == digit


@pytest.mark.parametrize("at", [10, 25, 40, 55])
def test_ten_milliseconds_lost_from_a_digit_leave_it_whole(at: float) -> None:
    for digit in ALL:
        tone = impairments.dropped(pair(digit, RATE, 80), RATE, at, 10)
        assert heard(np.concatenate((np.zeros(800), tone, np.zeros(800)))) == digit


def test_white_noise_as_strong_as_the_digits_loses_none() -> None:
    random = np.random.default_rng(1)
    sent = some(300, random)
    assert heard(in_noise(dialled(sent), 0, random)) == sent


def test_noise_2_db_stronger_than_the_digits_loses_one_in_a_hundred_at_most() -> None:
    random = np.random.default_rng(2)
    sent = some(400, random)
    got = heard(in_noise(dialled(sent), -2, random))
    assert 396 <= len(got) <= 400


@pytest.mark.parametrize("off", [-0.035, 0.035])
def test_noise_makes_no_wrong_frequency_right(off: float) -> None:
    random = np.random.default_rng(3)
    assert heard(in_noise(dialled(some(100, random), deviation=off), 0, random)) == ""


@pytest.mark.parametrize("plan", ["pl", "us", "uk"])
def test_digits_over_a_dial_tone_as_strong_as_they_are(plan: str) -> None:
    sound = dialled(ALL)
    each = LEVEL_DBM0 - (0 if plan == "pl" else 3)
    dial = tones.tone("dial", RATE, len(sound) / RATE, each, plan)
    assert heard(sound + dial[: len(sound)]) == ALL


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_digits_over_hum_as_strong_as_they_are(mains: float) -> None:
    sound = dialled(ALL)
    assert heard(sound + hum(len(sound), RATE, LEVEL_DBM0, mains)) == ALL


@pytest.mark.parametrize(("delay", "level"), [(5, -10), (16, -12), (30, -15), (40, -20)])
def test_an_echo_neither_hides_nor_doubles_a_digit(delay: float, level: float) -> None:
    assert heard(impairments.echoed(dialled(ALL), RATE, delay, level)) == ALL


@pytest.mark.parametrize("over", [3, 6, 12, 20])
def test_clipped_digits_are_heard(over: float) -> None:
    assert heard(impairments.clipped(dialled(ALL, level=0), over)) == ALL


@pytest.mark.parametrize("level", [0, -20, -40])
def test_a_law_coded_digits_are_heard(level: float) -> None:
    assert heard(impairments.a_law(dialled(ALL, level=level))) == ALL


def test_noise_alone_is_no_digit() -> None:
    random = np.random.default_rng(4)
    for level in (-40.0, -20.0, -3.0):
        assert heard(noise(60 * RATE, level, random)) == ""


@pytest.mark.parametrize("name", ["dial", "busy", "ringback", "sit", "cng", "ced", "cas", "howler"])
@pytest.mark.parametrize("plan", ["pl", "us", "uk"])
def test_tones_of_the_network_are_no_digits(name: str, plan: str) -> None:
    assert heard(tones.tone(name, RATE, 10, -10, plan)) == ""


@pytest.mark.parametrize("row", [697, 770, 852, 941])
def test_one_tone_alone_is_no_digit(row: float) -> None:
    assert heard(0.3 * np.sin(2 * np.pi * row * np.arange(RATE) / RATE)) == ""


def test_two_rows_or_three_tones_are_no_digit() -> None:
    angle = 2 * np.pi * np.arange(800) / RATE
    for hertz in ((697, 852), (1209, 1477), (697, 852, 1336), (770, 1209, 1477)):
        tone = sum(0.2 * np.sin(one * angle) for one in hertz)
        assert heard(np.concatenate((np.zeros(800), tone, np.zeros(800)))) == "", hertz

"""Call progress tones are told by country, early, once."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from firmware.simulator.generators.line import hum
from firmware.simulator.generators.tones import cadence, steady, tone
from firmware.simulator.voices import find_voice, load_voice
from tests.signals.progress import (
    ALL_PLANS,
    CASES,
    LEAD,
    RATE,
    SAME_CADENCE,
    began,
    country,
    heard,
    last_burst_end,
    line,
    over,
    quiet,
)


@pytest.mark.parametrize(("plan", "name"), CASES)
@pytest.mark.parametrize("snr", [None, 6.0])
def test_each_tone_of_each_country_is_told_once_with_its_beginning_and_end(
    plan: str, name: str, snr: float | None
) -> None:
    found = heard(line(tone(name, RATE, 18.0, -15.0, plan), quiet(8), snr=snr), country(plan))
    [told] = over(found)
    [start] = began(found)
    expected = SAME_CADENCE.get((plan, name), name)
    assert (told.name, told.plan) == (expected, country(plan))
    assert (start.name, start.plan, start.start) == (told.name, told.plan, told.start)
    assert told.start == pytest.approx(LEAD, abs=0.012 * RATE)
    end = LEAD + last_burst_end(plan, name, 18.0) * RATE
    assert told.end == pytest.approx(end, abs=0.02 * RATE)
    double = len(cadence(name, plan)[0].hertz) == 2
    assert told.level_dbm0 == pytest.approx(-15.0 + 3.0 * double, abs=0.7)


@pytest.mark.parametrize(
    ("plan", "name", "seconds"),
    [
        ("pl", "busy", 2.25),
        ("us", "reorder", 1.25),
        ("cz", "reorder", 0.9),
        ("pl", "ringback", 2.6),
        ("us", "ringback", 3.6),
        ("uk", "ringback", 2.6),
        ("pl", "dial", 1.3),
        ("us", "dial", 1.1),
    ],
)
def test_a_tone_is_told_as_soon_as_it_is_certain(plan: str, name: str, seconds: float) -> None:
    [start] = began(heard(line(tone(name, RATE, 12.0, plan=plan), quiet(6)), country(plan)))
    assert LEAD < start.end <= LEAD + seconds * RATE


@pytest.mark.parametrize(("plan", "name"), CASES)
def test_tones_from_abroad_are_known_without_the_own_country(plan: str, name: str) -> None:
    found = heard(line(tone(name, RATE, 20.0, plan=plan), quiet(8)), own=None)
    [told] = over(found)
    # With all plans alike two names may share a cadence: Spain's busy is Italy's congestion.
    names = {t.name for p in ALL_PLANS for t in p.tones if _like(t, plan, name)}
    assert told.name in names


def _like(other, plan: str, name: str) -> bool:  # type: ignore[no-untyped-def]
    parts = cadence(name, plan)
    if len(parts) != len(other.steps):
        return False
    return all(
        np.allclose(step.hertz, part.hertz, atol=16)
        and (step.on == part.on or abs(step.on - part.on) <= 0.1 * step.on + 0.03)
        for step, part in zip(other.steps, parts, strict=True)
    )


@pytest.mark.parametrize("deviation", [-0.03, -0.015, 0.015, 0.03])
@pytest.mark.parametrize("name", ["dial", "busy", "ringback"])
def test_frequencies_may_be_off_by_three_percent(name: str, deviation: float) -> None:
    sound = tone(name, RATE, 12.0, deviation=deviation)
    assert [told.name for told in over(heard(line(sound, quiet(6))))] == [name]


@pytest.mark.parametrize("deviation", [-0.09, 0.09])
@pytest.mark.parametrize("name", ["dial", "busy", "ringback"])
def test_frequencies_nine_percent_off_are_no_polish_tone(name: str, deviation: float) -> None:
    sound = tone(name, RATE, 12.0, deviation=deviation)
    assert [told for told in over(heard(line(sound, quiet(6)))) if told.plan == "PL"] == []


@pytest.mark.parametrize("stretch", [0.92, 1.08])
@pytest.mark.parametrize(("on", "off", "name"), [(0.5, 0.5, "busy"), (1.0, 4.0, "ringback")])
def test_the_cadence_may_be_eight_percent_off(
    on: float, off: float, name: str, stretch: float
) -> None:
    burst = tone("dial", RATE, on * stretch)
    cycle = np.concatenate((burst, quiet(off * stretch)))
    [told] = over(heard(line(np.tile(cycle, 4), quiet(6))))
    assert (told.name, told.plan) == (name, "PL")


def test_a_cadence_of_no_country_is_no_tone() -> None:
    cycle = np.concatenate((tone("dial", RATE, 0.75), quiet(0.15)))
    assert heard(line(np.tile(cycle, 8), quiet(6))) == []


@pytest.mark.parametrize("level", [-40.0, -30.0, -3.0, 0.0])
def test_levels_from_forty_below_to_full_scale(level: float) -> None:
    found = over(heard(line(tone("busy", RATE, 6.0, level), quiet(3))))
    assert [told.name for told in found] == ["busy"]
    assert found[0].level_dbm0 == pytest.approx(level, abs=0.5)


def test_hum_ten_decibels_below_does_no_harm() -> None:
    sound = line(tone("ringback", RATE, 12.0, -15.0), quiet(6))
    sound = sound + hum(len(sound), RATE, -25.0).astype(np.float32)
    assert [told.name for told in over(heard(sound))] == ["ringback"]


def test_a_dropped_ten_milliseconds_does_not_split_a_tone() -> None:
    sound = line(tone("busy", RATE, 8.0), quiet(3))
    for at in (LEAD + 2000, LEAD + 9500, LEAD + 33_333):
        sound[at : at + 80] = 0
    assert [told.name for told in over(heard(sound))] == ["busy"]


def test_talk_over_one_burst_of_ringback_leaves_the_others() -> None:
    sound = line(tone("ringback", RATE, 26.0, -20.0), quiet(6))
    voice = load_voice(find_voice("pl-owner", Path()), RATE, -18.0)[: 2 * RATE]
    at = LEAD + 10 * RATE - 4000
    sound[at : at + len(voice)] += voice.astype(np.float32)
    found = over(heard(sound))
    assert {told.name for told in found} == {"ringback"}
    assert found[0].start == pytest.approx(LEAD, abs=100)
    assert found[-1].end == pytest.approx(LEAD + 26 * RATE, abs=0.02 * RATE)


def test_talk_in_a_pause_ends_ringback_and_the_next_burst_starts_it_again() -> None:
    sound = line(tone("ringback", RATE, 26.0, -20.0), quiet(6))
    voice = load_voice(find_voice("pl-owner", Path()), RATE, -18.0)[: 3 * RATE]
    at = LEAD + 11 * RATE + 4000  # in the pause after the third burst
    sound[at : at + len(voice)] += voice.astype(np.float32)
    first, second = over(heard(sound))
    assert first.end == pytest.approx(LEAD + 11 * RATE, abs=100)
    assert second.start == pytest.approx(LEAD + 15 * RATE, abs=100)
    assert second.end == pytest.approx(LEAD + 26 * RATE, abs=160)


@pytest.mark.parametrize("snr", [20.0, 10.0, 5.0])
def test_steady_noise_in_the_pauses_is_no_talk(snr: float) -> None:
    sound = line(tone("ringback", RATE, 26.0, -20.0), quiet(6), snr=snr, level=-20.0)
    assert len(over(heard(sound))) == 1


def test_ringback_that_is_answered_in_a_burst_ends_there() -> None:
    sound = line(tone("ringback", RATE, 5.4, -20.0), quiet(3))
    [told] = over(heard(sound))
    assert told.end == pytest.approx(LEAD + 5.4 * RATE, abs=0.02 * RATE)


def test_ringback_then_busy_are_two_tones_in_their_order() -> None:
    sound = line(tone("ringback", RATE, 11.0), quiet(1.3), tone("busy", RATE, 6.0), quiet(3))
    found = over(heard(sound))
    assert [told.name for told in found] == ["ringback", "busy"]
    assert found[1].start == pytest.approx(LEAD + 12.3 * RATE, abs=100)


def test_the_own_country_wins_where_its_plan_fits() -> None:
    sound = line(tone("busy", RATE, 6.0, plan="de"), quiet(3))
    assert over(heard(sound, "DE"))[0].plan == "DE"
    assert over(heard(sound, "PL"))[0].plan == "PL"
    [told] = over(heard(sound, None))
    assert replace(told, plan="") == replace(over(heard(sound, "DE"))[0], plan="")


def test_busy_that_becomes_a_continuous_tone_is_over_when_it_does() -> None:
    found = over(heard(line(tone("busy", RATE, 5.0), steady((425.0,), 4 * RATE, RATE, -13.0))))
    assert [told.name for told in found] == ["busy", "dial"]
    assert found[0].end == pytest.approx(LEAD + 4.5 * RATE, abs=160)


@pytest.mark.parametrize(("plan", "name"), [("pl", "busy"), ("pl", "ringback"), ("uk", "ringback")])
def test_tones_pass_through_a_law_coding_and_an_echo(plan: str, name: str) -> None:
    sound = line(tone(name, RATE, 14.0, -20.0, plan), quiet(6)).astype(np.float64)
    sound[240:] += 0.4 * sound[:-240]
    coded = np.sign(sound) * np.expm1(np.round(np.log1p(87.6 * abs(sound)) * 24) / 24) / 87.6
    [told] = over(heard(coded.astype(np.float32), country(plan)))
    assert (told.name, told.plan) == (name, country(plan))

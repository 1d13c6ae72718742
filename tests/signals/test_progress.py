"""Call progress and fax tones are told by country, early, once, and nothing else is."""

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.events import Signal, Tone, ToneStarted
from firmware.plans import load_plans
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators import caller_id, fsk
from firmware.simulator.generators.dtmf import sequence
from firmware.simulator.generators.levels import rms
from firmware.simulator.generators.line import hum
from firmware.simulator.generators.tones import PLANS, ansam, cadence, steady, tone
from firmware.simulator.voices import find_voice, load_voice

RATE = 8000
LEAD = 1777  # samples of silence before the tone: no multiple of anything
ALL_PLANS = load_plans()
CASES = [(plan, name) for plan, tones in PLANS.items() for name in tones]
SAME_CADENCE = {("pl", "reorder"): "busy"}  # Poland sends congestion as busy


def country(plan: str) -> str:
    return plan.upper()


def quiet(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def line(*parts: np.ndarray, snr: float | None = None, level: float = -15.0, seed: int = 1):  # type: ignore[no-untyped-def]
    """The parts behind LEAD samples, with white noise `snr` dB below `level`."""
    samples = np.concatenate([np.zeros(LEAD), *parts])
    if snr is not None:
        noise = np.random.default_rng(seed).standard_normal(len(samples))
        samples = samples + rms(level - snr) * noise
    return samples.astype(np.float32)


def heard(samples: np.ndarray, own: str | None = "PL") -> list[Signal]:
    decoder = ToneDecoder(load_plans(own), own)
    return [*decoder.feed(samples), *decoder.flush()]


def over(signals: list[Signal]) -> list[Tone]:
    return [signal for signal in signals if isinstance(signal, Tone)]


def began(signals: list[Signal]) -> list[ToneStarted]:
    return [signal for signal in signals if isinstance(signal, ToneStarted)]


def last_burst_end(plan: str, name: str, duration: float) -> float:
    """Seconds from the tone's beginning to the end of its last burst within `duration`."""
    parts, at, end, number = cadence(name, plan), 0.0, 0.0, 0
    while at < duration - 1e-6:
        part = parts[number % len(parts)]
        end = min(duration, at + part.on)
        at, number = at + part.on + part.off, number + 1
    return end


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


TALK = load_voice(find_voice("en-owner", Path()), RATE, -16.0)[: 2 * RATE]
SIGNALS = line(
    quiet(0.2),
    tone("dial", RATE, 1.6, -12.0),
    quiet(0.7),
    tone("ringback", RATE, 6.0, -18.0),
    quiet(0.9),
    TALK,
    quiet(1.1),
    tone("ringback", RATE, 1.0, -18.0),
    quiet(0.9),
    tone("cas", RATE, 0.12, -15.0),
    quiet(0.5),
    tone("sit", RATE, 0.99, -15.0),
    quiet(0.4),
    tone("busy", RATE, 3.7, -18.0),
    snr=15,
    level=-18.0,
)
WHOLE = heard(SIGNALS)


def test_the_signals_of_the_cutting_tests_are_all_there() -> None:
    names = [getattr(told, "name", "cas") for told in WHOLE if not isinstance(told, ToneStarted)]
    assert sorted(names) == ["busy", "cas", "dial", "ringback", "ringback", "sit"]


def cut(sizes: list[int]) -> list[Signal]:
    decoder, found, at, turn = ToneDecoder(load_plans("PL"), "PL"), [], 0, 0
    while at < len(SIGNALS):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(SIGNALS[at : at + size])
        at, turn = at + size, turn + 1
    return [*found, *decoder.flush()]


def in_order(signals: list[Signal]) -> list[Signal]:
    """An alerting tone is told between others earlier or later by the batch; the rest in order."""
    return sorted(signals, key=lambda signal: (signal.end, signal.start, type(signal).__name__))


@pytest.mark.parametrize("size", [7, 160, 801, 40_000])
def test_pieces_of_any_size_give_identical_tones(size: int) -> None:
    assert in_order(cut([size])) == in_order(WHOLE)


def test_single_samples_give_identical_tones() -> None:
    decoder, found = ToneDecoder(load_plans("PL"), "PL"), []
    part = SIGNALS[: 3 * RATE]
    for sample in part:
        found += decoder.feed(np.array([sample], np.float32))
    assert [*found, *decoder.flush()] == heard(part)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(1, 5000), min_size=1, max_size=12))
def test_the_cut_of_the_stream_changes_nothing(sizes: list[int]) -> None:
    assert in_order(cut(sizes)) == in_order(WHOLE)


def test_tones_of_one_stream_never_overlap_and_each_began_before_it_was_over() -> None:
    told = over(WHOLE)
    for earlier, later in pairwise(sorted(told, key=lambda one: one.start)):
        assert earlier.end <= later.start
    starts = {(one.name, one.start) for one in began(WHOLE)}
    assert starts == {(one.name, one.start) for one in told}


def test_memory_does_not_grow_with_the_stream() -> None:
    import tracemalloc

    decoder = ToneDecoder(load_plans("PL"), "PL")
    minute = np.tile(line(tone("busy", RATE, 8.0), quiet(2), snr=20)[: 10 * RATE], 6)
    decoder.feed(minute)
    tracemalloc.start()
    decoder.feed(minute)
    before = tracemalloc.get_traced_memory()[0]
    for _ in range(20):
        decoder.feed(minute)
    grown = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert grown < 100_000


def test_the_own_country_wins_where_its_plan_fits() -> None:
    sound = line(tone("busy", RATE, 6.0, plan="de"), quiet(3))
    assert over(heard(sound, "DE"))[0].plan == "DE"
    assert over(heard(sound, "PL"))[0].plan == "PL"
    [told] = over(heard(sound, None))
    assert replace(told, plan="") == replace(over(heard(sound, "DE"))[0], plan="")


HERTZ = st.sampled_from([(425.0,), (440.0,), (350.0, 440.0), (480.0, 620.0), (950.0,), (1100.0,)])
TIMES = st.sampled_from([0.1, 0.2, 0.25, 0.5, 1.0, 1.5, 2.0, 4.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(HERTZ, TIMES, TIMES), min_size=1, max_size=14), st.integers(0, 159))
def test_whatever_bursts_come_tones_have_a_length_their_order_and_each_its_beginning(
    bursts: list[tuple[tuple[float, ...], float, float]], place: int
) -> None:
    parts = [np.zeros(place)]
    for hertz, on, off in bursts:
        parts += [steady(hertz, round(on * RATE), RATE, -15.0), quiet(off)]
    samples = line(*parts)
    found = heard(samples)
    told = over(found)
    assert [(one.name, one.start) for one in began(found)] == [(t.name, t.start) for t in told]
    for one in told:
        assert 0 <= one.start < one.end <= len(samples) + 160
    for earlier, later in pairwise(told):
        assert earlier.end <= later.start + 160


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


def test_twenty_milliseconds_of_any_sound_take_few_steps() -> None:
    """No sound makes the decoder look at a window more often than it has blocks."""
    from firmware.signals.steady import Pitch

    calls = 0
    find = Pitch.find

    def counted(self, parts):  # type: ignore[no-untyped-def]
        nonlocal calls
        calls += 1
        return find(self, parts)

    time = np.arange(10 * RATE) / RATE
    sweep = 0.3 * np.sin(2 * np.pi * (330 * time + 8 * time**2))
    decoder = ToneDecoder(load_plans("PL"), "PL")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pitch, "find", counted)
        decoder.feed(sweep.astype(np.float32))
    assert 0 < calls <= len(sweep) / 160

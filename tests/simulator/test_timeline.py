"""A timeline keeps the laws of a line, whatever the scenario."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.simulator import steps
from firmware.simulator.generators.levels import level_dbm0
from firmware.simulator.scenario import Scenario, builtin_names, load_scenario
from firmware.simulator.stage import PINS
from firmware.simulator.timeline import Timeline, build


def scenario(*played: steps.Step, seed: int = 1, rate: int = 8000) -> Scenario:
    return Scenario("test", "", rate, seed, played, {})


def times(timeline: Timeline, pin: str, active: bool | None = None) -> list[float]:
    return [
        edge.time
        for edge in timeline.pins
        if edge.pin == pin and (active is None or edge.active == active)
    ]


def assert_lawful(timeline: Timeline) -> None:
    moments = [edge.time for edge in timeline.pins]
    assert moments == sorted(moments)
    assert moments[0] == 0.0
    assert moments[-1] <= timeline.duration - 3.0 + 1e-9
    for pin in PINS:
        levels = [edge.active for edge in timeline.pins if edge.pin == pin]
        assert levels == [number % 2 == 0 for number in range(len(levels))]
    assert {edge.pin for edge in timeline.pins} <= set(PINS)
    assert times(timeline, "line_ok")[0] == 0.0
    assert all(edge.time >= 1.0 for edge in timeline.pins if edge.time > 0.0)
    assert timeline.samples.dtype == np.int16


@pytest.mark.parametrize("name", builtin_names())
def test_every_built_in_scenario_is_lawful_and_repeatable(name: str) -> None:
    first, again = build(load_scenario(name)), build(load_scenario(name))
    assert_lawful(first)
    assert first.pins == again.pins
    assert np.array_equal(first.samples, again.samples)
    assert np.mean(np.abs(first.samples.astype(int)) >= 32767) == 0


ANY_STEP = st.one_of(
    st.builds(steps.Ring, st.integers(1, 3), st.floats(0.1, 2), st.floats(0.1, 2), st.floats(0, 1)),
    st.builds(steps.LiftHandset),
    st.builds(steps.HangUp),
    st.builds(steps.DialPulses, st.text("0123456789", min_size=1, max_size=3)),
    st.builds(steps.DialDtmf, st.text("0123456789*#ABCD", min_size=1, max_size=3)),
    st.builds(steps.Flash, st.floats(0.01, 1.5)),
    st.builds(steps.Say, st.just("pl-owner-hello"), background=st.booleans()),
    st.builds(steps.PlayTone, st.just("busy"), duration=st.floats(0.01, 2)),
    st.builds(steps.Silence, st.floats(0.001, 2)),
    st.builds(steps.Join),
    st.builds(steps.Reversal),
    st.builds(steps.Cut),
    st.builds(steps.Restore),
    st.builds(steps.PressFlag, st.floats(0.02, 2)),
    st.builds(steps.Noise, st.floats(-80, -20), st.floats(0, 2)),
    st.builds(steps.Hum, st.floats(-80, -20), duration=st.floats(0, 2)),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANY_STEP, max_size=25), st.integers(0, 1000))
def test_any_possible_order_of_steps_gives_a_lawful_timeline(
    drawn: list[steps.Step], seed: int
) -> None:
    possible: tuple[steps.Step, ...] = ()
    for step in drawn:
        if steps.out_of_order((*possible, step)) is None:
            possible += (step,)
    assert_lawful(build(scenario(*possible, seed=seed)))


def test_ringing_toggles_at_25_hertz_for_one_second_in_five() -> None:
    timeline = build(scenario(steps.Ring(bursts=2)))
    on, off = times(timeline, "ring", True), times(timeline, "ring", False)
    assert len(on) == len(off) == 50
    assert [b - a for a, b in zip(on, off, strict=True)] == pytest.approx([0.02] * 50)
    gaps = [b - a for a, b in pairwise(on)]
    assert gaps[:24] == pytest.approx([0.04] * 24)
    assert on[0] == 1.0
    assert on[25] == pytest.approx(6.0)


def test_ten_seconds_follow_ringing_that_nobody_answered_and_three_any_other() -> None:
    assert build(scenario(steps.Ring())).duration == pytest.approx(12.0, abs=0.03)
    answered = scenario(steps.Ring(), steps.LiftHandset(), steps.Silence(1.0), steps.HangUp())
    assert build(answered).duration == pytest.approx(6.0, abs=0.03)


def test_a_rotary_digit_is_so_many_breaks_of_60_milliseconds() -> None:
    timeline = build(scenario(steps.LiftHandset(), steps.Silence(0.5), steps.DialPulses("30")))
    breaks, makes = times(timeline, "offhook", False), times(timeline, "offhook", True)[1:]
    assert len(breaks) == len(makes) == 13
    for begin, end in zip(breaks, makes, strict=True):
        assert end - begin == pytest.approx(0.06)
    assert breaks[1] - breaks[0] == pytest.approx(0.1)
    assert breaks[3] - makes[2] >= 0.7
    clicks = timeline.samples[round(breaks[0] * 8000) :][:8]
    assert np.abs(clicks).max() > 1000


def test_a_cut_takes_the_loop_current_and_the_voice_with_it() -> None:
    timeline = build(
        scenario(
            steps.LiftHandset(),
            steps.Say("pl-collector", background=True),
            steps.Silence(2.0),
            steps.Cut(),
            steps.Silence(4.0),
            steps.Restore(),
            steps.Silence(1.0),
        )
    )
    assert times(timeline, "line_ok") == [0.0, 3.0, 7.0]
    assert times(timeline, "offhook") == [1.0, 3.0, 7.0]
    quiet = timeline.samples[round(3.1 * 8000) : round(6.9 * 8000)] / 32768.0
    assert level_dbm0(quiet) == pytest.approx(-65.0, abs=0.5)


def test_a_handset_put_down_while_the_line_is_cut_stays_down() -> None:
    timeline = build(
        scenario(
            steps.LiftHandset(), steps.Silence(1.0), steps.Cut(), steps.HangUp(), steps.Restore()
        )
    )
    assert times(timeline, "offhook") == [1.0, 2.0]


def test_the_far_voice_can_be_thirty_decibels_weaker() -> None:
    levels = []
    for level in (-12.0, -42.0):
        timeline = build(scenario(steps.LiftHandset(), steps.Say("pl-collector", "far", level)))
        levels.append(level_dbm0(timeline.samples[8200:60000] / 32768.0))
    assert levels[0] - levels[1] == pytest.approx(30.0, abs=0.2)


def test_background_sounds_overlap_and_join_waits_for_them() -> None:
    timeline = build(
        scenario(
            steps.LiftHandset(),
            steps.PlayTone("dial", duration=2.0, level=-20.0, background=True),
            steps.PressFlag(0.2),
            steps.Join(),
            steps.HangUp(),
        )
    )
    assert times(timeline, "flag") == pytest.approx([1.0, 1.2])
    assert times(timeline, "offhook") == pytest.approx([1.0, 3.0])


def test_noise_and_hum_last_as_long_as_asked() -> None:
    timeline = build(scenario(steps.Noise(-30.0, 2.0), steps.Silence(4.0)))
    second = [timeline.samples[8000 * at : 8000 * (at + 1)] / 32768.0 for at in range(5)]
    found = [level_dbm0(part) for part in second]
    assert found == pytest.approx([-65.0, -30.0, -30.0, -65.0, -65.0], abs=0.3)


def test_the_noisy_scenario_has_caller_id_at_15_decibels() -> None:
    quiet = build(load_scenario("noisy")).samples
    before = quiet[round(2.05 * 8000) : round(2.45 * 8000)] / 32768.0
    spectrum = np.abs(np.fft.rfft(before)) ** 2
    hertz = np.fft.rfftfreq(len(before), 1 / 8000)
    white = spectrum[hertz > 500].mean() * len(spectrum) * 2 / len(before) ** 2
    assert level_dbm0(np.full(10, np.sqrt(white))) == pytest.approx(-28.5, abs=0.5)


def test_another_seed_gives_other_noise_and_the_same_edges() -> None:
    one, two = build(scenario(steps.Ring(), seed=1)), build(scenario(steps.Ring(), seed=2))
    assert one.pins == two.pins
    assert not np.array_equal(one.samples, two.samples)


def test_a_scenario_at_16_kilohertz_has_the_same_times() -> None:
    played = (steps.LiftHandset(), steps.Say("en-owner-hello"), steps.HangUp())
    low, high = build(scenario(*played)), build(scenario(*played, rate=16000))
    assert high.duration == pytest.approx(low.duration, abs=0.01)
    assert len(high.samples) == pytest.approx(2 * len(low.samples), abs=200)

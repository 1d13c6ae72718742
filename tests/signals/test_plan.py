"""Tone plans are data: one file a country, each with its source, checked when they are read."""

import math

import pytest

from firmware.config import COUNTRIES
from firmware.plans import FOLDER, load_plans
from firmware.signals.plan import PlanError, plan_of

GOOD = {
    "country": "PL",
    "name": "Poland",
    "source": "a standard",
    "tone": [{"name": "busy", "hertz": [425], "cadence": [0.5, 0.5]}],
}


def test_every_country_that_can_be_chosen_has_its_file_with_a_source() -> None:
    plans = {plan.country: plan for plan in load_plans()}
    assert set(plans) == {*COUNTRIES, "ITU"} - {"any"}
    assert len(plans) == len(list(FOLDER.glob("*.toml")))
    for plan in plans.values():
        assert len(plan.source) > 20
        names = {tone.name for tone in plan.tones}
        assert names >= ({"sit", "cng", "ced"} if plan.country == "ITU" else {"dial", "busy"})


def test_the_own_country_comes_first() -> None:
    assert load_plans("SE")[0].country == "SE"
    assert [plan.country for plan in load_plans("any")] == [p.country for p in load_plans()]


def test_a_tone_without_a_cadence_is_continuous_and_frequencies_are_in_order() -> None:
    table = {"name": "dial", "hertz": [440, 350]}
    [tone] = plan_of({**GOOD, "tone": [table]}).tones
    assert tone.continuous
    assert tone.steps[0].hertz == (350.0, 440.0)
    assert math.isinf(tone.cycle)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": ""}, "source"),
        ({"tone": []}, "tone"),
        ({"tone": [{"name": "hum", "hertz": [50]}]}, "'hum'.*busy"),
        ({"tone": [{"name": "busy", "hertz": [50]}]}, "busy: hertz"),
        ({"tone": [{"name": "busy", "hertz": []}]}, "busy: hertz"),
        ({"tone": [{"name": "busy", "hertz": [425], "cadence": [0.5]}]}, "busy: cadence"),
        ({"tone": [{"name": "busy", "hertz": [425], "cadence": [0, 0.5]}]}, "busy: .*time on"),
    ],
)
def test_a_plan_that_is_wrong_says_where(change: dict[str, object], said: str) -> None:
    with pytest.raises(PlanError, match=said):
        plan_of({**GOOD, **change})

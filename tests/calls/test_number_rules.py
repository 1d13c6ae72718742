"""A rule for a number holds in whatever form the number is written or sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.calls.number_rules import NumberRules, same

RULES = NumberRules.of([("+48 22 630 40 75", "never"), ("112", "never")], "PL")


@pytest.mark.parametrize(
    "number",
    [
        "226304075",
        "+48226304075",
        "0048226304075",
        "22 630 40 75",
        "(22) 630-40-75",
        "*31#226304075",
    ],
)
def test_every_form_of_a_number_has_its_rule(number: str) -> None:
    assert RULES.rule(number) == "never"


@pytest.mark.parametrize("number", [None, "", "P", "O", "withheld", "226304074", "2263040", "1123"])
def test_a_withheld_number_and_other_numbers_have_none(number: str | None) -> None:
    assert RULES.rule(number) is None


def test_the_same_nine_digits_in_another_country_are_another_caller() -> None:
    rules = NumberRules.of([("+48 61 812 34 56", "never")], "PL")
    assert rules.rule("+49618123456") is None
    assert rules.rule("618123456") == "never"


def test_a_number_that_is_in_no_plan_is_found_by_its_digits() -> None:
    assert same("221112233", ["+48 22 111 22 33"], "PL")
    assert same("+48221112233", ["221112233"], "PL")
    assert not same("221112234", ["221112233"], "PL")


def test_of_two_rules_for_one_number_the_later_counts() -> None:
    made = NumberRules.of([("226304075", "hold"), ("+48226304075", "never")], "PL")
    assert made.rule("226304075") == "never"


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_from_the_line_breaks_it(number: str, other: str) -> None:
    assert NumberRules.of([(other, "never")], "PL").rule(number) in (None, "never")


@given(st.from_regex(r"[1-9][0-9]{2,12}", fullmatch=True))
def test_a_number_always_has_the_rule_that_was_made_for_it(number: str) -> None:
    assert NumberRules.of([(number, "hold")], "PL").rule(number) == "hold"

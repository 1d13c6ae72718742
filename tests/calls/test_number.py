"""Numbers as the whole world writes them; what is none stays as it was sent."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.calls.number import normalised


@pytest.mark.parametrize(
    ("number", "country", "e164"),
    [
        ("221234567", "PL", "+48221234567"),
        ("0048221234567", "PL", "+48221234567"),
        ("+48221234567", "PL", "+48221234567"),
        ("2125550147", "US", "+12125550147"),
        ("02079460000", "UK", "+442079460000"),
        ("0301234567", "DE", "+49301234567"),
        ("0612345678", "IT", "+390612345678"),
        ("+48221234567", "any", "+48221234567"),
    ],
)
def test_a_number_is_normalised_as_seen_from_the_line(number: str, country: str, e164: str) -> None:
    assert normalised(number, country) == e164


@pytest.mark.parametrize("number", [None, "", "112", "*21#", "12", "221234567", "9" * 32, "+"])
def test_what_is_no_whole_number_is_not_guessed(number: str | None) -> None:
    assert normalised(number, "any") is None
    assert number == "221234567" or normalised(number, "PL") is None


@given(st.text(max_size=40), st.sampled_from(["PL", "UK", "US", "any"]))
def test_any_text_is_survived(text: str, country: str) -> None:
    made = normalised(text, country)
    assert made is None or (made.startswith("+") and made[1:].isdecimal())


def test_the_library_is_loaded_with_the_first_number_only() -> None:
    code = (
        "import sys; from firmware.calls.number import normalised;"
        "normalised('*21#', 'PL'); assert 'phonenumbers' not in sys.modules;"
        "normalised('221234567', 'PL'); assert 'phonenumbers' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)

"""Names and numbers from the line become clean text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.signals.text import clean, name_text, number_text

POLISH = (
    "Łukasz Źdźbło",
    "Żółw",
    "Małgorzata Święch",
    "Gęślarz",
    "JÓZEF ŻABIŃSKI",
    "Brzęczyszczykiewicz",
)


@pytest.mark.parametrize("name", POLISH)
@pytest.mark.parametrize("code", ["utf-8", "cp1250", "iso8859-2", "cp852"])
def test_polish_names_are_read_in_every_character_set_in_use(name: str, code: str) -> None:
    assert name_text(name.encode(code)) == name


@pytest.mark.parametrize("code", ["utf-8", "cp1252", "cp850"])
@pytest.mark.parametrize("name", ["José García", "Müller", "Sørensen", "Muñoz", "Françoise"])
def test_western_names_are_read_too(name: str, code: str) -> None:
    assert name_text(name.encode(code)) == name


@pytest.mark.parametrize("name", ["Dvořák", "Jiří Novák", "Žižka"])
def test_czech_names_are_read_too(name: str) -> None:
    assert name_text(name.encode("cp1250")) == name


def test_a_transliterated_name_stays_as_it_was_sent() -> None:
    assert name_text(b"LUKASZ ZDZBLO") == "LUKASZ ZDZBLO"


@given(st.binary(max_size=100))
def test_no_name_carries_control_characters(raw: bytes) -> None:
    name = name_text(raw)
    assert not any(unicodedata.category(one).startswith("C") for one in name)
    assert unicodedata.is_normalized("NFC", name)
    assert len(name) <= 64


@given(st.text(max_size=100))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not any(unicodedata.category(one).startswith("C") for one in once)


def test_letters_that_a_control_character_kept_apart_are_joined() -> None:
    assert clean("e\u200d\u0301") == "é"


@pytest.mark.parametrize(
    ("raw", "number"),
    [
        (b"221234567", "221234567"),
        (b"+48 22 123-45-67", "+48221234567"),
        (b"(212) 555-0147", "2125550147"),
        (b"*21#", "*21#"),
        (b"12?45", ""),
        (b"22\x00123", ""),
        (b"2+2", ""),
        (b"+", ""),
        (b"", ""),
        (b"\xb2\xb3", ""),
    ],
)
def test_a_number_is_what_can_be_dialled_or_nothing(raw: bytes, number: str) -> None:
    assert number_text(raw) == number

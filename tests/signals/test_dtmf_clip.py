"""The caller's number in DTMF is read in every form in use; what is missing says why."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware.events import CallerId, DtmfDigit
from firmware.signals.bank import DecoderBank
from firmware.signals.dtmf_clip import DtmfClipDecoder, read
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.line import noise

RATE = 8000


def digits_of(text: str, on: int = 480, off: int = 480, start: int = 8000) -> list[DtmfDigit]:
    return [
        DtmfDigit(start + place * (on + off), start + place * (on + off) + on, one, -10.0)
        for place, one in enumerate(text)
    ]


def told(text: str, **how: int) -> list[CallerId]:
    decoder, found = DtmfClipDecoder(), []
    for digit in digits_of(text, **how):
        found += decoder.feed(digit)
    return found + decoder.expire(10**9)


@pytest.mark.parametrize(
    ("sent", "number"),
    [
        ("A221234567C", "221234567"),  # FI, SE, NL, BE, IS, IN, BR, SA, UY
        ("A33661234#", "33661234"),  # DK
        ("D0212345678C", "0212345678"),  # TW, KW
        ("D33661234#", "33661234"),
        ("A221234567D229876543C", "221234567"),  # with the number it was redirected from
        ("A221234567D229876543B10C", "221234567"),
        ("A112C", "112"),
        ("C5551234#", "5551234"),
        ("A5551234D", "5551234"),
    ],
)
def test_the_number_is_read(sent: str, number: str) -> None:
    [message] = told(sent)
    assert (message.number, message.number_absent) == (number, None)
    assert message.standard == "dtmf"
    assert bytes.fromhex(message.raw_hex).decode() == sent
    assert (message.start, message.end) == (8000, 8000 + 960 * (len(sent) - 1) + 480)


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ("B00C", "unavailable"),
        ("B10C", "withheld"),
        ("AB10C", "withheld"),
        ("D229876543B10C", "withheld"),  # redirected, and the caller withheld the number
        ("D1#", "withheld"),
        ("D2#", "unavailable"),
        ("D3#", "unavailable"),
        ("B77C", "unavailable"),
        ("A12*45C", "not decoded"),
        ("A221234567", "not decoded"),  # no end code came
        ("A1C", "not decoded"),
        ("A" + "1" * 30 + "C", "not decoded"),
    ],
)
def test_a_missing_number_says_why(sent: str, why: str) -> None:
    [message] = told(sent)
    assert (message.number, message.number_absent) == (None, why)
    assert message.name_absent == "not sent"


@pytest.mark.parametrize("dialled", ["221234567", "5551234#", "*21*5551234#", "D", "A", "0"])
def test_what_a_person_dials_is_no_caller(dialled: str) -> None:
    assert told(dialled) == []


def test_a_pause_ends_a_message_and_a_new_one_begins() -> None:
    decoder, found = DtmfClipDecoder(), []
    for digit in [*digits_of("A2212"), *digits_of("A5551234C", start=20000)]:
        found += decoder.feed(digit)
    assert [(one.number, one.number_absent) for one in found] == [
        (None, "not decoded"),
        ("5551234", None),
    ]


def test_two_messages_in_one_gap_are_two() -> None:
    assert [one.number for one in told("A5551234CA5556789C")] == ["5551234", "5556789"]


def test_a_message_without_end_is_told_once_its_time_is_over() -> None:
    decoder = DtmfClipDecoder()
    last = digits_of("A5551234")[-1]
    for digit in digits_of("A5551234"):
        assert decoder.feed(digit) == []
    assert decoder.expire(last.end + RATE) == []
    [message] = decoder.expire(last.end + 2 * RATE)
    assert message.number_absent == "not decoded"
    assert decoder.expire(last.end + 4 * RATE) == []


@settings(max_examples=300)
@given(st.text("0123456789*#ABCD", max_size=80))
def test_any_digits_are_survived_and_a_number_is_digits(text: str) -> None:
    for message in told(text):
        assert (message.number is None) != (message.number_absent is None)
        assert message.number is None or message.number.isdigit()
        assert read(bytes.fromhex(message.raw_hex).decode()).number == message.number


@pytest.mark.parametrize("sent", ["A221234567C", "D0212345678C", "A33661234#"])
def test_it_is_heard_through_all_decoders(sent: str) -> None:
    random = np.random.default_rng(1)
    tones = dtmf.sequence(sent, RATE, 70, 70, -12)
    sound = np.concatenate((np.zeros(RATE), tones, np.zeros(3 * RATE)))
    samples = (sound + noise(len(sound), -30, random)).astype(np.float32)
    bank, found = DecoderBank(), []
    for place in range(0, len(samples), 160):
        found += bank.feed(samples[place : place + 160])
    calls = [one for one in found + bank.flush() if isinstance(one, CallerId)]
    assert [one.number for one in calls] == [sent[1:-1]]


def test_a_message_without_end_is_told_at_the_end_of_the_stream() -> None:
    sound = np.concatenate((np.zeros(RATE), dtmf.sequence("A5551234", RATE, 70, 70, -12)))
    bank = DecoderBank()
    found = [*bank.feed(sound.astype(np.float32)), *bank.flush()]
    calls = [one for one in found if isinstance(one, CallerId)]
    assert [one.number_absent for one in calls] == ["not decoded"]

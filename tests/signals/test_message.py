"""The message layer says what a message says, and believes nothing that it does not."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events import CallerId
from firmware.signals.message import message_of, parameters, plausible
from firmware.signals.parameters import NAMES
from firmware.simulator.generators import caller_id as exchange


def told(frame: bytes) -> CallerId:
    return message_of(frame, v23=True, whole=True)


def texts(message: CallerId) -> list[str]:
    more = [part for pair in message.parameters for part in pair]
    return [one for one in (message.number, message.name, message.when, *more) if one]


def test_every_parameter_is_kept_by_its_name() -> None:
    sent = [
        (0x01, b"11231430"),
        (0x02, b"221234567"),
        (0x03, b"227654321"),
        (0x07, b"JAN"),
        (0x0B, b"\xff"),
        (0x0D, b"\x01\x02\x03"),
        (0x0E, b"500600700"),
        (0x0F, b"11231429"),
        (0x10, b"48221234567"),
        (0x11, b"\x01"),
        (0x12, b"221112233"),
        (0x13, b"\x05"),
        (0x15, b"\x02"),
        (0x16, b"\x0f"),
        (0x1A, b"229998877"),
        (0x20, b"PLN0000000123*"),
        (0x21, b"PLN0000000001*"),
        (0x23, b"000130"),
        (0x30, b"NETWORK"),
        (0x31, b"CARRIER"),
        (0x40, b"\x01\x41"),
        (0x50, b"Dzie\xf1"),
        (0x55, b"\x01"),
        (0xE0, b"0480010001"),
    ]
    assert told(exchange.raw_mdmf(sent)).parameters == (
        ("date and time", "11231430"),
        ("calling line identity", "221234567"),
        ("called line identity", "227654321"),
        ("calling party name", "JAN"),
        ("visual indicator", "a message waits"),
        ("message identification", "010203"),
        ("last message calling line identity", "500600700"),
        ("complementary date and time", "11231429"),
        ("complementary calling line identity", "48221234567"),
        ("call type", "voice call"),
        ("first called line identity", "221112233"),
        ("network message system status", "5"),
        ("type of forwarded call", "forwarded on no reply"),
        ("type of calling user", "payphone"),
        ("redirecting number", "229998877"),
        ("charge", "PLN0000000123*"),
        ("additional charge", "PLN0000000001*"),
        ("duration of the call", "000130"),
        ("network provider identity", "NETWORK"),
        ("carrier identity", "CARRIER"),
        ("selection of terminal function", "0141"),
        ("display information", "Dzień"),
        ("service information", "01"),
        ("extension for network operator use", "0480010001"),
    )


def test_an_unknown_parameter_is_kept_raw() -> None:
    message = told(exchange.raw_mdmf([(0x5C, b"\x00\xfe"), (0x02, b"123456789")]))
    assert message.parameters[0] == ("0x5c", "00fe")
    assert message.number == "123456789"


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        (exchange.waiting_mdmf(True), "message-waiting"),
        (exchange.waiting_mdmf(True, [(0x02, b"500100100")]), "message-waiting"),
        (exchange.waiting_sdmf(True), "message-waiting"),
        (exchange.raw_mdmf([(0x02, b"500100100"), (0x11, b"\x81")]), "message-waiting"),
        (exchange.raw_mdmf([(0x02, b"500100100")], 0x86), "advice-of-charge"),
        (exchange.raw_mdmf([(0x02, b"500100100")], 0x89), "short-message"),
        (exchange.raw_mdmf([(0x02, b"500100100")], 0xF1), "other"),
    ],
)
def test_only_a_call_has_a_caller(frame: bytes, kind: str) -> None:
    message = told(frame)
    assert (message.kind, message.number, message.name) == (kind, None, None)
    assert message.raw_hex == frame.hex()


def test_the_lamp_for_waiting_messages_is_on_or_off() -> None:
    said = [told(frame).parameters[0][1] for frame in map(exchange.waiting_sdmf, (True, False))]
    assert said == ["a message waits", "no message waits"]
    assert told(exchange.waiting_mdmf(False)).parameters[0][1] == "no message waits"


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        ([(0x04, b"P")], "withheld"),
        ([(0x04, b"O")], "unavailable"),
        ([(0x04, b"C")], "unavailable"),
        ([(0x04, b"?")], "unavailable"),
        ([(0x02, b"P")], "withheld"),
        ([(0x02, b"O")], "unavailable"),
        ([], "not sent"),
        ([(0x02, b"")], "not sent"),
        ([(0x02, b"12?45")], "not decoded"),
        ([(0x02, b"ANONYMOUS")], "not decoded"),
    ],
)
def test_a_missing_number_says_why(sent: list[tuple[int, bytes]], why: str) -> None:
    message = told(exchange.raw_mdmf([(0x01, b"11231430"), *sent]))
    assert (message.number, message.number_absent) == (None, why)


def test_a_number_that_is_cut_off_is_not_shown() -> None:
    body = bytes([0x02, 10]) + b"12345"
    frame = exchange.with_checksum(bytes([0x80, len(body)]) + body)
    assert (told(frame).number, told(frame).number_absent) == (None, "not decoded")


def test_of_repeated_parameters_the_first_counts_and_all_are_kept() -> None:
    message = told(exchange.raw_mdmf([(0x02, b"111"), (0x02, b"222"), (0x07, b"A"), (0x07, b"B")]))
    assert (message.number, message.name) == ("111", "A")
    assert [value for _, value in message.parameters] == ["111", "222", "A", "B"]


def test_a_parameter_inside_a_parameter_is_only_its_value() -> None:
    inner = bytes([0x02, 3]) + b"999"
    message = told(exchange.raw_mdmf([(0x50, inner), (0x02, b"123456789")]))
    assert message.number == "123456789"
    assert told(exchange.raw_mdmf([(0x50, inner)])).number is None


@pytest.mark.parametrize("when", ["13011430", "02291430", "11232561", "00000000"])
def test_a_time_that_cannot_be_is_kept_as_it_was_sent(when: str) -> None:
    assert told(exchange.mdmf(when=when, number="123456789")).when == when


def test_a_time_that_is_no_digits_is_none() -> None:
    assert told(exchange.raw_mdmf([(0x01, b"1123143\x00")])).when is None


def test_nothing_is_believed_of_a_message_that_is_not_whole() -> None:
    frame = exchange.mdmf("11231430", "221234567", "JAN")
    message = message_of(frame, v23=False, whole=False)
    assert (message.number, message.name, message.when) == (None, None, None)
    assert (message.number_absent, message.name_absent) == ("not decoded", "not decoded")
    assert message.raw_hex == frame.hex()


@pytest.mark.parametrize(
    ("frame", "is_"),
    [
        (exchange.mdmf("11231430", "221234567", "JAN"), True),
        (exchange.sdmf("11231430", "221234567"), True),
        (exchange.waiting_mdmf(True), True),
        (exchange.raw_mdmf([(0x01, b"1123143A")]), False),
        (exchange.raw_mdmf([(0x02, b"22\x0134567")]), False),
        (exchange.raw_mdmf([(0xAE, b"123")]), False),
        (exchange.raw_mdmf([(0x02, b"1")], 0xF1), False),
        (exchange.with_checksum(b"\x80\x05\x02\x0a123"), False),
        (exchange.with_checksum(b"\x80\x04\x02\x01\x31\x02"), False),
    ],
)
def test_what_was_hard_to_hear_has_to_make_sense(frame: bytes, is_: bool) -> None:
    assert plausible(frame) is is_


def test_a_message_cut_at_any_byte_is_survived() -> None:
    whole = exchange.mdmf("11231430", "221234567", "JAN", more=[(0x11, b"\x01"), (0x13, b"\x02")])
    for count in range(3, len(whole)):
        frame = exchange.with_checksum(whole[:count])
        assert told(frame).number in (None, "221234567")


@given(st.binary(min_size=4, max_size=258), st.booleans())
def test_any_bytes_give_clean_text(frame: bytes, v23: bool) -> None:
    message = message_of(frame, v23, whole=True)
    for text in texts(message):
        assert not any(unicodedata.category(one).startswith("C") for one in text)
        assert unicodedata.is_normalized("NFC", text)


@given(
    st.lists(st.tuples(st.sampled_from([*NAMES, 0x5C, 0xFE]), st.binary(max_size=30)), max_size=8)
)
def test_parameters_come_back_as_they_were_sent(sent: list[tuple[int, bytes]]) -> None:
    frame = exchange.raw_mdmf(sent)
    assert parameters(frame[2:-1]) == [(kind, value, True) for kind, value in sent]

"""Messages are, byte by byte, what the standards print."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.simulator.generators.caller_id import (
    dtmf_clip,
    garbage,
    mdmf,
    ntt,
    raw_mdmf,
    sdmf,
    spoilt,
    waiting_mdmf,
    waiting_sdmf,
)


def test_an_sdmf_message_is_type_length_time_number_checksum() -> None:
    message = sdmf("11240915", "2125550147")
    assert message[:2] == b"\x04\x12"
    assert message[2:-1] == b"112409152125550147"
    assert sum(message) % 256 == 0


def test_an_sdmf_message_says_why_there_is_no_number() -> None:
    assert sdmf("11240915", number_absent="P")[2:-1] == b"11240915P"


def test_an_mdmf_message_carries_its_parameters_in_order() -> None:
    message = mdmf("11240915", "5550147", "ANNA", more=[(0x11, b"\x01")])
    assert message[2:-1] == b"\x01\x0811240915\x02\x075550147\x07\x04ANNA\x11\x01\x01"
    assert message[0] == 0x80
    assert message[1] == len(message) - 3


def test_absent_number_and_name_have_their_own_parameters() -> None:
    assert mdmf(number_absent="O", name_absent="P")[2:-1] == b"\x04\x01O\x08\x01P"


def test_names_go_out_as_latin_1_or_as_the_bytes_given() -> None:
    assert b"\x07\x03Z\xf3\xb3" in mdmf(name=b"Z\xf3\xb3")
    assert b"\x07\x03Z\xf3?" in mdmf(name="Zół"[:3])


@given(st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=20)), max_size=10))
def test_the_bytes_of_any_message_add_up_to_nothing(parameters: list[tuple[int, bytes]]) -> None:
    message = raw_mdmf(parameters)
    assert sum(message) % 256 == 0
    assert sum(spoilt(message)) % 256 != 0


@given(st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_garbage_never_has_a_right_checksum(count: int, seed: int) -> None:
    message = garbage(count, np.random.default_rng(seed))
    assert len(message) == max(count, 3)
    assert message[1] == len(message) - 3
    assert sum(message) % 256 != 0


def test_a_message_longer_than_its_length_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="bytes must be in range"):
        mdmf(name="x" * 256)


def test_a_dtmf_clip_stands_between_its_codes() -> None:
    assert dtmf_clip("201234567") == "A201234567C"
    assert dtmf_clip("99", "D", "#") == "D99#"


def test_the_message_waiting_lamp_has_messages_of_its_own() -> None:
    assert waiting_sdmf(True)[:-1] == b"\x06\x03\x42\x42\x42"
    assert waiting_sdmf(False)[:-1] == b"\x06\x03\x6f\x6f\x6f"
    assert waiting_mdmf(True)[:-1] == b"\x82\x03\x0b\x01\xff"


def test_an_ntt_message_is_framed_and_has_even_parity() -> None:
    message = ntt([(0x02, b"03")])
    plain = bytes(byte & 0x7F for byte in message[:-2])
    assert plain == b"\x10\x01\x07\x10\x02\x40\x04\x02\x0203\x10\x03"
    assert all(byte.bit_count() % 2 == 0 for byte in message[:-2])


def test_a_control_character_inside_an_ntt_message_is_sent_twice() -> None:
    plain = bytes(byte & 0x7F for byte in ntt([(0x02, b"1" * 14)])[:-2])
    assert plain[5:8] == b"\x40\x10\x10"

"""NTT's frames: even parity, DLE framing, CRC."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.events import CallerId
from firmware.signals import ntt
from firmware.signals.caller_id import CallerIdDecoder
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators.fsk import V23, burst_bits, modulate

RATE = 8000
# What spandsp 0.0.6 sends for a call from 03-1234-5678 with parameter 0x21 (Debian 12).
SPANDSP = bytes.fromhex("9081879082c011820a3033b1b233b43536b7b82103a0218190032412")
DOUBLED = bytes.fromhex("9081879082c09090828e3033b1b233b43536b7b83930b1b290035468")
CALL = [(0x02, b"0312345678"), (0x21, b"\x20\x21\x01")]


def heard(message: bytes, snr: float = 40.0) -> list[CallerId]:
    burst = modulate(burst_bits(message, seizure=0, mark=120), RATE, V23)
    sound = np.concatenate((np.zeros(RATE), burst, np.zeros(RATE)))
    spread = np.sqrt(np.mean(np.square(burst)) / 10 ** (snr / 10))
    sound += np.random.default_rng(1).normal(0, spread, len(sound))
    decoder = CallerIdDecoder()
    found = decoder.feed(sound.astype(np.float32)) + decoder.flush()
    return [one for one in found if isinstance(one, CallerId)]


def test_the_generator_and_spandsp_send_the_same_bytes() -> None:
    assert exchange.ntt(CALL) == SPANDSP
    assert exchange.ntt([(0x02, b"03123456789012")]) == DOUBLED  # its length is 0x10, DLE


@pytest.mark.parametrize("snr", [40.0, 6.0])
def test_the_number_is_read_from_the_line(snr: float) -> None:
    [call] = heard(SPANDSP, snr)
    assert (call.standard, call.kind, call.number) == ("ntt", "call", "0312345678")
    assert call.parameters == (
        ("calling line identity", "0312345678"),
        ("type of calling number", "202101"),
    )


@pytest.mark.parametrize(
    ("reason", "why"), [(b"P", "withheld"), (b"O", "unavailable"), (b"C", "unavailable")]
)
def test_a_missing_number_says_why(reason: bytes, why: str) -> None:
    message = ntt.message_of(exchange.ntt([(0x04, reason)]), sure=True)
    assert (message.number, message.number_absent) == (None, why)


@pytest.mark.parametrize("place", range(2, len(SPANDSP)))
def test_one_wrong_bit_anywhere_spoils_the_message(place: int) -> None:
    spoilt = bytearray(SPANDSP)
    spoilt[place] ^= 0x04
    assert ntt.message_of(bytes(spoilt), sure=True).number_absent == "not decoded"


def test_two_bits_of_one_byte_keep_the_parity_and_fail_the_crc() -> None:
    spoilt = bytearray(SPANDSP)
    spoilt[12] ^= 0x03
    assert ntt.message_of(bytes(spoilt), sure=True).number_absent == "not decoded"


def test_a_message_that_is_not_about_a_call_names_no_caller() -> None:
    message = ntt.message_of(exchange.ntt([(0x02, b"0312345678")], content=0x41), sure=True)
    assert (message.kind, message.number) == ("other", None)


@given(st.text("0123456789", min_size=1, max_size=20))
def test_any_number_comes_through_even_where_its_length_looks_like_control(number: str) -> None:
    sent = exchange.ntt([(0x02, number.encode())])
    assert ntt.length_of(sent) == len(sent)
    assert ntt.message_of(sent, sure=True).number == number


@given(st.binary(max_size=80))
def test_any_bytes_are_survived(data: bytes) -> None:
    data = b"\x90\x81" + data
    length = ntt.length_of(data)
    assert length is None or length <= len(data)
    if length is not None:
        assert ntt.message_of(data[:length], sure=True).standard == "ntt"

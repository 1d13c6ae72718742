"""Caller ID as exchanges send it is read; what is spoilt is never told as a number."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.events import CallerId, Signal
from firmware.signals.bank import DecoderBank
from firmware.signals.caller_id import CallerIdDecoder
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.fsk import BELLCORE, V23, Modulation, burst_bits, modulate

RATE = 8000
CALLER = exchange.mdmf(when="11231430", number="221234567", name="Jan Kowalski")


def sent(
    message: bytes,
    modulation: Modulation = BELLCORE,
    level: float = -13.5,
    twist: float = 0.0,
    seizure: int = 300,
) -> NDArray[np.float32]:
    """A second of silence, the burst, half a second of silence."""
    burst = modulate(burst_bits(message, seizure=seizure), RATE, modulation, level, twist)
    return np.concatenate((np.zeros(RATE), burst, np.zeros(RATE // 2))).astype(np.float32)


def heard(samples: NDArray[np.float32], chunk: int = 160) -> list[Signal]:
    decoder, found = CallerIdDecoder(), []
    for first in range(0, len(samples), chunk):
        found += decoder.feed(samples[first : first + chunk])
    return found + decoder.flush()


def the_call(samples: NDArray[np.float32]) -> CallerId:
    [message] = heard(samples)
    assert isinstance(message, CallerId)
    return message


@pytest.mark.parametrize(
    ("modulation", "standard"), [(BELLCORE, "bellcore-mdmf"), (V23, "etsi-v23")]
)
@pytest.mark.parametrize("level", [-6.0, -13.5, -30.0])
@pytest.mark.parametrize("twist", [-6.0, 0.0, 6.0])
def test_number_name_and_time_are_read(
    modulation: Modulation, standard: str, level: float, twist: float
) -> None:
    call = the_call(sent(CALLER, modulation, level, twist))
    assert (call.number, call.name, call.when) == ("221234567", "Jan Kowalski", "11231430")
    assert call.standard == standard
    assert (call.number_absent, call.name_absent) == (None, None)
    assert call.raw_hex == CALLER.hex()


def test_a_single_message_has_a_number_and_a_time() -> None:
    call = the_call(sent(exchange.sdmf("01020304", "5551234")))
    assert call.standard == "bellcore-sdmf"
    assert (call.number, call.when, call.name_absent) == ("5551234", "01020304", "not sent")


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (exchange.mdmf(when="01020304", number_absent="P"), "withheld"),
        (exchange.mdmf(when="01020304", number_absent="O"), "unavailable"),
        (exchange.mdmf(when="01020304"), "not sent"),
        (exchange.sdmf("01020304", number_absent="P"), "withheld"),
        (exchange.spoilt(CALLER), "not decoded"),
    ],
)
def test_a_missing_number_says_why(message: bytes, why: str) -> None:
    call = the_call(sent(message))
    assert call.number is None
    assert call.number_absent == why


def test_a_message_during_a_call_comes_without_channel_seizure() -> None:
    assert the_call(sent(CALLER, seizure=0)).number == "221234567"


@pytest.mark.parametrize("deviation", [-0.015, 0.015])
def test_an_exchange_whose_bits_are_a_little_fast_or_slow_is_read(deviation: float) -> None:
    off = Modulation(1200.0, 2200.0, 1200.0 * (1 + deviation))
    assert the_call(sent(CALLER, off)).number == "221234567"


def test_noise_at_13_db_does_not_spoil_a_message() -> None:
    random = np.random.default_rng(1)
    clean = sent(CALLER)
    power = float(np.mean(np.square(clean[RATE : 2 * RATE])))
    right = 0
    for _ in range(20):
        noise = random.normal(0, np.sqrt(power / 10**1.3), len(clean))
        found = heard((clean + noise).astype(np.float32))
        right += [one.number for one in found if isinstance(one, CallerId)] == ["221234567"]
    assert right >= 19


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("Żółw".encode("cp1250"), "Żółw"),
        ("Łukasz Źdźbło".encode("iso8859-2"), "Łukasz Źdźbło"),
        ("Gąska".encode(), "Gąska"),
        (b"<script>\x00\x1b[2J\x7f", "<script>[2J"),
        (b"Jos\xe9", "José"),
    ],
)
def test_names_are_text_and_never_carry_control_characters(raw: bytes, name: str) -> None:
    assert the_call(sent(exchange.mdmf(number="123456789", name=raw))).name == name


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 700))
def test_the_cut_of_the_stream_changes_nothing(chunk: int) -> None:
    samples = sent(CALLER)
    assert heard(samples, chunk) == heard(samples, len(samples))


@settings(deadline=None, max_examples=30)
@given(st.binary(min_size=0, max_size=120))
def test_any_bytes_at_all_are_survived(garbage: bytes) -> None:
    for message in heard(sent(garbage)):
        assert isinstance(message, CallerId)


def test_noise_and_silence_are_no_caller() -> None:
    random = np.random.default_rng(2)
    assert heard(random.normal(0, 0.1, 20 * RATE).astype(np.float32)) == []
    assert heard(np.zeros(20 * RATE, np.float32)) == []


def test_dtmf_clip_is_a_caller_too() -> None:
    tones = dtmf.sequence("A221234567C", RATE, 60, 60)
    samples = np.concatenate((np.zeros(RATE), tones, np.zeros(RATE))).astype(np.float32)
    found = [one for one in DecoderBank().feed(samples) if isinstance(one, CallerId)]
    assert [(one.number, one.standard) for one in found] == [("221234567", "dtmf")]


def test_a_stream_of_16_khz_is_heard_as_well() -> None:
    burst = modulate(burst_bits(CALLER), 2 * RATE, BELLCORE)
    samples = np.concatenate((np.zeros(2 * RATE), burst, np.zeros(2 * RATE))).astype(np.float32)
    [call] = DecoderBank(16000).feed(samples)
    assert isinstance(call, CallerId)
    assert call.number == "221234567"
    assert call.start == pytest.approx(2 * RATE, abs=800)

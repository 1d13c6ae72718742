"""Caller ID as exchanges send it is read; what is spoilt is never told as a number."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.events import CallerId, Signal
from firmware.signals.bank import DecoderBank
from firmware.signals.caller_id import CallerIdDecoder
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators import dtmf, impairments
from firmware.simulator.generators.fsk import (
    BELLCORE,
    V23,
    Modulation,
    burst_bits,
    framed,
    modulate,
)
from firmware.simulator.generators.line import hum

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


@pytest.mark.parametrize("baud", [-0.02, 0.02])
@pytest.mark.parametrize("tones", [-0.02, 0.0, 0.02])
@pytest.mark.parametrize("of", [BELLCORE, V23])
def test_an_exchange_that_is_off_by_two_percent_is_read(
    of: Modulation, tones: float, baud: float
) -> None:
    off = Modulation(of.mark_hz * (1 + tones), of.space_hz * (1 + tones), 1200.0 * (1 + baud))
    assert the_call(sent(CALLER, off)).number == "221234567"


@pytest.mark.parametrize("stuffing", [0, 1, 3, 10])
def test_marks_between_bytes_are_no_obstacle(stuffing: int) -> None:
    burst = modulate(burst_bits(CALLER, stuffing=stuffing), RATE)
    samples = np.concatenate((np.zeros(RATE), burst, np.zeros(RATE))).astype(np.float32)
    assert the_call(samples).number == "221234567"


def test_marks_between_some_bytes_only_are_no_obstacle() -> None:
    bits = [burst_bits(b"", 300, 180)]
    for place, byte in enumerate(CALLER):
        bits.append(framed(bytes([byte]), stuffing=place % 4))
    burst = modulate(np.concatenate(bits), RATE, V23)
    samples = np.concatenate((np.zeros(RATE), burst, np.zeros(RATE))).astype(np.float32)
    assert the_call(samples).number == "221234567"


def noisy(clean: NDArray[np.float32], snr: float, seed: int) -> NDArray[np.float32]:
    """White noise over 0-4 kHz, `snr` dB below the burst."""
    loud = clean[np.abs(clean) > 0]
    spread = np.sqrt(np.mean(np.square(loud)) / 10 ** (snr / 10))
    noise = np.random.default_rng(seed).normal(0, spread, len(clean))
    return (clean + noise).astype(np.float32)


def numbers(found: list[Signal]) -> list[str | None]:
    return [one.number for one in found if isinstance(one, CallerId)]


@pytest.mark.parametrize("modulation", [BELLCORE, V23])
@pytest.mark.parametrize(("snr", "least"), [(13.0, 20), (8.0, 20), (5.0, 18)])
def test_noise_does_not_spoil_a_message(modulation: Modulation, snr: float, least: int) -> None:
    clean = sent(CALLER, modulation)
    right = [numbers(heard(noisy(clean, snr, seed))) == ["221234567"] for seed in range(20)]
    assert sum(right) >= least


@pytest.mark.parametrize("snr", [0.0, 1.0, 2.0, 3.0])
def test_what_drowns_in_noise_gives_no_wrong_number(snr: float) -> None:
    clean = sent(CALLER)
    for seed in range(20):
        assert set(numbers(heard(noisy(clean, snr, seed)))) <= {None, "221234567"}


@pytest.mark.parametrize("duration", [0.002, 0.005, 0.010, 0.030])
@pytest.mark.parametrize("loud", [0.0, 0.3])
def test_a_gap_or_a_bang_in_a_message_gives_no_wrong_number(duration: float, loud: float) -> None:
    random = np.random.default_rng(7)
    clean = sent(CALLER)
    for _ in range(20):
        samples = clean.copy()
        first = RATE + 3300 + int(random.integers(0, 2400))
        samples[first : first + round(duration * RATE)] = random.normal(
            0, loud, round(duration * RATE)
        )
        found = heard(noisy(samples, 20.0, int(random.integers(1 << 30))))
        assert set(numbers(found)) <= {None, "221234567"}


def test_a_gap_of_ten_milliseconds_is_told_as_not_decoded() -> None:
    samples = impairments.interrupted(sent(CALLER).astype(np.float64), RATE, 1550.0, 10.0)
    assert the_call(samples.astype(np.float32)).number_absent == "not decoded"


@pytest.mark.parametrize(
    "through",
    [
        impairments.a_law,
        lambda sound: impairments.echoed(sound, RATE, 1.7, -10.0),
        lambda sound: impairments.echoed(sound, RATE, 10.0, -12.0),
        lambda sound: np.clip(sound, -0.05, 0.05),
        lambda sound: np.clip(sound * 10, -1.0, 1.0),
        lambda sound: sound + hum(len(sound), RATE, -13.5),
        lambda sound: sound + 0.2,
    ],
    ids=["A-law", "echo", "late echo", "clipped", "far too loud", "hum as loud", "DC"],
)
@pytest.mark.parametrize("modulation", [BELLCORE, V23])
def test_what_a_connection_does_to_a_message_is_no_obstacle(
    through: Callable[[NDArray[np.float64]], NDArray[np.float64]], modulation: Modulation
) -> None:
    samples = through(sent(CALLER, modulation).astype(np.float64))
    assert the_call(samples.astype(np.float32)).number == "221234567"


@pytest.mark.parametrize("twist", [-10.0, 10.0])
def test_ten_decibels_of_twist_are_equalised(twist: float) -> None:
    right = [
        numbers(heard(noisy(sent(CALLER, twist=twist), 12.0, seed))) == ["221234567"]
        for seed in range(20)
    ]
    assert sum(right) >= 19


def test_two_messages_in_one_gap_are_both_told() -> None:
    other = exchange.mdmf(when="11231431", number="500600700")
    pause = np.zeros(RATE // 20, np.float32)
    for between in (pause, np.zeros(RATE, np.float32)):
        both = np.concatenate((sent(CALLER)[:-4000], between, sent(other)[RATE:]))
        assert numbers(heard(both)) == ["221234567", "500600700"]


def test_a_message_that_comes_twice_and_is_spoilt_once_is_read_once() -> None:
    both = np.concatenate((sent(exchange.spoilt(CALLER)), sent(CALLER)))
    told = [one.number_absent for one in heard(both) if isinstance(one, CallerId)]
    assert told == ["not decoded", None]


def test_a_message_is_told_before_the_next_ring() -> None:
    samples = np.concatenate((sent(CALLER), np.zeros(2 * RATE, np.float32)))
    end = np.flatnonzero(samples)[-1]
    decoder = CallerIdDecoder()
    for first in range(0, len(samples), 160):
        if decoder.feed(samples[first : first + 160]):
            assert first + 160 - end <= 0.3 * RATE
            return
    pytest.fail("the message was never told")


def test_start_and_end_are_those_of_the_transmission() -> None:
    call = the_call(sent(CALLER))
    last = np.flatnonzero(sent(CALLER))[-1]
    assert call.start == pytest.approx(RATE, abs=240)
    assert call.end == pytest.approx(last, abs=40)


def test_data_that_is_no_caller_id_is_not_told() -> None:
    """A modem that sends on and on behind a mark: no type, no length, no checksum of ours."""
    random = np.random.default_rng(4)
    for _ in range(20):
        bits = np.concatenate((np.ones(150, np.uint8), random.integers(0, 2, 1500, np.uint8)))
        burst = modulate(bits, RATE, V23)
        samples = np.concatenate((np.zeros(RATE), burst, np.zeros(RATE))).astype(np.float32)
        assert heard(samples) == []


@pytest.mark.parametrize("data", [bytes(3), bytes(40), b"\x01\x00\xff" * 3, b"\xf1\x02AB\x8a"])
def test_bytes_that_only_happen_to_add_up_are_no_message(data: bytes) -> None:
    assert heard(sent(data)) == []


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

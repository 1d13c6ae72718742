"""Whatever is on the line: no exception, no control characters, no invented caller."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from firmware.events import CallerId, Signal
from firmware.signals.caller_id import CallerIdDecoder
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators.fsk import BELLCORE, V23, burst_bits, modulate

RATE = 8000
CALLER = exchange.mdmf("11231430", "221234567", "Jan Kowalski", more=[(0x11, b"\x01")])


def sound(message: bytes, seizure: int = 300, mark: int = 180) -> NDArray[np.float32]:
    burst = modulate(burst_bits(message, seizure, mark), RATE, V23)
    return np.concatenate((np.zeros(2000), burst, np.zeros(4000))).astype(np.float32)


def heard(samples: NDArray[np.float32], chunk: int = 160) -> list[Signal]:
    decoder, found = CallerIdDecoder(), []
    for first in range(0, len(samples), chunk):
        found += decoder.feed(samples[first : first + chunk])
    return found + decoder.flush()


def checked(found: list[Signal]) -> list[CallerId]:
    """The messages; all text in them is clean."""
    calls = [one for one in found if isinstance(one, CallerId)]
    for call in calls:
        more = [part for pair in call.parameters for part in pair]
        for text in (call.number, call.name, call.when, *more):
            if text is not None:
                assert not any(unicodedata.category(one).startswith("C") for one in text)
                assert unicodedata.is_normalized("NFC", text)
    return calls


@pytest.mark.parametrize("count", range(len(CALLER)))
def test_a_transmission_that_breaks_off_at_any_byte_names_nobody(count: int) -> None:
    assert [one.number for one in checked(heard(sound(CALLER[:count])))] in ([], [None])


@pytest.mark.parametrize("length", [0, 1, 10, 30, 37, 39, 50, 200, 255])
def test_a_wrong_length_names_nobody(length: int) -> None:
    frame = bytes([CALLER[0], length]) + CALLER[2:-1]
    for message in (frame + CALLER[-1:], exchange.with_checksum(frame)):
        if message[1] != len(message) - 3:
            assert all(one.number is None for one in checked(heard(sound(message))))


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 255), st.binary(max_size=60))
def test_any_type_and_any_body_are_survived(kind: int, body: bytes) -> None:
    frame = exchange.with_checksum(bytes([kind, len(body)]) + body)
    for call in checked(heard(sound(frame))):
        assert call.raw_hex == frame.hex() or call.number_absent == "not decoded"


@settings(deadline=None, max_examples=25)
@given(st.binary(max_size=90))
def test_bytes_without_any_frame_name_nobody(data: bytes) -> None:
    for call in checked(heard(sound(data))):
        assert call.number is None or sum(bytes.fromhex(call.raw_hex)) % 256 == 0


WAVES = {
    "NaN": np.full(RATE, np.nan),
    "infinite": np.full(RATE, np.inf),
    "minus infinite": np.full(RATE, -np.inf),
    "DC": np.ones(RATE),
    "huge": np.full(RATE, 3e38),
    "square 1200": np.sign(np.sin(2 * np.pi * 1200 * np.arange(RATE) / RATE)),
    "square 1300": np.sign(np.sin(2 * np.pi * 1300.5 * np.arange(RATE) / RATE)),
    "square 600": np.sign(np.sin(2 * np.pi * 600 * np.arange(RATE) / RATE)),
    "alternating": np.tile([1.0, -1.0], RATE // 2),
    "NaN and sound": np.where(np.arange(RATE) % 7 == 0, np.nan, 0.3),
}


@pytest.mark.parametrize("wave", WAVES)
def test_what_is_no_sound_of_a_line_is_survived_and_told_as_nothing(wave: str) -> None:
    samples = np.tile(WAVES[wave], 3).astype(np.float32)
    assert heard(samples) == []


def test_a_message_is_read_after_all_that() -> None:
    with np.errstate(all="ignore"):
        waves = np.concatenate([*WAVES.values(), np.zeros(4000)]).astype(np.float32)
    found = checked(heard(np.concatenate((waves, sound(CALLER)))))
    assert [one.number for one in found] == ["221234567"]


@settings(deadline=None, max_examples=20)
@given(
    st.sampled_from(list(WAVES)), st.integers(0, 6000), st.integers(1, 2000), st.floats(-2.0, 2.0)
)
def test_any_wave_over_any_part_of_a_message_invents_no_number(
    wave: str, first: int, count: int, gain: float
) -> None:
    samples = sound(CALLER)
    part = samples[first : first + count]
    with np.errstate(all="ignore"):
        part += (gain * WAVES[wave][: len(part)]).astype(np.float32)
    assert {one.number for one in checked(heard(samples))} <= {None, "221234567"}


@settings(deadline=None, max_examples=12)
@given(st.sampled_from([1, 7, 160, 801, 100_000]), st.integers(0, 2**32 - 1))
def test_the_cut_of_a_difficult_stream_changes_nothing(chunk: int, seed: int) -> None:
    """Two messages, one of them drowned, noise and a tone: identical events, to the sample."""
    random = np.random.default_rng(seed)
    bits = random.integers(0, 2, 700).astype(np.uint8)
    line = np.concatenate(
        (sound(CALLER), modulate(bits, RATE, BELLCORE), sound(exchange.spoilt(CALLER)))
    )
    line = (line + random.normal(0, 0.03, len(line))).astype(np.float32)
    assert heard(line, chunk) == heard(line, len(line))


def test_a_feed_never_waits_for_more_than_one_step_of_the_work() -> None:
    """Many marks in one burst: they are read one by one, feed after feed."""
    parts = [modulate(burst_bits(CALLER[:20], 20, 120), RATE, BELLCORE) for _ in range(6)]
    line = np.concatenate([*parts, np.zeros(RATE)]).astype(np.float32)
    decoder = CallerIdDecoder()
    waiting = 0
    for first in range(0, len(line), 160):
        decoder.feed(line[first : first + 160])
        waiting = max(waiting, len(decoder._work))
    assert waiting >= 1
    assert heard(line) == heard(line, len(line))

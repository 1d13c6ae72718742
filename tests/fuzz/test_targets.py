"""What `make fuzz` throws at the product by the million, here by the dozen and without atheris."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.fuzz import bank, caller_id


@pytest.mark.parametrize("seed", list(caller_id.seeds()))
def test_the_message_layer_survives_a_message_cut_at_any_byte(seed: bytes) -> None:
    for count in range(len(seed) + 1):
        caller_id.try_one(seed[:count])


@settings(deadline=None)
@given(st.sampled_from(list(caller_id.seeds())), st.integers(0, 60), st.binary(max_size=8))
def test_the_message_layer_survives_any_bytes_in_a_message(
    seed: bytes, at: int, data: bytes
) -> None:
    caller_id.try_one(seed[:at] + data + seed[at + len(data) :])


@pytest.mark.parametrize("seed", list(bank.seeds()))
def test_all_decoders_tell_the_same_of_a_programme_however_it_is_cut(seed: bytes) -> None:
    for size in range(len(bank.SIZES)):
        bank.try_one(bytes([size]) + seed[1:])


@settings(deadline=None, max_examples=10)
@given(st.binary(min_size=4, max_size=60))
def test_all_decoders_survive_any_programme(data: bytes) -> None:
    bank.try_one(data)

"""The exchange's clock beside the box's."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.calls.witness import clock_difference


@pytest.mark.parametrize(
    ("when", "local", "minutes"),
    [
        ("11231430", datetime(2026, 11, 23, 14, 30, 59), 0),
        ("11231435", datetime(2026, 11, 23, 14, 30), 5),
        ("11231330", datetime(2026, 11, 23, 14, 30), -60),
        ("01010001", datetime(2026, 12, 31, 23, 59), 2),
        ("12312359", datetime(2027, 1, 1, 0, 1), -2),
        ("02291200", datetime(2028, 2, 29, 12, 0), 0),
        ("03011200", datetime(2028, 2, 29, 12, 0), 24 * 60),
    ],
)
def test_minutes_by_which_the_exchange_is_ahead(when: str, local: datetime, minutes: int) -> None:
    assert clock_difference(when, local) == minutes
    assert clock_difference(when, local.replace(tzinfo=UTC)) == minutes


@pytest.mark.parametrize(
    "when",
    [None, "", "13011430", "00101430", "11311430", "11232561", "11232460", "1123143", "abcdefgh"],
)
def test_what_is_no_time_says_nothing(when: str | None) -> None:
    assert clock_difference(when, datetime(2026, 11, 23, 14, 30)) is None


@pytest.mark.parametrize("local", [datetime(2026, 2, 28, 12), datetime(2027, 3, 1, 12)])
def test_a_leap_day_in_a_common_year_is_not_believed(local: datetime) -> None:
    assert clock_difference("02291200", local) is None


@given(st.datetimes(datetime(2020, 3, 1), datetime(2040, 1, 1)), st.integers(-100_000, 100_000))
def test_any_difference_is_found_again(local: datetime, minutes: int) -> None:
    sent = local.replace(second=0, microsecond=0) + timedelta(minutes=minutes)
    if (sent.month, sent.day) == (2, 29):
        return
    assert clock_difference(f"{sent:%m%d%H%M}", local) == minutes


@given(st.text(max_size=10), st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)))
def test_any_text_is_survived(when: str, local: datetime) -> None:
    made = clock_difference(when, local)
    assert made is None or abs(made) <= 183 * 24 * 60

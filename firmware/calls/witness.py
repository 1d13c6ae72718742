"""The exchange as a witness of the box's clock: caller ID carries date and time."""

from __future__ import annotations

from datetime import datetime, timedelta

HALF_A_YEAR = timedelta(days=183)


def clock_difference(when: str | None, local: datetime) -> int | None:
    """Minutes by which the exchange's clock is ahead of the box's; None where it says no time.

    `when`: MMDDHHMM as sent, without a year: the year is the one that brings it nearest to
    `local`, the box's own local time as the message came. Month 13, 29 February of a common year
    and 25:61 are no time.
    """
    if when is None or len(when) != 8 or not (when.isascii() and when.isdigit()):
        return None
    month, day, hour, minute = (int(when[at : at + 2]) for at in range(0, 8, 2))
    here = local.replace(tzinfo=None, second=0, microsecond=0)
    found: list[timedelta] = []
    for year in (here.year - 1, here.year, here.year + 1):
        try:
            found.append(datetime(year, month, day, hour, minute) - here)
        except ValueError:
            continue
    nearest = min(found, key=abs, default=None)
    if nearest is None or abs(nearest) > HALF_A_YEAR:
        return None
    return round(nearest.total_seconds() / 60)

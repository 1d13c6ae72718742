"""What a network does to a signal is done as asked, and nothing else."""

import numpy as np
import pytest

from firmware.simulator.generators import impairments
from firmware.simulator.generators.dtmf import pair
from firmware.simulator.generators.levels import level_dbm0

RATE = 8000
TONE = pair("5", RATE, 100)


def test_an_echo_comes_late_and_weaker() -> None:
    click = np.zeros(400)
    click[10] = 1.0
    heard = impairments.echoed(click, RATE, 20, -12)
    assert heard[10] == 1.0
    assert heard[170] == pytest.approx(10 ** (-12 / 20))
    assert np.count_nonzero(heard) == 2


def test_clipping_cuts_at_full_scale() -> None:
    heard = impairments.clipped(TONE, 20)
    assert np.abs(heard).max() == 1.0
    assert np.mean(np.abs(heard) == 1.0) > 0.3


@pytest.mark.parametrize("level", [0.0, -20.0, -40.0])
def test_a_law_adds_noise_30_to_40_db_below_the_signal(level: float) -> None:
    tone = pair("5", RATE, 500, level)
    noise = impairments.a_law(tone) - tone
    assert 29 < level_dbm0(tone) - level_dbm0(noise) < 41


def test_an_interruption_keeps_the_time_and_a_drop_does_not() -> None:
    silent = impairments.interrupted(TONE, RATE, 40, 10)
    assert len(silent) == len(TONE)
    assert not silent[320:400].any()
    short = impairments.dropped(TONE, RATE, 40, 10)
    assert np.array_equal(short, np.concatenate((TONE[:320], TONE[400:])))

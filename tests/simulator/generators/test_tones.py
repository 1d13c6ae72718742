"""Call progress tones have the frequencies and cadences of their plan."""

from itertools import pairwise

import numpy as np
import pytest

from firmware.simulator.generators.levels import level_dbm0
from firmware.simulator.generators.tones import PLANS, ansam, cadence, tone

RATE = 8000


def strongest(sound: np.ndarray, count: int) -> list[int]:
    """The `count` strongest frequencies of one second, in Hz, sorted."""
    power = np.abs(np.fft.rfft(sound[:RATE] * np.hanning(RATE)))
    found = []
    for _ in range(count):
        peak = int(power.argmax())
        found.append(peak)
        power[max(0, peak - 5) : peak + 6] = 0
    return sorted(found)


def bursts(sound: np.ndarray) -> list[tuple[float, float]]:
    """Start and end of each burst in seconds, to 5 ms."""
    frames = np.abs(sound[: len(sound) // 40 * 40]).reshape(-1, 40).max(axis=1) > 1e-4
    padded = np.concatenate([[False], frames, [False]])
    edges = np.flatnonzero(padded[1:] != padded[:-1]) * 40 / RATE
    return [(float(on), float(off)) for on, off in edges.reshape(-1, 2)]


@pytest.mark.parametrize(
    ("plan", "name", "hertz"),
    [
        ("pl", "dial", [425]),
        ("us", "dial", [350, 440]),
        ("uk", "dial", [350, 440]),
        ("us", "ringback", [440, 480]),
        ("pl", "ced", [2100]),
    ],
)
def test_steady_tones_have_their_frequencies(plan: str, name: str, hertz: list[int]) -> None:
    assert strongest(tone(name, RATE, 2.0, plan=plan), len(hertz)) == hertz


def test_levels_are_those_of_each_frequency() -> None:
    assert level_dbm0(tone("dial", RATE, 2.0, -13.0)) == pytest.approx(-13.0, abs=0.1)
    assert level_dbm0(tone("dial", RATE, 2.0, -13.0, "us")) == pytest.approx(-9.99, abs=0.1)


@pytest.mark.parametrize(
    ("plan", "name", "first"),
    [
        ("pl", "busy", [(0.0, 0.5), (1.0, 1.5), (2.0, 2.5)]),
        ("pl", "ringback", [(0.0, 1.0), (5.0, 6.0)]),
        ("us", "ringback", [(0.0, 2.0), (6.0, 8.0)]),
        ("us", "reorder", [(0.0, 0.25), (0.5, 0.75), (1.0, 1.25)]),
        ("uk", "busy", [(0.0, 0.375), (0.75, 1.125)]),
        ("uk", "ringback", [(0.0, 0.4), (0.6, 1.0), (3.0, 3.4), (3.6, 4.0)]),
        ("uk", "reorder", [(0.0, 0.4), (0.75, 0.975), (1.5, 1.9)]),
        ("de", "reorder", [(0.0, 0.24), (0.48, 0.72)]),
        ("fr", "ringback", [(0.0, 1.5), (5.0, 6.5)]),
        ("it", "dial", [(0.0, 0.2), (0.4, 1.0), (2.0, 2.2), (2.4, 3.0)]),
        ("es", "ringback", [(0.0, 1.5), (4.5, 6.0)]),
        ("es", "reorder", [(0.0, 0.2), (0.4, 0.6), (0.8, 1.0), (1.6, 1.8)]),
        ("se", "ringback", [(0.0, 1.0), (6.0, 7.0)]),
        ("se", "reorder", [(0.0, 0.25), (1.0, 1.25)]),
        ("cz", "dial", [(0.0, 0.33), (0.66, 1.32), (1.98, 2.31)]),
        ("sk", "busy", [(0.0, 0.33), (0.66, 0.99)]),
        ("ua", "busy", [(0.0, 0.35), (0.7, 1.05)]),
        ("nl", "reorder", [(0.0, 0.25), (0.5, 0.75)]),
    ],
)
def test_cadences_are_those_of_the_plan(
    plan: str, name: str, first: list[tuple[float, float]]
) -> None:
    found = bursts(tone(name, RATE, 12.0, plan=plan))
    for burst, expected in zip(found, first, strict=False):
        assert burst == pytest.approx(expected, abs=0.006)
    assert len(found) >= len(first)


def test_cas_is_one_burst_of_2130_and_2750_hz() -> None:
    sound = tone("cas", RATE, 1.0, -15.0)
    assert bursts(sound) == [pytest.approx((0.0, 0.08), abs=0.006)]
    assert strongest(sound, 1)[0] in range(2125, 2136) or strongest(sound, 1)[0] in range(
        2745, 2756
    )
    assert level_dbm0(sound[40:600]) == pytest.approx(-11.99, abs=0.1)
    half = np.abs(np.fft.rfft(sound[:640], 8000))
    assert half[2130] == pytest.approx(half[2750], rel=0.05)
    assert half[2130] > 20 * half[1500]


def test_sit_climbs_in_three_steps() -> None:
    sound = tone("sit", RATE, 0.99)
    third = round(0.33 * RATE)
    for number, hertz in enumerate((950, 1400, 1800)):
        part = sound[number * third : (number + 1) * third]
        peak = np.abs(np.fft.rfft(part, 8000)).argmax()
        assert peak == pytest.approx(hertz, abs=2)


def test_an_unknown_tone_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="ringback"):
        cadence("nonsense")
    with pytest.raises(ValueError, match=", ".join(PLANS)):
        cadence("dial", "xx")


def test_ansam_turns_its_phase_every_450_ms_and_its_amplitude_15_times_a_second() -> None:
    sound = ansam(RATE, 1.8, -13.0)
    assert level_dbm0(sound) == pytest.approx(-13.0, abs=0.2)
    time = np.arange(len(sound)) / RATE
    turned = sound * np.exp(-2j * np.pi * 2100 * time)
    smooth = np.convolve(turned, np.ones(40) / 40, "same")
    phases = [np.angle(smooth[round(at * RATE)]) for at in (0.2, 0.65, 1.1, 1.55)]
    for earlier, later in pairwise(phases):
        assert abs(np.exp(1j * earlier) + np.exp(1j * later)) < 0.1
    height = np.abs(smooth[round(0.05 * RATE) : round(0.40 * RATE)])
    assert height.max() / height.min() == pytest.approx(1.5, abs=0.1)

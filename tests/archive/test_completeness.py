"""Green, or the reasons why not."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.archive.completeness import judge
from firmware.archive.quality import Levels
from firmware.simulator.generators.levels import to_int16
from firmware.simulator.voices import FOLDER, load_voice
from tests.archive.support import RATE

GOOD: dict[str, Any] = {
    "kind": "call",
    "outcome": "answered",
    "answered": True,
    "audio": "2026/03/04/x.flac",
    "rate": RATE,
    "frames_expected": 80000,
    "frames_stored": 80000,
    "preroll_s": 2.0,
    "clipped": 0,
    "clock_source": "ntp",
    "levels": {"frames": 100, "spurts": 9, "p99_dbm0": -12},
}


def codes(**facts: Any) -> list[str]:
    return [reason.code for reason in judge({**GOOD, **facts})]


@pytest.mark.parametrize(
    ("facts", "found"),
    [
        ({}, []),
        ({"frames_stored": 72000}, ["frames"]),
        ({"frames_expected": None}, ["frames"]),
        ({"outcome": "unfinished"}, ["unfinished"]),
        ({"damage": [{"words": "its record is damaged"}]}, ["damage"]),
        ({"preroll_s": 0.0}, ["start"]),
        ({"levels": {"frames": 100, "spurts": 0, "p99_dbm0": -60}}, ["silent"]),
        ({"levels": {"frames": 20, "spurts": 0, "p99_dbm0": -60}}, []),
        ({"clipped": 800}, ["clipped"]),
        ({"clipped": 8}, []),
        ({"clock_source": "none"}, ["clock"]),
        ({"clock_source": "none", "corrected": {"clock_source": "ntp"}}, []),
        ({"audio": None}, ["no-audio"]),
        ({"audio": None, "deleted_at": "2026-04-01"}, []),
        ({"audio": None, "private": True}, []),
        ({"answered": False}, []),
        ({"kind": "blind"}, []),
    ],
)
def test_each_reason_is_found_by_itself(facts: dict[str, Any], found: list[str]) -> None:
    assert codes(**facts) == found


def test_a_call_that_no_medium_stored_says_so() -> None:
    gap = {"offset": 0, "count": 80000, "reason": "no medium could store it"}
    [reason] = judge({**GOOD, "audio": None, "frames_stored": 0, "gaps": [gap]})
    assert reason.words == "There is no audio of this call: no medium could store it."


def test_every_reason_is_said_in_whole_sentences() -> None:
    bad = {**GOOD, "frames_stored": 1, "preroll_s": 0, "clipped": 80000, "clock_source": "none"}
    for reason in judge({**bad, "outcome": "unfinished", "damage": [{"words": "x"}]}):
        assert reason.words[0].isupper() or reason.words[0].isdigit()
        assert reason.words.endswith(".")


def levels(*sounds: NDArray[np.int16]) -> dict[str, Any]:
    made = Levels(RATE)
    for sound in sounds:
        for first in range(0, len(sound), 160):
            made.add(sound[first : first + 160])
    return made.facts()


def turns(near: float, far: float) -> NDArray[np.int16]:
    """Two people who speak in turn for two minutes, at these levels in dBm0."""
    time = np.arange(round(1.5 * RATE)) / RATE
    tone = np.sin(2 * np.pi * 300 * time)
    said = []
    for turn in range(60):
        level = near if turn % 2 == 0 else far
        amplitude = 32768 * 10 ** ((level - 3.14) / 20)
        said += [amplitude * tone, np.zeros(RATE // 2)]
    return np.concatenate(said).astype(np.int16)


def test_two_people_are_rarely_equally_loud() -> None:
    assert codes(levels=levels(turns(-12, -24))) == []
    assert codes(levels=levels(turns(-12, -12))) == ["one-sided"]
    [reason] = judge({**GOOD, "levels": levels(turns(-12, -12))})
    assert "guess" in reason.words


def test_a_silent_line_has_no_voice_and_a_recorded_voice_has_one() -> None:
    quiet = np.random.default_rng(0).normal(0, 20, 10 * RATE).astype(np.int16)
    assert codes(levels=levels(quiet)) == ["silent"]
    spoken = to_int16(load_voice(FOLDER / "en-owner.flac", RATE, -15.0))
    assert codes(levels=levels(spoken)) == []


def test_the_histogram_does_not_depend_on_how_the_samples_are_cut() -> None:
    sound = turns(-12, -24)
    whole, cut = Levels(RATE), Levels(RATE)
    whole.add(sound)
    for first in range(0, len(sound), 333):
        cut.add(sound[first : first + 333])
    assert whole.facts() == cut.facts()


def test_clipped_samples_are_counted() -> None:
    made = Levels(RATE)
    made.add(np.array([0, 32767, -32768, 32759], np.int16))
    assert made.clipped == 2
    assert made.facts() == {}

"""The ledger says what was played, from which sample to which, and whether it is audible."""

from typing import Any

import numpy as np
import pytest

from firmware.audio import announce
from firmware.calls.consent import ConsentSettings, plan
from firmware.consent_ledger import LedgerCheck, Playing, ledger, name_of, not_heard
from firmware.law import load_rules
from firmware.signals.matched import find, find_tone
from firmware.simulator.generators.levels import rms
from firmware.simulator.voices import FOLDER, load_voice

RULE = load_rules()["US-CA"]
PLAN = plan(ConsentSettings(RULE, beep=frozenset({"incoming"})), "incoming", None)
SOUND = announce.announcement("en", 8000)
BEEP = announce.beep(8000)


def heard(playings: list[Playing], recording: np.ndarray) -> dict[str, Any]:
    """The record of a call whose recording was heard, in blocks as its master is made."""
    record: dict[str, Any] = {"rate": 8000, "audio": "x.flac", "outcome": "answered"}
    record["consent"] = ledger(RULE, PLAN, playings)
    check = LedgerCheck.of(record, {name_of(SOUND): SOUND, name_of(BEEP): BEEP})
    if check is not None:
        for at in range(0, len(recording), 8192):
            check.hear(at, recording[at : at + 8192])
        record |= check.facts()
    return record


def announced(expected: int) -> Playing:
    return Playing("announcement", 0.0, len(SOUND), name_of(SOUND), expected=expected)


def noisy_call(seed: int, snr_db: float, played: bool = True) -> tuple[np.ndarray, int]:
    """Eight seconds of two people and noise, the announcement under them, delayed and weakened."""
    rng = np.random.default_rng(seed)
    recording = np.zeros(64000)
    for name in ("en-owner", "pl-collector"):
        other = load_voice(FOLDER / f"{name}.flac", 8000, -16.0) * rng.uniform(0.2, 1.0)
        at = int(rng.integers(0, 20000))
        part = other[: len(recording) - at]
        recording[at : at + len(part)] += part
    start = int(rng.integers(2000, 14000))
    sound = SOUND / 32768.0 * 10 ** (rng.uniform(-12, 0) / 20)
    if played:
        recording[start : start + len(sound)] += sound
    level = 10 * np.log10(np.mean(np.square(SOUND / 32768.0)) * 2) + 3.14
    recording += rng.normal(0, rms(level - snr_db), len(recording))
    return np.clip(recording * 32768, -32768, 32767).astype(np.int16), start


@pytest.mark.parametrize("seed", range(40))
def test_it_is_found_in_every_noisy_call_at_its_sample(seed: int) -> None:
    recording, start = noisy_call(seed, snr_db=float(seed % 20))
    record = heard([announced(8000)], recording)
    made = record["consent"]
    [played] = made["played"]
    assert played["audible"]
    assert abs(played["from"] - start) <= 1
    assert played["to"] - played["from"] == len(SOUND)
    assert not_heard(record) == ""
    assert (made["place"], made["must_know"], made["not_legal_advice"]) == ("US-CA", "all", True)


@pytest.mark.parametrize("seed", range(40))
def test_what_was_not_played_is_not_found_and_raises_the_alarm(seed: int) -> None:
    recording, _ = noisy_call(seed, snr_db=float(seed % 20), played=False)
    record = heard([announced(8000)], recording)
    assert not record["consent"]["played"][0]["audible"]
    assert "The announcement cannot be heard" in not_heard(record)


def test_an_announcement_that_the_plan_wanted_and_nobody_played_raises_the_alarm() -> None:
    nothing = np.zeros(8000, np.int16)
    assert "told nothing" in not_heard(heard([], nothing))
    failed = announced(0)
    failed.error = "no card"
    record = heard([failed], nothing)
    assert record["consent"]["played"] == [
        {"what": "announcement", "audible": False, "error": "no card"}
    ]
    assert "(no card)" in not_heard(record)


def test_beeps_are_found_with_their_level() -> None:
    recording, _ = noisy_call(1, 20.0)
    recording = recording // 8
    recording[30000 : 30000 + len(BEEP)] += BEEP // 2
    playing = Playing("beep", 0.0, len(BEEP), name_of(BEEP), expected=29500)
    beep = heard([announced(8000), playing], recording)["consent"]["played"][1]
    assert beep["audible"]
    assert abs(beep["from"] - 30000) < 80
    assert beep["level_dbm0"] == pytest.approx(-7.7, abs=1.5)


def test_one_that_is_far_too_faint_is_not_audible() -> None:
    recording = np.zeros(64000)
    recording[9000 : 9000 + len(SOUND)] += SOUND * 10 ** (-45 / 20)
    recording += np.random.default_rng(1).normal(0, 3, 64000)
    record = heard([announced(8000)], recording.astype(np.int16))
    assert not record["consent"]["played"][0]["audible"]


def test_a_recording_that_is_read_once_more_is_heard_anew() -> None:
    recording, start = noisy_call(3, 10.0)
    record = {"rate": 8000, "consent": ledger(RULE, PLAN, [announced(8000)])}
    check = LedgerCheck.of(record, {name_of(SOUND): SOUND})
    assert check is not None
    check.hear(0, recording[:20000])  # the medium failed here; another one begins again
    check.hear(0, recording[:40000])
    check.hear(40000, recording[40000:])
    assert abs(check.facts()["consent"]["played"][0]["from"] - start) <= 1


@pytest.mark.parametrize(
    "played",
    [
        [{"what": "announcement", "audible": None}],
        [{"what": "announcement", "audible": None, "sound": "?", "expected_from": 1}],
        [{"what": "announcement", "audible": None, "sound": name_of(SOUND), "expected_from": "1"}],
        [7, None],
    ],
)
def test_a_record_that_lost_what_was_played_stops_nothing(played: list[object]) -> None:
    check = LedgerCheck.of({"rate": 8000, "consent": {"played": played}}, {name_of(SOUND): SOUND})
    assert check is not None
    check.hear(0, np.zeros(8000, np.int16))
    assert check.facts()["consent"]["played"] == played


def test_silence_and_short_recordings_hold_nothing() -> None:
    sound = SOUND.astype(np.float32)
    assert find(np.zeros(64000, np.float32), sound, 8000) is None
    assert find(np.zeros(100, np.float32), sound, 8000) is None
    assert find_tone(np.zeros(100, np.float32), 1400.0, 0.5, 8000) is None
    silent = find_tone(np.zeros(8000, np.float32), 1400.0, 0.5, 8000)
    assert silent is not None
    assert not silent.found

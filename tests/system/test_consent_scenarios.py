"""Consent through the whole recorder on the virtual clock: what `tipring simulate` leaves."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.people import People, Person
from firmware.cli import main
from firmware.config import Config, load
from firmware.consent_terms import TermsBook
from firmware.signals.matched import find


def simulated(folder: Path, scenario: str, consent: str) -> list[dict[str, Any]]:
    """The calls that the scenario leaves, under these lines of `[consent]`."""
    folder.mkdir(exist_ok=True)
    config = folder / "tipring.toml"
    config.write_text(f"version = 1\n[consent]\n{consent}\n")
    archive = folder / "calls"
    words = ["simulate", scenario, "--archive", str(archive), "--config", str(config)]
    assert main(words) == 0
    return Archive(archive).calls()


def test_an_office_leaves_a_ledger_that_says_audible(tmp_path: Path) -> None:
    [call] = simulated(tmp_path, "demo", 'use = "business"\nplayout = "line"\nbeep = "both"')
    played = call["consent"]["played"]
    assert [one["what"] for one in played] == ["announcement"]
    assert all(one["audible"] for one in played)
    answered = round(call["preroll_s"] * call["rate"])
    assert 0 < played[0]["from"] - answered <= 0.3 * call["rate"]
    sound, _ = soundfile.read(tmp_path / "calls" / call["audio"], dtype="float32")
    wanted = TermsBook(Config(), tmp_path, 8000).terms.announcement.astype(np.float32) / 32768
    match = find(sound, wanted, 8000)
    assert match is not None
    assert match.found
    assert match.start == played[0]["from"]


def test_without_consent_settings_a_home_in_poland_records_and_plays_nothing(
    tmp_path: Path,
) -> None:
    assert main(["simulate", "demo", "--archive", str(tmp_path)]) == 0
    [call] = Archive(tmp_path).calls()
    assert call["audio"]
    assert call["consent"]["played"] == []
    assert call["consent"]["why"] == "PL: home, record"


@pytest.mark.parametrize("scenario", ["incoming-v23", "outgoing-dtmf", "outgoing-rotary"])
def test_germany_records_nothing_until_it_is_armed(
    tmp_path: Path, scenario: str, capsys: pytest.CaptureFixture[str]
) -> None:
    [call] = simulated(tmp_path, scenario, 'place = "DE"\nplayout = "line"')
    assert "Calls are not recorded. Germany" in capsys.readouterr().out
    assert (call["audio"], call["refused"]) == (None, "not-armed")
    assert not [path for path in tmp_path.rglob("*") if path.suffix in (".wav", ".flac")]
    [armed, _] = simulated(tmp_path, scenario, 'place = "DE"\nplayout = "line"\narmed = "yes"')
    assert armed["audio"]
    assert armed["consent"]["announce"]
    if armed["direction"] == "incoming":
        assert armed["consent"]["played"][0]["audible"]


def test_germany_does_not_record_a_direction_that_is_not_announced(tmp_path: Path) -> None:
    chosen = 'place = "DE"\nplayout = "line"\narmed = "yes"\nannounce = "incoming"'
    [call] = simulated(tmp_path, "outgoing-dtmf", chosen)
    assert (call["audio"], call["refused"]) == (None, "not-announced")


def test_nothing_is_played_while_a_call_waits(tmp_path: Path) -> None:
    [call] = simulated(tmp_path, "call-waiting", 'playout = "line"\nbeep = "both"')
    alerts = [one["offset"] for one in call["tones"] if one["kind"] == "cas"]
    assert alerts
    before = call["preroll_s"] * call["rate"]
    for one in call["consent"]["played"]:
        at = (one.get("from", one.get("expected_from")) - before) / call["rate"]
        assert not alerts[0] < at < alerts[0] + 20.0


@pytest.mark.parametrize("scenario", ["incoming-v23", "incoming-bellcore", "outgoing-dtmf"])
def test_a_number_that_is_never_recorded_leaves_a_row_without_audio(
    tmp_path: Path, scenario: str
) -> None:
    [call] = simulated(tmp_path / "first", scenario, "")
    (tmp_path / "calls").mkdir()
    number = call["number_e164"] or call["number"]
    People(tmp_path / "calls/people.json").put(Person("", "Lawyer", (number,), "never"))
    [row] = simulated(tmp_path, scenario, "")
    assert (row["audio"], row["refused"]) == (None, "never-recorded")
    assert row["number"] == call["number"]
    assert not [path for path in tmp_path.glob("calls/**/*") if path.suffix in (".wav", ".flac")]


def test_a_withheld_number_is_recorded_whatever_the_rules_are(tmp_path: Path) -> None:
    (tmp_path / "calls").mkdir()
    people = People(tmp_path / "calls/people.json")
    people.put(Person("", "Lawyer", ("226304075", "P", "000000000"), "never"))
    [call] = simulated(tmp_path, "withheld", "")
    assert call["audio"]


def test_the_file_that_simulate_reads_is_the_recorders(tmp_path: Path) -> None:
    simulated(tmp_path, "missed", 'place = "DE"')
    assert load(tmp_path / "tipring.toml").consent.place == "DE"

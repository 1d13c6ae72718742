"""What caller ID leaves in the record of a call, from the wire to the sidecar."""

from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.simulate import simulate
from firmware.simulator.scenario import load_scenario


def record_of(scenario: str, folder: Path) -> dict:
    simulate(load_scenario(scenario), folder)
    [call] = Archive(folder).calls(limit=10)
    return call


def test_the_number_is_kept_as_it_was_sent_and_in_e164(tmp_path: Path) -> None:
    record = record_of("incoming-v23", tmp_path)
    assert record["number"] == "223456789"
    assert record["number_e164"] == "+48223456789"


def test_all_that_the_message_says_is_kept_by_name(tmp_path: Path) -> None:
    [message] = record_of("incoming-v23", tmp_path)["caller_ids"]
    assert (message["standard"], message["kind"]) == ("etsi-v23", "call")
    assert message["parameters"] == [
        ["date and time", "11240915"],
        ["calling line identity", "223456789"],
        ["call type", "voice call"],
    ]


def test_the_exchanges_clock_stands_beside_the_boxs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The simulated box believes that a new year begins; the exchange says 24 November, 09:15."""
    [message] = record_of("incoming-v23", tmp_path)["caller_ids"]
    assert message["when"] == "11240915"
    days = 37  # to 31 December, and then the rest of the day
    assert message["clock_difference_min"] == pytest.approx(-(days * 1440 + 885), abs=24 * 60)


@pytest.mark.parametrize(
    ("scenario", "why"), [("withheld", "withheld"), ("garbage-caller-id", "not decoded")]
)
def test_a_missing_number_says_why(scenario: str, why: str, tmp_path: Path) -> None:
    record = record_of(scenario, tmp_path)
    assert (record["number"], record["number_absent"]) == (None, why)
    assert record["number_e164"] is None

"""The doctor says what is wrong, in words, and what to do."""

from dataclasses import replace
from pathlib import Path

import pytest

from firmware.config import ArchiveConfig, AudioConfig, Config, LineConfig, StateConfig
from firmware.control import ControlServer
from firmware.doctor import Finding, examine


def config(folder: Path) -> Config:
    return replace(
        Config(),
        archive=ArchiveConfig(str(folder)),
        audio=replace(AudioConfig(), device="hw:CARD=Missing"),
        line=replace(LineConfig(), pins="mock"),
        state=StateConfig(str(folder), str(folder / "c.sock")),
    )


def found(settings: Config) -> dict[str, Finding]:
    return {one.part: one for one in examine(settings)}


def test_a_recorder_that_is_not_running_a_missing_card_and_a_good_medium(tmp_path: Path) -> None:
    parts = found(config(tmp_path))
    assert not parts["recorder"].good
    assert "Calls are not recorded now" in parts["recorder"].why
    assert not parts["card"].good
    assert "hw:CARD=Missing" in parts["card"].why
    assert parts["medium"].good
    assert list(tmp_path.iterdir()) == []


def test_pins_that_no_board_has_are_named(tmp_path: Path) -> None:
    settings = config(tmp_path)
    broken = replace(settings, line=replace(settings.line, profile="nonsense"))
    assert "tipring-a" in found(broken)["line"].why


def test_a_medium_that_refuses_writes_is_named(tmp_path: Path) -> None:
    settings = replace(config(tmp_path), archive=ArchiveConfig(str(tmp_path / "gone")))
    assert "calls are not stored there" in found(settings)["medium"].why


def test_the_lines_voltage_is_told_where_the_board_measures_it(tmp_path: Path) -> None:
    settings = config(tmp_path)
    volts = {"line_volts": 48.24, "line_lowest_volts": 9.1, "line_highest_volts": 50.0}
    volts |= {"line_idle_volts": 48.0, "line_threshold_volts": 26.4}
    server = ControlServer(
        Path(settings.state.control), lambda _: {"ok": True, "state": "idle", "alarms": {}, **volts}
    )
    server.start()
    told = found(settings)["voltage"]
    server.close()
    assert told.good
    for words in ("48.2 V now", "9.1 to 50.0 V seen", "48.0 V at rest", "below 26.4 V"):
        assert words in told.why


@pytest.mark.parametrize("state", ["idle", "cut"])
def test_a_running_recorder_is_asked_and_its_alarms_are_told(tmp_path: Path, state: str) -> None:
    settings = config(tmp_path)
    alarms = {"sound-card": "gone"} if state == "cut" else {}
    server = ControlServer(
        Path(settings.state.control), lambda _: {"ok": True, "state": state, "alarms": alarms}
    )
    server.start()
    parts = found(settings)
    server.close()
    assert parts["recorder"].good
    assert parts["line"].good == (state == "idle")
    assert ("sound-card" in parts) == (state == "cut")

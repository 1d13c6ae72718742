"""Every alarm has a switch of its own, is told once, and reaches the owner's program."""

import json
import time
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from firmware.alarms import SWITCH_OF, Alarms, Command, refused
from firmware.config import AlarmsConfig


class Listener:
    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []

    def __call__(self, message: dict[str, Any]) -> None:
        self.heard.append(message)


@pytest.mark.parametrize("kind", SWITCH_OF)
def test_each_kind_can_be_switched_off_and_on_by_itself(kind: str) -> None:
    switch = SWITCH_OF[kind]
    for on in (True, False):
        value: object = on if switch != "no_calls_days" else int(on)
        alarms = Alarms(replace(AlarmsConfig(), **{switch: value}), Listener())
        alarms.raise_(kind, "why")
        assert (kind in alarms.standing) == on
        other = next(one for one in SWITCH_OF if SWITCH_OF[one] != switch and one != "no-calls")
        alarms.raise_(other, "why")
        assert other in alarms.standing


def test_there_is_no_switch_that_switches_nothing() -> None:
    switches = {entry.name for entry in fields(AlarmsConfig)} - {"command"}
    assert switches == set(SWITCH_OF.values())


def test_what_cannot_be_recorded_at_all_cannot_be_switched_off() -> None:
    off = {name: False for name in SWITCH_OF.values() if name != "no_calls_days"}
    alarms = Alarms(replace(AlarmsConfig(), **off), Listener())  # type: ignore[arg-type]
    for kind in ("sound-card", "archive", "line-pins", "recovered"):
        alarms.raise_(kind, "why")
        assert kind in alarms.standing


def test_an_alarm_is_told_once_and_so_is_its_end() -> None:
    told, hook = Listener(), Listener()
    alarms = Alarms(AlarmsConfig(), told, hook)
    alarms.raise_("line-cut", "cut")
    alarms.raise_("line-cut", "cut")
    alarms.clear("line-cut")
    alarms.clear("line-cut")
    assert [one["event"] for one in told.heard] == ["alarm", "alarm-over"]
    assert [one["state"] for one in hook.heard] == ["raised", "over"]


def program(folder: Path, text: str) -> Path:
    path = folder / "told.sh"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_owners_program_gets_the_alarm_and_hostile_text_stays_text(tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = Command(program(tmp_path, f'echo "$1 $2" >>{out}; cat >>{out}; echo >>{out}'))
    command({"alarm": "line-cut", "state": "raised", "why": "$(touch /tmp/owned); `id`"})
    for _ in range(500):
        if out.exists() and out.read_text().count("\n") >= 2:
            break
        time.sleep(0.02)
    words, said = out.read_text().splitlines()
    assert words == "line-cut raised"
    assert json.loads(said)["why"] == "$(touch /tmp/owned); `id`"


def test_a_program_that_fails_is_told_and_stops_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    command = Command(program(tmp_path, "exit 3"))
    command({"alarm": "line-cut", "state": "raised", "why": ""})
    said = ""
    for _ in range(500):
        said += capfd.readouterr().err
        if said:
            break
        time.sleep(0.02)
    assert "the alarm command failed" in said


def test_a_program_that_anyone_may_change_is_not_run(tmp_path: Path) -> None:
    path = program(tmp_path, "true")
    assert refused(path) == ""
    path.chmod(0o777)
    assert "anyone may change it" in refused(path)
    assert "whole path" in refused(Path("told.sh"))
    assert "No such file" in refused(tmp_path / "none")
    path.chmod(0o644)
    assert "is no program" in refused(path)


def test_a_switch_that_is_turned_tells_and_hushes_what_stands_already() -> None:
    told = Listener()
    alarms = Alarms(AlarmsConfig(), told)
    alarms.raise_("overheating", "82 °C")
    alarms.switch(replace(AlarmsConfig(), heat=False))
    assert alarms.standing == {}
    alarms.raise_("overheating", "84 °C")
    alarms.switch(AlarmsConfig())
    assert alarms.standing == {"overheating": "84 °C"}
    assert [one["event"] for one in told.heard] == ["alarm", "alarm-over", "alarm"]

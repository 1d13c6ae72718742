"""The line desk: what the control socket asks of it, and what it hands on."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive.keeper import Trouble
from firmware.audio.frames import Period
from firmware.calls.machine import CallMachine
from firmware.config import Config, StateConfig
from firmware.learning.desk import LineDesk, Rewire, Wires
from firmware.line.board import Board
from firmware.line.gauge import LineGauge
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory


class Desk:
    def __init__(self, folder: Path) -> None:
        self.put: list[Any] = []
        self.published: list[dict[str, Any]] = []
        self.now = 10.0
        factory, profile = line_factory(), HatProfile.default()
        self.pins = PinDriver(profile, factory)
        self.board = Board(profile, lambda _event: None, lambda: self.now, lambda: factory)
        self.board.start()
        config = replace(Config(), state=StateConfig(str(folder), str(folder / "c.sock")))
        wires = Wires(
            *(self.put.append, self.published.append, lambda: False),
            *(CallMachine, lambda: self.now, lambda: 1_800_000_000.0),
        )
        none: Callable[[], LineGauge] = lambda: LineGauge(folder / "no-iio")  # noqa: E731
        self.desk = LineDesk(config, self.board, 8000, wires, none)

    def wait(self, seconds: float) -> None:
        for _ in range(round(seconds * 50)):
            self.desk.period(Period(0, np.zeros(160, np.int16), self.now))
            self.now += 0.02

    def ask(self, **message: Any) -> dict[str, Any]:
        return self.desk.command({"do": "wizard", **message})


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_nothing_runs_until_it_is_begun_and_each_step_is_told(desk: Desk) -> None:
    assert desk.ask()["step"] == ""
    assert not desk.ask(go="skip")["ok"]
    assert desk.ask(go="begin")["step"] == "idle"
    desk.wait(3.2)
    assert desk.ask()["step"] == "lift"
    assert {"event": "wizard", "step": "lift"} in desk.published


@pytest.mark.parametrize("message", [{"go": 7}, {"go": "redo", "step": "../x"}, {"go": "reboot"}])
def test_nonsense_is_an_answer(desk: Desk, message: dict[str, Any]) -> None:
    desk.ask(go="begin")
    assert not desk.ask(**message)["ok"]
    assert desk.ask()["step"] == "idle"


def test_to_leave_without_a_change_takes_no_pins_anew(desk: Desk) -> None:
    desk.ask(go="begin")
    desk.wait(3.2)
    desk.ask(go="cancel")
    assert not [one for one in desk.put if isinstance(one, Rewire)]


def test_a_turned_input_is_applied_at_once_kept_by_keep_and_undone_by_forget(
    desk: Desk, tmp_path: Path
) -> None:
    desk.pins.apply("offhook", True)
    desk.board.start()
    desk.board.poll(desk.now + 1)
    desk.ask(go="begin")
    desk.wait(3.2)
    desk.pins.apply("offhook", False)
    desk.now += 1
    desk.board.poll(desk.now)
    desk.wait(1.5)
    assert desk.ask()["trouble"] == "unsure"
    desk.ask(go="turn")
    assert desk.board.turned == {"offhook"}
    assert len([one for one in desk.put if isinstance(one, Rewire)]) == 1
    desk.ask(go="keep")
    assert json.loads((tmp_path / "line.json").read_text())["turned"] == ["offhook"]
    assert desk.desk.facts()["inputs_turned"] == ["offhook"]
    desk.ask(go="forget")
    assert desk.board.turned == frozenset()
    assert len([one for one in desk.put if isinstance(one, Rewire)]) == 2


def test_a_cancelled_turn_is_turned_back(desk: Desk) -> None:
    desk.pins.apply("offhook", True)
    desk.board.start()
    desk.board.poll(desk.now + 1)
    desk.ask(go="begin")
    desk.wait(3.2)
    desk.pins.apply("offhook", False)
    desk.now += 1
    desk.board.poll(desk.now)
    desk.wait(1.5)
    desk.ask(go="turn")
    desk.ask(go="cancel")
    assert desk.board.turned == frozenset()
    assert len([one for one in desk.put if isinstance(one, Rewire)]) == 2


def test_what_cannot_be_kept_is_an_alarm_and_is_used_all_the_same(
    desk: Desk, tmp_path: Path
) -> None:
    (tmp_path / "line.json.tmp").mkdir()
    desk.ask(go="begin")
    desk.ask(go="keep")
    [trouble] = [one for one in desk.put if isinstance(one, Trouble)]
    assert "cannot be kept" in trouble.why
    assert desk.ask()["learned"]["proved_at"]

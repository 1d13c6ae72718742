"""The running recorder: threads, pins, socket and lamps together, in real time."""

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gpiozero import LED

from firmware.archive import Archive
from firmware.archive.keeper import Trouble
from firmware.audio.frames import Gap, Period
from firmware.choices import FILE, Choices
from firmware.config import ArchiveConfig, Config, LineConfig, StateConfig
from firmware.control import ControlClient, RecorderRunning
from firmware.daemon import Daemon
from firmware.line.errors import PinError
from firmware.line.gauge import LineGauge
from firmware.line.profile import HatProfile
from firmware.simulator.pins import PinDriver, line_factory
from tests.support.iio import Converters


class Source:
    """A card that can be told to fail, at the pace of real time."""

    rate = 8000

    def __init__(self) -> None:
        self.last_error = ""
        self.level = 0
        self._first = 0
        self._began = time.monotonic()

    def read(self) -> Period | Gap | None:
        due = self._began + (self._first + 160) / self.rate
        time.sleep(max(0.0, due - time.monotonic()))
        if self.last_error:
            self._first += 160
            return None
        item = Period(
            self._first,
            (np.arange(160) % 2 * self.level).astype(np.int16),
            self._began + self._first / self.rate,
        )
        self._first += 160
        return item

    def close(self) -> None:
        """Nothing is held."""


class Box:
    """A daemon with its line."""

    def __init__(
        self, folder: Path, hook: str = "gpio", gauge: Callable[[], LineGauge] = LineGauge
    ) -> None:
        self.folder = folder
        self.config = replace(
            Config(),
            archive=ArchiveConfig(str(folder / "calls"), media=""),
            line=replace(LineConfig(), hook=hook, vox_hang_s=1.0),
            state=StateConfig(str(folder), str(folder / "control.sock")),
        )
        self.profile = HatProfile.default()
        self.factory = line_factory()
        self.source = Source()
        self.line = PinDriver(self.profile, self.factory)
        self.daemon = Daemon(
            self.config, self.source, self.profile, lambda: self.factory, gauge=gauge
        )
        self.client = ControlClient(Path(self.config.state.control))

    def state(self) -> dict[str, Any]:
        return self.client.request({"do": "state"})

    def calls(self) -> list[dict[str, Any]]:
        return Archive(self.folder / "calls").calls()

    def lamp(self, name: str) -> bool:
        return bool(self.factory.pin(self.profile.lamps[name]).state)


def eventually(check: Callable[[], object]) -> object:
    for _ in range(500):
        if found := check():
            return found
        time.sleep(0.02)
    raise AssertionError("it never came to that")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def box(folder: Path) -> Iterator[Box]:
    made = Box(folder)
    made.daemon.start()
    yield made
    made.daemon.stop()
    assert not made.daemon.failed.is_set()


def test_a_call_is_recorded_flagged_by_the_socket_and_listed(box: Box) -> None:
    assert box.state()["state"] == "idle"
    eventually(lambda: box.lamp("ok"))
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    assert box.lamp("rec")
    assert box.client.request({"do": "flag"})["ok"]
    box.line.apply("offhook", False)
    [call] = eventually(box.calls)
    assert (call["outcome"], call["answered"]) == ("unknown", None)
    assert len(call["flags"]) == 1
    assert call["flagged"]
    eventually(lambda: not box.state()["recording"])


def test_the_flag_button_after_the_call_flags_it_and_the_lamp_says_so(box: Box) -> None:
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    eventually(box.calls)
    box.line.apply("flag", True)
    eventually(lambda: box.calls()[0].get("flagged"))
    assert box.state()["flag_pressed_ago_s"] < 30
    eventually(lambda: box.lamp("rec"))


def test_a_card_that_fails_is_an_alarm_until_it_is_back(box: Box) -> None:
    box.source.last_error = "The sound card is gone; calls are not recorded."
    eventually(lambda: box.state()["alarms"])
    assert "not recorded" in box.state()["alarms"]["sound-card"]
    eventually(lambda: box.lamp("fault"))
    box.source.last_error = ""
    eventually(lambda: not box.state()["alarms"])


def test_a_second_recorder_does_not_start_and_leaves_the_first_alone(box: Box) -> None:
    second = Daemon(box.config, Source(), box.profile, line_factory)
    with pytest.raises(RecorderRunning):
        second.start()
    assert box.state()["ok"]


def test_a_call_that_runs_when_the_recorder_is_stopped_is_kept(folder: Path) -> None:
    box = Box(folder)
    box.daemon.start()
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.daemon.stop()
    [call] = box.calls()
    assert call["outcome"] == "unfinished"
    assert call["audio"]


def test_without_hook_detection_voice_begins_and_ends_a_call(folder: Path) -> None:
    box = Box(folder, hook="vox")
    box.daemon.start()
    try:
        assert box.state()["hook"] == "vox"
        box.source.level = 8000
        eventually(lambda: box.state()["recording"])
        box.source.level = 0
        [call] = eventually(box.calls)
        assert call["audio"]
    finally:
        box.daemon.stop()


def test_nonsense_from_the_socket_is_an_answer(box: Box) -> None:
    assert not box.client.request({"do": ["x"]})["ok"]
    assert not box.client.request({"what": 1})["ok"]


def test_pins_that_cannot_be_had_make_calls_be_found_by_voice_until_they_can(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.daemon.PINS_AGAIN_S", 0.5)
    held = [True]
    box = Box(folder)

    def pins() -> object:
        if held[0]:
            raise PinError("GPIO 17 (offhook) cannot be used: busy.")
        return box.factory

    daemon = Daemon(box.config, box.source, box.profile, pins)
    daemon.start()
    try:
        assert "GPIO 17" in box.state()["alarms"]["line-pins"]
        assert "voice activation" in box.state()["alarms"]["line-pins"]
        assert box.state()["hook"] == "vox"
        box.source.level = 8000
        eventually(lambda: box.state()["recording"])
        box.source.level = 0
        held[0] = False
        eventually(box.calls)
        eventually(lambda: not box.state()["alarms"])
        assert box.state()["hook"] == "gpio"
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
        box.line.apply("offhook", False)
        eventually(lambda: len(box.calls()) == 2)
    finally:
        daemon.stop()
    assert not daemon.failed.is_set()


def test_a_lamp_that_cannot_be_lit_leaves_the_line_watched(folder: Path) -> None:
    box = Box(folder)
    other = LED(box.profile.lamps["rec"], pin_factory=box.factory)
    box.daemon.start()
    try:
        assert "lamp rec" in box.state()["alarms"]["lamps"]
        assert box.state()["hook"] == "gpio"
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
    finally:
        box.daemon.stop()
        other.close()


def test_a_running_call_is_heard_live_until_it_is_private(box: Box) -> None:
    box.source.level = 2000
    with box.client.listening() as (reply, _):
        assert not reply["ok"]  # nothing is heard of a line that is on-hook
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    with box.client.listening() as (reply, blocks):
        assert reply == {"ok": True, "rate": 8000}
        block = np.frombuffer(next(blocks), "<i2")
        assert block.max() == 2000
        assert box.client.request({"do": "private"})["ok"]
        rest = list(blocks)
        assert len(rest) < 100
    with box.client.listening() as (reply, _):
        assert not reply["ok"]
    box.line.apply("offhook", False)


def test_the_level_of_a_running_call_is_told_once_a_second(box: Box) -> None:
    box.source.level = 2000
    events = box.client.events(greeted=True)
    assert next(events) == {"event": "subscribed"}
    box.line.apply("offhook", True)
    told = (event["dbm0"] for event in events if event["event"] == "level")
    # What was captured before the sound began may still be on its way.
    assert any(-30 < dbm0 < -10 for dbm0 in islice(told, 5))
    box.line.apply("offhook", False)


def test_what_is_chosen_on_the_page_holds_at_once_and_after_a_start() -> None:
    with tempfile.TemporaryDirectory() as name:
        box = Box(Path(name))
        choices = Choices(Path(name))
        box.daemon.start()
        try:
            box.daemon._inbox.put(Trouble("restarted", "It was started anew."))
            eventually(lambda: "restarted" in box.state()["alarms"])
            choices.put("alarms", {"restarted": False})
            assert box.client.request({"do": "settings"}) == {"ok": True}
            eventually(lambda: "restarted" not in box.state()["alarms"])
        finally:
            box.daemon.stop()
        (Path(name) / FILE).write_text("{")
        again = Box(Path(name))
        again.daemon.start()
        try:
            eventually(lambda: FILE in again.state()["alarms"].get("settings", ""))
        finally:
            again.daemon.stop()


# --- the HAT's findings, with the real classes of firmware/line ---


def ring(box: Box, cycles: int, hertz: float = 25.0, hook_too: bool = False) -> None:
    """Ringing as the detector gives it; `hook_too`: it moves the off-hook comparator as well."""
    for _ in range(cycles):
        box.line.apply("ring", True)
        if hook_too:
            box.line.apply("offhook", True)
        time.sleep(0.5 / hertz)
        box.line.apply("ring", False)
        if hook_too:
            box.line.apply("offhook", False)
        time.sleep(0.5 / hertz)


def test_fewer_than_three_edges_are_no_ringing(box: Box) -> None:
    """A lifted or hung up telephone makes an edge or two at the ring detector."""
    ring(box, 2)
    time.sleep(0.4)
    assert box.state()["state"] == "idle"
    ring(box, 12)
    eventually(lambda: box.state()["state"] == "ringing")


@pytest.mark.parametrize("hertz", [8.0, 220.0])
def test_edges_that_are_too_slow_or_too_quick_are_no_ringing(box: Box, hertz: float) -> None:
    ring(box, 9, hertz)
    time.sleep(0.4)
    assert box.state()["state"] == "idle"


def test_ringing_that_moves_the_hook_comparator_too_records_nothing(box: Box) -> None:
    ring(box, 20, hook_too=True)
    assert box.state()["state"] == "ringing"
    assert not box.state()["recording"]
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    [call] = eventually(box.calls)
    assert (call["direction"], call["rings"]) == ("incoming", 1)


def test_the_voltage_is_learned_sets_the_comparator_is_told_and_survives_a_restart(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.line.voltage.LIVE_S", 0.1)
    board = Converters(folder / "iio", 52.0)
    first = Box(folder, gauge=board.gauge)
    first.daemon.start()
    try:
        eventually(lambda: (folder / "line.json").exists())
        state = first.state()
        assert state["line_volts"] == pytest.approx(52.0, abs=0.1)
        assert state["line_idle_volts"] == pytest.approx(52.0, abs=0.1)
        assert state["line_threshold_volts"] == pytest.approx(28.6, abs=0.3)
        assert board.threshold() == pytest.approx(28.6, abs=0.3)
    finally:
        first.daemon.stop()
    (board.dac / "out_voltage0_raw").write_text("2048\n")
    second = Box(folder, gauge=board.gauge)
    second.daemon.start()
    try:
        assert second.state()["line_idle_volts"] == pytest.approx(52.0, abs=0.1)
        eventually(lambda: board.threshold() == pytest.approx(28.6, abs=0.3))
    finally:
        second.daemon.stop()


def test_a_gauge_that_fails_is_an_alarm_and_calls_are_recorded_all_the_same(folder: Path) -> None:
    board = Converters(folder / "iio")
    box = Box(folder, gauge=board.gauge)
    box.daemon.start()
    try:
        eventually(lambda: box.state()["line_volts"])
        (board.adc / "in_voltage0_raw").write_text("")
        eventually(lambda: "line-gauge" in box.state()["alarms"])
        assert "calls are still noticed" in box.state()["alarms"]["line-gauge"]
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["recording"])
        box.line.apply("offhook", False)
        eventually(box.calls)
        board.line(48.0)
        eventually(lambda: "line-gauge" not in box.state()["alarms"])
    finally:
        box.daemon.stop()


def test_a_box_without_the_gauge_is_as_it_always_was(box: Box) -> None:
    state = box.state()
    assert state["line_volts"] is None
    assert state["line_threshold_volts"] is None
    assert state["alarms"] == {}


def test_an_unplugged_line_is_told_as_cut_while_its_charge_still_runs_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pin says lifted and stays so; the voltage says that nobody holds it."""
    monkeypatch.setattr("firmware.line.voltage.APART_S", 0.1)
    monkeypatch.setattr("firmware.line.voltage.LIVE_S", 0.1)
    board = Converters(folder / "iio")
    box = Box(folder, gauge=board.gauge)
    box.daemon.start()
    try:
        eventually(lambda: box.state()["line_idle_volts"])
        board.line(25.0)
        board.runs_off = 0.9
        box.line.apply("offhook", True)
        eventually(lambda: box.state()["state"] == "cut")
        eventually(lambda: "line-cut" in box.state()["alarms"])
        [call] = eventually(box.calls)
        assert call["outcome"] == "line-cut"
        board.runs_off = 1.0
        board.line(48.0)
        box.line.apply("offhook", False)
        eventually(lambda: box.state()["state"] == "idle")
        eventually(lambda: box.state()["alarms"] == {})
    finally:
        box.daemon.stop()


def test_by_voice_a_call_ends_after_the_hang_time_and_the_next_is_another(folder: Path) -> None:
    """A pause shorter than the hang time ends nothing; two calls are never one recording."""
    box = Box(folder, hook="vox")
    box.daemon.start()
    try:
        for count in (1, 2):
            box.source.level = 8000
            eventually(lambda: box.state()["recording"])
            began = time.monotonic()
            time.sleep(0.3)
            box.source.level = 0
            time.sleep(0.4)  # of 1 s
            assert box.state()["recording"], "a pause is no hang-up"
            box.source.level = 8000
            time.sleep(0.3)
            box.source.level = 0
            eventually(lambda count=count: len(box.calls()) == count)
            call = box.calls()[0]
            assert call["audio"]
            assert 1.5 < call["duration_s"] < time.monotonic() - began + 1.5
            assert not box.state()["recording"]
        newer, older = box.calls()
        assert newer["id"] != older["id"]
        ended = older["started_monotonic"] + older["duration_s"]
        assert newer["started_monotonic"] > ended - 0.5
    finally:
        box.daemon.stop()

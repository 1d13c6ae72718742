"""The inject switch: open unless a sound is being played, whatever happens to the process."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gpiozero import LED

from firmware.line.board import Board
from firmware.line.errors import ProfileError
from firmware.line.profile import HatProfile
from firmware.simulator.pins import line_factory

PIN = 16


@pytest.fixture
def factory() -> Iterator[Any]:
    made = line_factory()
    yield made
    made.close()


def board(factory: Any) -> Board:
    return Board(HatProfile.default(), lambda _event: None, lambda: 0.0, lambda: factory)


def closed(factory: Any) -> bool:
    return bool(factory.pin(PIN).state)


def test_it_is_open_from_the_start_whatever_a_crash_left(factory: Any) -> None:
    factory.pin(PIN).output_with_state(True)
    made = board(factory)
    made.start()
    assert not closed(factory)
    made.close()


def test_it_is_closed_while_a_sound_is_played_and_open_at_stop(factory: Any) -> None:
    made = board(factory)
    made.start()
    assert made.inject(True)
    assert closed(factory)
    assert made.inject(False)
    assert not closed(factory)
    assert made.inject(True)
    made.close()
    assert factory.pin(PIN).function == "input"  # nothing drives it: the relay is open
    assert not made.inject(True)


def test_a_pin_that_is_in_use_is_told_and_the_line_is_watched(factory: Any) -> None:
    other = LED(PIN, pin_factory=factory)
    made = board(factory)
    assert made.start()
    assert "GPIO 16 (inject)" in made.trouble
    assert not made.inject(True)
    made.close()
    other.close()


def test_a_board_without_a_switch_is_connected_always(factory: Any, tmp_path: Path) -> None:
    path = tmp_path / "usb.toml"
    path.write_text("[inputs.offhook]\npin = 17\n")
    made = Board(HatProfile.load(path), lambda _event: None, lambda: 0.0, lambda: factory)
    made.start()
    assert made.inject(True)
    made.close()


def test_an_output_that_is_unknown_or_on_a_lamps_pin_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text("[outputs]\nsiren = 3\n")
    with pytest.raises(ProfileError, match="expected one of inject"):
        HatProfile.load(path)
    path.write_text("[lamps]\nok = 3\n[outputs]\ninject = 3\n")
    with pytest.raises(ProfileError, match="pin 3 is used twice"):
        HatProfile.load(path)

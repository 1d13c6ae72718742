"""The flag button, and voice activation."""

from firmware.events import FlagPressed, OffHook, OnHook, PrivatePressed
from firmware.line.button import ButtonClassifier
from firmware.line.vox import VoxDetector


def test_a_press_flags_at_once() -> None:
    button = ButtonClassifier()
    assert button.edge(True, 1.0) == [FlagPressed(1.0)]
    assert button.edge(False, 1.3) == []


def test_a_press_held_long_also_asks_for_privacy_once() -> None:
    button = ButtonClassifier()
    button.edge(True, 1.0)
    assert button.deadline() == 2.5
    assert button.tick(2.5) == [PrivatePressed(2.5)]
    assert button.tick(9.0) + button.edge(False, 9.5) == []


def test_voice_begins_a_call_and_a_long_silence_ends_it() -> None:
    vox, found = VoxDetector(-40.0, hang_s=5.0), []
    for period in range(1000):
        time = period * 0.02
        speaking = 2.0 <= time < 8.0 and not 4.0 <= time < 6.0
        found += vox.feed(-20.0 if speaking else -60.0, time)
    assert isinstance(found[0], OffHook)
    assert isinstance(found[1], OnHook)
    assert abs(found[0].time - 2.0) < 0.03
    assert abs(found[1].time - 13.0) < 0.05
    assert len(found) == 2


def test_a_call_that_was_ended_otherwise_is_let_go_and_more_sound_is_another_call() -> None:
    vox, found = VoxDetector(-40.0, hang_s=5.0), []
    for period in range(100):
        found += vox.feed(-20.0, period * 0.02)
    vox.release_call()
    assert not vox.active
    for period in range(100, 200):
        found += vox.feed(-20.0, period * 0.02)
    assert [type(event) for event in found] == [OffHook, OffHook]
    assert found[1].time == 2.0


def test_a_click_is_no_call() -> None:
    vox = VoxDetector(-40.0)
    assert vox.feed(-10.0, 1.0) + vox.feed(-60.0, 1.02) + vox.feed(-10.0, 3.0) == []

"""Play-out through real ALSA into a private null sink, heard again by the real capture."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from firmware.audio import announce
from firmware.audio.capture import AlsaCapture
from firmware.audio.frames import Period
from firmware.audio.playout import AlsaPlayout, Played
from firmware.signals.matched import find
from tests.support.sound import NullSink, compared, null_sink


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[NullSink]:
    with null_sink(tmp_path) as made:
        yield made


def heard(capture: AlsaCapture, seconds: float) -> np.ndarray:
    """What comes back from the line."""
    parts, count = [], 0
    while count < seconds * 8000:
        item = capture.read()
        if isinstance(item, Period):
            parts.append(item.samples)
            count += len(item.samples)
    return np.concatenate(parts)


def test_the_announcement_reaches_the_line_and_is_heard_again(sink: NullSink) -> None:
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    capture = AlsaCapture("line_in", 8000)
    before = heard(capture, 0.5)
    playout = AlsaPlayout("line_out", 8000, done.put)
    sound = announce.announcement("pl", 8000)
    assert playout.play("announcement", sound)
    assert not playout.play("beep", sound)  # one at a time
    recording = np.concatenate((before, heard(capture, len(sound) / 8000 + 2.0)))
    played = done.get(timeout=10)
    assert (played.name, played.frames, played.error) == ("announcement", len(sound), "")
    match = find(recording.astype(np.float32) / 32768, sound.astype(np.float32) / 32768, 8000)
    assert match is not None
    assert match.found
    played_samples = sound[np.flatnonzero(sound)]
    lost, filled = compared(played_samples, recording[np.flatnonzero(recording)])
    # PulseAudio may join a new stream in mid-period.
    assert lost < 0.05 * len(played_samples)
    assert playout.play("beep", announce.beep(8000))
    assert done.get(timeout=10).error == ""
    playout.close()
    capture.close()


def test_it_is_silent_at_once_when_told(sink: NullSink) -> None:
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    playout = AlsaPlayout("line_out", 8000, done.put)
    assert playout.play("announcement", np.full(8000 * 20, 1000, np.int16))
    playout.stop()
    assert done.get(timeout=10).frames < 8000 * 20
    playout.close()


def test_a_missing_card_is_said_and_nothing_stops(tmp_path: Path) -> None:
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    playout = AlsaPlayout("hw:CARD=Nowhere", 8000, done.put)
    assert playout.play("beep", announce.beep(8000))
    played = done.get(timeout=10)
    assert played.frames == 0
    assert "Calls are recorded" in played.error
    assert playout.play("beep", announce.beep(8000))
    done.get(timeout=10)
    playout.close()


def test_the_way_to_the_line_is_open_only_while_a_sound_is_played(sink: NullSink) -> None:
    turned: list[bool] = []

    def gate(on: bool) -> bool:
        turned.append(on)
        return True

    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    playout = AlsaPlayout("line_out", 8000, done.put, gate=gate)
    assert playout.play("beep", announce.beep(8000))
    assert done.get(timeout=10).error == ""
    assert turned == [True, False]
    playout.close()


def test_a_switch_that_cannot_be_closed_is_said(sink: NullSink) -> None:
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    playout = AlsaPlayout("line_out", 8000, done.put, gate=lambda on: not on)
    assert playout.play("beep", announce.beep(8000))
    assert "switch (inject) cannot be closed" in done.get(timeout=10).error
    playout.close()


def test_a_card_is_tried_without_a_sound_and_without_the_switch(sink: NullSink) -> None:
    turned: list[bool] = []
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    playout = AlsaPlayout("line_out", 8000, done.put, gate=lambda on: not turned.append(on))
    playout.probe()
    played = done.get(timeout=10)
    assert (played.name, played.frames, played.error) == ("", 0, "")
    assert True not in turned
    playout.close()
    missing = AlsaPlayout("hw:CARD=Nowhere", 8000, done.put)
    missing.probe()
    assert "Calls are recorded" in done.get(timeout=10).error
    missing.close()


def test_a_card_that_goes_while_it_plays_is_said_and_nothing_hangs(tmp_path: Path) -> None:
    done: queue.SimpleQueue[Played] = queue.SimpleQueue()
    with null_sink(tmp_path):
        playout = AlsaPlayout("line_out", 8000, done.put)
        assert playout.play("announcement", np.full(8000 * 20, 1000, np.int16))
        time.sleep(0.5)
    assert done.get(timeout=20).error
    playout.close()

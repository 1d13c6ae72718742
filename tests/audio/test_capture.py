"""Capture through the real pyalsaaudio, from a private PulseAudio null sink."""

import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from firmware.audio.capture import AlsaCapture
from firmware.audio.errors import AudioError, CardUnknown
from firmware.audio.frames import Gap, Period
from tests.support.sound import NullSink, null_sink


def numbered(count: int) -> NDArray[np.int16]:
    """No two stretches alike, none of it silent."""
    random = np.random.default_rng(3)
    return random.integers(1, 20000, count, dtype=np.int16)


def collect(capture: AlsaCapture, seconds: float) -> list[Period | Gap]:
    items: list[Period | Gap] = []
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if (item := capture.read()) is not None:
            items.append(item)
    return items


def joined(items: list[Period | Gap]) -> NDArray[np.int16]:
    return np.concatenate([item.samples for item in items if isinstance(item, Period)])


def flowing(capture: AlsaCapture) -> AlsaCapture:
    """Wait until samples flow: PulseAudio's first block may take two seconds."""
    got = 0
    while got < 50:
        got += capture.read() is not None
    return capture


@pytest.fixture
def sink() -> Iterator[NullSink]:
    with tempfile.TemporaryDirectory() as folder, null_sink(Path(folder)) as made:
        yield made


def test_what_is_played_is_captured_sample_by_sample(sink: NullSink) -> None:
    capture = flowing(AlsaCapture("line_in"))
    played = numbered(3 * 8000)
    player = sink.play(played)
    items = collect(capture, 5.5)
    capture.close()
    player.wait(timeout=10)
    heard = joined(items)
    first = int(np.flatnonzero(heard)[0])
    assert np.array_equal(heard[first : first + len(played)], played)
    assert not [item for item in items if isinstance(item, Gap)]
    for before, after in zip(items, items[1:], strict=False):
        assert after.first == before.end
        assert after.time == pytest.approx(
            before.time + (before.end - before.first) / 8000, abs=0.1
        )


def test_a_card_that_vanishes_and_comes_back_leaves_a_gap_of_its_length(sink: NullSink) -> None:
    capture = flowing(AlsaCapture("line_in"))
    before = collect(capture, 0.6)
    sink.stop()
    while capture.read() is not None:
        continue
    assert "calls are not recorded" in capture.last_error
    sink.start()
    began = time.monotonic()
    after: list[Period | Gap] = []
    while time.monotonic() - began < 8 and not any(isinstance(one, Gap) for one in after):
        after += collect(capture, 0.2)
    after += collect(capture, 0.3)
    capture.close()
    [gap] = [item for item in after if isinstance(item, Gap)]
    assert "card lost" in gap.reason
    assert gap.count > 800
    assert gap.first == before[-1].end or gap.first > before[-1].end
    assert isinstance(after[-1], Period)
    place = after.index(gap)
    assert after[place + 1].first == gap.end
    assert capture.last_error == ""


def test_an_unknown_card_is_named_with_the_cards_there_are() -> None:
    with pytest.raises(CardUnknown, match=r"hw:CARD=Nope.*calls are not recorded.*Cards here"):
        AlsaCapture("hw:CARD=Nope")


def test_every_failure_of_a_card_is_an_audio_error() -> None:
    with pytest.raises(AudioError):
        AlsaCapture("no_such_pcm_at_all")


def test_a_card_is_let_go_by_another_thread_while_it_is_being_read(sink: NullSink) -> None:
    for _ in range(10):
        capture = AlsaCapture("line_in")
        ended = threading.Event()

        def read_on(capture: AlsaCapture = capture, ended: threading.Event = ended) -> None:
            until = time.monotonic() + 20
            while time.monotonic() < until:
                if capture.read() is None and capture.closed:
                    ended.set()
                    return

        reader = threading.Thread(target=read_on)
        reader.start()
        time.sleep(0.05)
        capture.close()
        reader.join(timeout=20)
        assert ended.is_set()

"""The parts one by one: GPIO edges, lamps, capture."""

import subprocess
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from firmware.audio.capture import AlsaCapture
from firmware.audio.errors import CardBusy
from firmware.audio.frames import Gap, Period
from firmware.events import FlagPressed, LineEvent, OffHook, OnHook, PulseDigit
from firmware.line.errors import PinError
from firmware.line.factory import header_chip, pin_factory
from firmware.line.lamps import Lamps
from firmware.line.monitor import LineMonitor
from firmware.line.profile import HatProfile
from tests.kernel.board import CAPTURED, PLAYED, Copper, eventually, play


def watched(copper_events: list[LineEvent]) -> tuple[LineMonitor, Copper, object]:
    profile = HatProfile.default()
    copper = Copper(profile)
    factory = pin_factory("lgpio")
    monitor = LineMonitor(
        profile, copper_events.append, time.monotonic, factory, kernel_stamps=True
    )
    return monitor, copper, factory


def test_the_chip_of_the_header_is_found_by_its_label() -> None:
    assert header_chip() == 0


def test_off_hook_a_rotary_digit_and_the_button_are_seen_with_the_kernels_time() -> None:
    events: list[LineEvent] = []
    monitor, copper, factory = watched(events)
    monitor.start()
    began = time.monotonic()

    def pass_time(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(0.005)
            monitor.poll(time.monotonic() - 0.05)

    pass_time(0.3)
    lifted = time.monotonic()
    copper.apply("offhook", True)
    pass_time(1.0)
    for _ in range(7):
        copper.apply("offhook", False)
        pass_time(0.060)
        copper.apply("offhook", True)
        pass_time(0.040)
    pass_time(0.6)
    copper.apply("flag", True)
    pass_time(0.2)
    copper.apply("flag", False)
    copper.apply("offhook", False)
    pass_time(1.0)
    monitor.close()
    factory.close()  # type: ignore[attr-defined]
    assert [type(event) for event in events] == [OffHook, PulseDigit, FlagPressed, OnHook]
    assert isinstance(events[1], PulseDigit)
    assert events[1].digit == "7"
    assert began < events[0].time
    assert events[0].time == pytest.approx(lifted, abs=0.05)


def test_the_lamps_are_lit_on_real_lines() -> None:
    profile = HatProfile.default()
    copper = Copper(profile)
    factory = pin_factory("lgpio")
    lamps = Lamps(profile, factory)
    lamps.show("recording")
    lit = {name: copper.lamp(name) for name in profile.lamps}
    lamps.show("fault")
    eventually(lambda: copper.lamp("fault"))
    eventually(lambda: not copper.lamp("fault"))
    dark = copper.lamp("rec")
    lamps.close()
    factory.close()
    assert lit == {"ok": True, "rec": True, "fault": False}
    assert not dark


def test_a_line_that_another_program_holds_is_said() -> None:
    import lgpio

    chip = lgpio.gpiochip_open(0)
    lgpio.gpio_claim_input(chip, 17)
    monitor, _, factory = watched([])
    with pytest.raises(PinError, match=r"GPIO 17 \(offhook\) cannot be used"):
        monitor.start()
    lgpio.gpiochip_close(chip)
    factory.close()  # type: ignore[attr-defined]


def test_the_card_gives_what_was_played_sample_by_sample() -> None:
    random = np.random.default_rng(4)
    played = random.integers(1, 20000, 24000, dtype=np.int16)
    capture = AlsaCapture(CAPTURED)
    items: list[Period | Gap] = []
    with tempfile.TemporaryDirectory() as folder:
        player = play(played, Path(folder))
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if item := capture.read():
                items.append(item)
        player.wait(timeout=10)
    capture.close()
    assert not [item for item in items if isinstance(item, Gap)]
    heard = np.concatenate([item.samples for item in items if isinstance(item, Period)])
    first = int(np.flatnonzero(heard)[0])
    assert np.array_equal(heard[first : first + len(played)], played)


def test_an_xrun_is_a_gap_of_the_samples_that_were_lost() -> None:
    played = np.random.default_rng(5).integers(1, 20000, 6 * 8000, dtype=np.int16)
    capture = AlsaCapture(CAPTURED)
    items: list[Period | Gap] = []

    def read_on(seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if item := capture.read():
                items.append(item)

    with tempfile.TemporaryDirectory() as folder:
        player = play(played, Path(folder))
        read_on(1.5)
        time.sleep(1.0)  # nobody reads: the card's buffer of 320 ms runs over
        read_on(2.0)
        player.wait(timeout=10)
    capture.close()
    [gap] = [item for item in items if isinstance(item, Gap)]
    assert gap.reason == "xrun"
    assert 0.5 * 8000 < gap.count < 1.1 * 8000
    for before, after in zip(items, items[1:], strict=False):
        assert after.first == before.end
    # Behind the gap the samples lie where they would lie had nothing been lost.
    heard = np.concatenate(
        [
            item.samples if isinstance(item, Period) else np.zeros(item.count, np.int16)
            for item in items
        ]
    )
    first = int(np.flatnonzero(heard)[0])
    behind = gap.end - first
    pattern = heard[gap.end + 800 : gap.end + 900]
    [found] = [
        int(at)
        for at in np.flatnonzero(played == pattern[0])
        if np.array_equal(played[at : at + 100], pattern)
    ]
    assert found == pytest.approx(behind + 800, abs=0.1 * 8000)


def test_a_card_in_use_is_said_and_taken_when_it_is_free() -> None:
    first = AlsaCapture(CAPTURED)
    with pytest.raises(CardBusy, match="used by another program"):
        AlsaCapture(CAPTURED)
    second = AlsaCapture(CAPTURED, patient=True)
    assert second.read() is None
    assert "used by another program" in second.last_error
    first.close()
    gap = eventually(second.read)
    second.close()
    assert isinstance(gap, Gap)
    assert gap.reason == "no card at the start"


def test_a_card_that_offers_only_48_khz_stereo_is_decimated_without_aliases() -> None:
    """The loopback's other end holds the rate: the capture side offers no other then."""
    rate, seconds = 48000, 4
    at = np.arange(rate * seconds) / rate
    left = 8000 * np.sin(2 * np.pi * 1000 * at) + 8000 * np.sin(2 * np.pi * 6000 * at)
    right = 8000 * np.sin(2 * np.pi * 3000 * at)
    both = np.stack((left, right), axis=1).astype("<i2")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stereo.raw"
        path.write_bytes(both.tobytes())
        player = subprocess.Popen(
            ["aplay", "-q", "-D", PLAYED, "-t", "raw", "-f", "S16_LE", "-c", "2"]
            + ["-r", str(rate), str(path)]
        )
        time.sleep(0.5)
        capture = AlsaCapture(CAPTURED)
        items: list[Period | Gap] = []
        while sum(item.end - item.first for item in items) < 2 * 8000:
            if item := capture.read():
                items.append(item)
        capture.close()
        player.wait(timeout=20)
    assert not [item for item in items if isinstance(item, Gap)]
    heard = np.concatenate([item.samples for item in items if isinstance(item, Period)])[4000:12000]
    level = 2 * np.abs(np.fft.rfft(heard * np.hanning(8000))) / 4000  # one bin a hertz
    assert level[1000] == pytest.approx(8000, rel=0.02)
    assert level[2000] < 8  # where 6 kHz would be without a filter: 60 dB down
    assert level[3000] < 8  # the other channel


def test_a_card_is_let_go_by_another_thread_while_it_is_being_read() -> None:
    for _ in range(5):
        capture = AlsaCapture(CAPTURED)
        reader = threading.Thread(target=lambda card=capture: [card.read() for _ in range(20)])
        reader.start()
        time.sleep(0.05)
        capture.close()
        reader.join(timeout=10)
        assert not reader.is_alive()

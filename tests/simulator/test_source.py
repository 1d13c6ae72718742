"""Audio sources: at any speed on a virtual clock, or paced without drift."""

import threading
import time

import numpy as np
import pytest

from firmware.audio.frames import AudioSource, Period
from firmware.simulator.errors import ClockError
from firmware.simulator.generators.levels import level_dbm0
from firmware.simulator.source import RealtimeSource, SimulatedSource, VirtualClock
from firmware.simulator.timeline import Timeline


def timeline(count: int = 1000) -> Timeline:
    return Timeline(8000, np.arange(count, dtype=np.int16), [])


def all_of(source: AudioSource) -> list[Period]:
    periods = []
    while (item := source.read()) is not None:
        assert isinstance(item, Period)
        periods.append(item)
    return periods


class SteppedClock:
    """Time passes only while somebody waits, and each wait ends `late` seconds late."""

    def __init__(self, late: float = 0.0) -> None:
        self.now, self.late = 100.0, late
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += seconds + self.late
        return False


def test_a_virtual_clock_goes_forward_only() -> None:
    clock = VirtualClock()
    clock.set(1.5)
    clock.set(1.5)
    assert clock() == 1.5
    with pytest.raises(ClockError, match="cannot go back"):
        clock.set(1.4)
    assert clock() == 1.5


def test_a_simulated_source_gives_every_sample_once_at_its_time() -> None:
    source = SimulatedSource(timeline(1000), VirtualClock())
    periods = all_of(source)
    assert [len(each.samples) for each in periods] == [160] * 6 + [40]
    assert np.array_equal(np.concatenate([each.samples for each in periods]), np.arange(1000))
    for each in periods:
        assert each.time == each.first / 8000
    assert source.read() is None


def test_a_simulated_source_starts_at_the_clocks_time() -> None:
    source = SimulatedSource(timeline(), VirtualClock(50.0), period=80)
    periods = all_of(source)
    assert periods[0].time == 50.0
    assert periods[1].time == 50.01


def test_a_closed_simulated_source_gives_nothing_more() -> None:
    source = SimulatedSource(timeline(), VirtualClock())
    source.read()
    source.close()
    assert source.read() is None


def test_a_real_time_source_never_gives_a_period_before_its_last_sample_is_due() -> None:
    clock = SteppedClock()
    source = RealtimeSource(timeline(), clock, wait=clock.wait)
    for number in range(6):
        item = source.read()
        assert item is not None
        assert item.time == pytest.approx(100.0 + number * 0.02)
        assert clock() == pytest.approx(100.0 + (number + 1) * 0.02)
    assert source.started == 100.0


def test_late_wakes_do_not_add_up() -> None:
    clock = SteppedClock(late=0.003)
    source = RealtimeSource(timeline(), clock, wait=clock.wait)
    for _ in range(1000):
        item = source.read()
    assert item is not None
    assert item.first == 999 * 160
    assert item.time == pytest.approx(100.0 + 999 * 0.02)
    assert clock() == pytest.approx(100.0 + 1000 * 0.02 + 0.003)


def test_a_reader_that_was_away_gets_what_has_piled_up_at_once() -> None:
    clock = SteppedClock()
    source = RealtimeSource(timeline(), clock, wait=clock.wait)
    source.read()
    clock.now += 1.0
    waited = len(clock.waits)
    for number in range(1, 51):
        item = source.read()
        assert item is not None
        assert item.first == number * 160
    assert len(clock.waits) == waited
    source.read()
    assert len(clock.waits) == waited + 1


def test_after_the_scenario_comes_low_noise_for_ever() -> None:
    clock = SteppedClock()
    source = RealtimeSource(timeline(1000), clock, wait=clock.wait)
    periods = [source.read() for _ in range(500)]
    stream = np.concatenate([each.samples for each in periods if each is not None])
    assert len(stream) == 500 * 160
    assert np.array_equal(stream[:1000], np.arange(1000))
    assert level_dbm0(stream[1000:] / 32768.0) == pytest.approx(-65.0, abs=0.3)
    assert not np.array_equal(stream[1000:1040], stream[1040:1080])


def test_without_silence_it_ends() -> None:
    clock = SteppedClock()
    source = RealtimeSource(timeline(1000), clock, loop_silence=False, wait=clock.wait)
    periods = all_of(source)
    assert sum(len(each.samples) for each in periods) == 1000
    assert clock() == pytest.approx(100.125)


def test_the_first_look_at_started_starts_the_stream() -> None:
    clock = SteppedClock()
    source = RealtimeSource(timeline(), clock, wait=clock.wait)
    clock.now = 200.0
    assert source.started == 200.0
    clock.now = 200.5
    item = source.read()
    assert item is not None
    assert item.time == 200.0


def test_close_wakes_a_reader_that_waits() -> None:
    source = RealtimeSource(timeline(), lambda: 0.0)
    found: list[Period | None] = []
    reader = threading.Thread(target=lambda: found.append(source.read()), daemon=True)
    reader.start()
    assert source.started == 0.0
    source.close()
    reader.join(timeout=5)
    assert found == [None]
    assert source.read() is None


def test_real_time_is_kept_on_the_real_clock() -> None:
    source = RealtimeSource(timeline(), period=40)
    items = [source.read() for _ in range(10)]
    passed = time.monotonic() - source.started
    assert items[-1] is not None
    assert passed >= 400 / 8000

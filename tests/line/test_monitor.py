"""Real gpiozero devices on mock pins become line events."""

from collections.abc import Iterator

import pytest
from gpiozero.pins.mock import MockFactory

from firmware.events import (
    FlagPressed,
    LineCut,
    LineEvent,
    LineRestored,
    LineReversal,
    OffHook,
    OnHook,
    PrivatePressed,
    RingBurst,
    RingStarted,
)
from firmware.line.errors import PinError
from firmware.line.lamps import Lamps
from firmware.line.monitor import LineMonitor
from firmware.line.profile import HatProfile


class Copper:
    """A line whose pins are moved at chosen times."""

    def __init__(self) -> None:
        self.now = 0.0
        self.factory = MockFactory()
        self.profile = HatProfile.default()
        self.events: list[LineEvent] = []
        self.drive("line_ok", True)
        self.drive("ring", False)
        self.drive("flag", False)
        self.monitor = LineMonitor(self.profile, self.events.append, lambda: self.now, self.factory)
        self.monitor.start()

    def drive(self, name: str, active: bool) -> None:
        entry = self.profile.inputs[name]
        pin = self.factory.pin(entry.pin)
        if active != entry.inverted:
            pin.drive_high()
        else:
            pin.drive_low()

    def set(self, name: str, active: bool, time: float) -> None:
        self.wait(time)
        self.drive(name, active)

    def wait(self, time: float) -> None:
        while self.now < time:
            self.now = min(time, self.now + 0.02)
            self.monitor.poll(self.now)

    def ring(self, at: float, cycles: int = 25) -> None:
        for cycle in range(cycles):
            self.set("ring", True, at + cycle * 0.04)
            self.set("ring", False, at + cycle * 0.04 + 0.02)


@pytest.fixture
def copper() -> Iterator[Copper]:
    made = Copper()
    yield made
    made.monitor.close()


def test_a_ringing_line_is_lifted_and_hung_up(copper: Copper) -> None:
    copper.ring(1.0)
    copper.set("offhook", True, 4.0)
    copper.set("offhook", False, 9.0)
    copper.wait(10.0)
    started, burst, lifted, hung_up = copper.events
    assert isinstance(started, RingStarted)
    assert isinstance(burst, RingBurst)
    assert burst.frequency == pytest.approx(25, abs=0.5)
    assert lifted == OffHook(pytest.approx(4.0))
    assert hung_up == OnHook(pytest.approx(9.0))


def test_ringing_voltage_that_moves_the_hook_detector_is_no_off_hook(copper: Copper) -> None:
    for cycle in range(25):
        copper.set("ring", True, 1.0 + cycle * 0.04)
        copper.set("offhook", True, 1.0 + cycle * 0.04 + 0.005)
        copper.set("ring", False, 1.0 + cycle * 0.04 + 0.02)
        copper.set("offhook", False, 1.0 + cycle * 0.04 + 0.025)
    copper.wait(4.0)
    assert [type(event) for event in copper.events] == [RingStarted, RingBurst]


def test_a_call_answered_in_the_middle_of_a_ring_is_off_hook_when_the_ring_stops(
    copper: Copper,
) -> None:
    copper.ring(1.0, cycles=10)
    copper.set("offhook", True, 1.41)
    copper.wait(3.0)
    assert copper.events[-1] == OffHook(pytest.approx(1.41))


def test_a_telephone_that_was_off_hook_at_the_start_is_seen() -> None:
    copper = Copper()
    copper.monitor.close()
    copper.drive("offhook", True)
    events: list[LineEvent] = []
    monitor = LineMonitor(copper.profile, events.append, lambda: 5.0, copper.factory)
    monitor.start()
    monitor.poll(5.1)
    monitor.close()
    assert events == [OffHook(5.0)]


def test_a_cut_line_and_its_return_have_the_times_at_which_they_began(copper: Copper) -> None:
    copper.set("line_ok", False, 2.0)
    copper.set("line_ok", True, 2.1)
    copper.set("line_ok", False, 5.0)
    copper.set("line_ok", True, 8.0)
    copper.wait(10.0)
    assert copper.events == [LineCut(pytest.approx(5.0)), LineRestored(pytest.approx(8.0))]


def test_a_line_reversal_is_seen(copper: Copper) -> None:
    copper.set("polarity", True, 2.0)
    copper.wait(3.0)
    assert copper.events == [LineReversal(pytest.approx(2.0))]


def test_the_flag_button_is_low_when_pressed_and_long_means_private(copper: Copper) -> None:
    copper.set("flag", True, 2.0)
    copper.set("flag", False, 2.2)
    copper.set("flag", True, 4.0)
    copper.wait(6.0)
    flag, second, private = copper.events
    assert (flag, second) == (FlagPressed(pytest.approx(2.0)), FlagPressed(pytest.approx(4.0)))
    assert private == PrivatePressed(pytest.approx(5.5))


def test_a_pin_that_another_owner_holds_is_said_so(copper: Copper) -> None:
    second = LineMonitor(copper.profile, copper.events.append, lambda: 0.0, copper.factory)
    with pytest.raises(PinError, match=r"GPIO 17 \(offhook\) cannot be used"):
        second.start()


def test_the_lamps_show_each_state_differently(copper: Copper) -> None:
    lamps = Lamps(copper.profile, copper.factory)
    lit = {}
    for state in ("idle", "recording"):
        lamps.show(state)
        lit[state] = {
            name: bool(copper.factory.pin(pin).state) for name, pin in copper.profile.lamps.items()
        }
    lamps.show("fault")
    assert not copper.factory.pin(23).state
    lamps.close()
    assert lit == {
        "idle": {"ok": True, "rec": False, "fault": False},
        "recording": {"ok": True, "rec": True, "fault": False},
    }

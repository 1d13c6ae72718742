"""The simulated line drives gpiozero's mock pins, so that the recorder's own devices see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from gpiozero.pins.mock import MockFactory, MockPin

from firmware.simulator.errors import SimulatorError
from firmware.simulator.stage import PINS


class InputPin(Protocol):
    """What a HAT profile says of one input."""

    @property
    def pin(self) -> int:
        """The BCM number."""

    @property
    def inverted(self) -> bool:
        """Whether active is electrically low."""


class Profile(Protocol):
    """The part of a HAT profile that is needed here."""

    @property
    def inputs(self) -> Mapping[str, Any]:
        """An InputPin for each of offhook, ring, polarity, line_ok and flag."""


class UnknownPin(SimulatorError):
    """The profile has no such input."""


class DrivenPin(MockPin):  # type: ignore[misc]
    """A mock pin whose line drives it harder than a pull resistor does.

    gpiozero's own mock pin falls back to the pull whenever a device takes it, so that a line which
    was whole before the recorder started would look cut.
    """

    driven: bool | None = None

    def drive_high(self) -> None:
        """The pull, or the line where it has not spoken yet."""
        if self.driven is None:
            super().drive_high()

    def drive_low(self) -> None:
        """The pull, or the line where it has not spoken yet."""
        if self.driven is None:
            super().drive_low()

    def drive(self, high: bool) -> None:
        """The line's own level."""
        self.driven = None
        (super().drive_high if high else super().drive_low)()
        self.driven = high


def line_factory() -> MockFactory:
    """A pin factory whose pins keep the level of the line when a device takes them."""
    return MockFactory(pin_class=DrivenPin)


class PinDriver:
    """Drives a profile's inputs on a mock factory; at first all are inactive but `line_ok`."""

    def __init__(self, profile: Profile, factory: MockFactory) -> None:
        self._pins: dict[str, tuple[Any, bool]] = {}
        for name in PINS:
            entry: InputPin | None = profile.inputs.get(name)
            if entry is not None:
                self._pins[name] = (factory.pin(entry.pin), entry.inverted)
                self.apply(name, name == "line_ok")

    def apply(self, pin: str, active: bool) -> None:
        """Bring an input to a logical level."""
        if pin not in self._pins:
            raise UnknownPin(f"no input {pin!r}; expected one of {', '.join(self._pins)}")
        device_pin, inverted = self._pins[pin]
        high = active != inverted
        if isinstance(device_pin, DrivenPin):
            device_pin.drive(high)
        elif high:
            device_pin.drive_high()
        else:
            device_pin.drive_low()

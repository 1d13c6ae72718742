"""The driver's pins, seen through gpiozero's own devices."""

from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from gpiozero import DigitalInputDevice
from gpiozero.pins.mock import MockFactory

from firmware.simulator.pins import PinDriver, UnknownPin, line_factory

INPUTS = {
    "offhook": SimpleNamespace(pin=17, inverted=True),
    "ring": SimpleNamespace(pin=22, inverted=True),
    "polarity": SimpleNamespace(pin=25, inverted=False),
    "line_ok": SimpleNamespace(pin=5, inverted=True),
    "flag": SimpleNamespace(pin=27, inverted=True),
}
PROFILE = SimpleNamespace(inputs=INPUTS)


@pytest.fixture(params=["gpiozero's own", "the line's"])
def factory(request: pytest.FixtureRequest) -> Iterator[MockFactory]:
    made = MockFactory() if request.param == "gpiozero's own" else line_factory()
    yield made
    made.close()


def device(factory: MockFactory, name: str) -> DigitalInputDevice:
    entry = INPUTS[name]
    return DigitalInputDevice(
        entry.pin, pull_up=None, active_state=not entry.inverted, pin_factory=factory
    )


def test_at_first_only_the_line_is_there(factory: MockFactory) -> None:
    PinDriver(PROFILE, factory)
    seen = {name: device(factory, name).is_active for name in INPUTS}
    assert seen == {name: name == "line_ok" for name in INPUTS}


@pytest.mark.parametrize("name", list(INPUTS))
def test_a_device_sees_the_logical_level_whether_inverted_or_not(
    factory: MockFactory, name: str
) -> None:
    driver = PinDriver(PROFILE, factory)
    seen = device(factory, name)
    for active in (True, False, True):
        driver.apply(name, active)
        assert seen.is_active is active
        assert factory.pin(INPUTS[name].pin).state is (active != INPUTS[name].inverted)


def test_a_device_is_called_at_every_edge_and_not_for_the_same_level_again(
    factory: MockFactory,
) -> None:
    driver, seen = PinDriver(PROFILE, factory), device(factory, "ring")
    heard: list[bool] = []
    seen.when_activated = lambda: heard.append(True)
    seen.when_deactivated = lambda: heard.append(False)
    for active in (True, True, False, False, True):
        driver.apply("ring", active)
    assert heard == [True, False, True]


def test_the_lines_level_outlasts_the_pull_of_a_device_that_comes_later() -> None:
    factory = line_factory()
    driver = PinDriver(PROFILE, factory)
    driver.apply("offhook", True)
    seen = DigitalInputDevice(17, pull_up=True, pin_factory=factory)
    whole = DigitalInputDevice(5, pull_up=True, pin_factory=factory)
    assert seen.is_active
    assert whole.is_active
    driver.apply("offhook", False)
    assert not seen.is_active
    factory.close()


def test_a_pin_the_profile_lacks_is_named(factory: MockFactory) -> None:
    driver = PinDriver(SimpleNamespace(inputs={"offhook": INPUTS["offhook"]}), factory)
    with pytest.raises(UnknownPin, match="'ring'.*offhook"):
        driver.apply("ring", True)

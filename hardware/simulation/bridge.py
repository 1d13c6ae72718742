"""Simulated pins into the real firmware: gpiozero's mock pins moved at the simulated times."""

from __future__ import annotations

from gpiozero.pins.mock import MockFactory

from firmware.events import LineEvent
from firmware.line.hook import settings_for
from firmware.line.monitor import LineMonitor
from firmware.line.profile import HatProfile
from hardware.simulation.call import Waves
from hardware.simulation.comparators import Logic

POLL_S = 0.02


def events(waves: Waves, flash: str = "etsi") -> list[LineEvent]:
    """What the firmware's line monitor makes of a call, with the HAT's own profile."""
    profile = HatProfile.default()
    factory = MockFactory()
    pins: dict[str, Logic] = {
        "offhook": waves.pins.offhook,
        "ring": waves.pins.ring_n,
        "polarity": waves.pins.polarity,
        "line_ok": waves.pins.line_ok,
    }
    found: list[LineEvent] = []
    now = 0.0

    def drive(name: str, high: bool) -> None:
        pin = factory.pin(profile.inputs[name].pin)
        if high:
            pin.drive_high()
        else:
            pin.drive_low()

    for name, logic in pins.items():
        drive(name, logic.first)
    factory.pin(profile.inputs["flag"].pin).drive_high()
    monitor = LineMonitor(profile, found.append, lambda: now, factory, settings_for(flash))
    monitor.start()
    moves = sorted(
        (time, name, place)
        for name, logic in pins.items()
        for place, time in enumerate(logic.edges)
    )
    end = float(waves.time[-1])
    for time, name, place in [*moves, (end, "", 0)]:
        while now + POLL_S < time:
            now += POLL_S
            monitor.poll(now)
        now = time
        monitor.poll(now)
        if name:
            drive(name, pins[name].first ^ (place % 2 == 0))
    monitor.close()
    return found

"""The gpiozero pin factory for this board; the GPIO chip is found by its label, never by number."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any

from firmware.line.errors import PinError

# The 40-pin header's chip: Pi Zero to 3, Pi 4, Pi 5. On a Pi 5 its number changed with a kernel.
LABELS = ("pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1")


def header_chip() -> int:
    """The number N of the /dev/gpiochipN that drives the 40-pin header. Raises PinError."""
    _give_lgpio_a_folder()
    import lgpio

    seen = []
    for path in sorted(Path("/dev").glob("gpiochip*")):
        number = int(path.name.removeprefix("gpiochip"))
        try:
            handle = lgpio.gpiochip_open(number)
            try:
                label = str(lgpio.gpio_get_chip_info(handle)[3])
            finally:
                lgpio.gpiochip_close(handle)
        except lgpio.error as error:
            raise PinError(
                f"{path}: cannot be opened ({error}); no call can be noticed. Is this user in the"
                " group gpio?"
            ) from error
        if label in LABELS:
            return number
        seen.append(f"{path} ({label})")
    raise PinError(
        "No GPIO chip of a Raspberry Pi was found; no call can be noticed. Seen: "
        + (", ".join(seen) or "no /dev/gpiochip*")
    )


def _give_lgpio_a_folder() -> None:
    """lgpio makes a pipe in the working folder; without it every edge request fails."""
    if "LG_WD" not in os.environ and not os.access(".", os.W_OK):
        os.environ["LG_WD"] = tempfile.gettempdir()


def pin_factory(name: str) -> Any:
    """The pin factory by its configured name: default, lgpio, rpigpio or mock."""
    try:
        if name == "mock":
            from gpiozero.pins.mock import MockFactory

            return MockFactory()
        if name == "rpigpio":
            from gpiozero.pins.rpigpio import RPiGPIOFactory

            return RPiGPIOFactory()
        from gpiozero.pins.lgpio import LGPIOFactory

        return LGPIOFactory(chip=header_chip())
    except PinError:
        raise
    except Exception as error:
        raise PinError(
            f"The pin factory {name!r} does not work on this board ({type(error).__name__}:"
            f" {error}); no call can be noticed. Raspberry Pi 5: use lgpio, RPi.GPIO does not run"
            " there."
        ) from error

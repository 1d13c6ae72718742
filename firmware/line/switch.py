"""The switch that connects the box's sounds to the line: closed only while one is played."""

from __future__ import annotations

from typing import Any

from firmware.line.errors import PinError


class InjectSwitch:
    """Open from the start on, whatever an earlier run left. Raises PinError at construction where
    the pin cannot be used.

    Without power, and while nothing drives the pin, the relay of the HAT is open by itself. A
    process that is killed leaves the pin to the kernel: most give it back as an input, some keep
    it as it was until the service has been started anew. Then nothing plays either: the card is
    closed with the process.
    """

    def __init__(self, pin: int, pin_factory: Any) -> None:
        from gpiozero import DigitalOutputDevice

        try:
            self._pin = DigitalOutputDevice(pin, initial_value=False, pin_factory=pin_factory)
        except Exception as error:  # each pin factory has errors of its own
            raise PinError(f"GPIO {pin} (inject) cannot be used: {error}") from error

    def set(self, closed: bool) -> bool:
        """Close it, or open it; whether that was done. From any thread."""
        try:
            self._pin.value = int(closed)
        except Exception:  # closed meanwhile, or the pin was lost: told by who wanted to play
            return False
        return True

    def close(self) -> None:
        """Open it and let the pin go."""
        self.set(False)
        self._pin.close()

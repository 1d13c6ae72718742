"""The flag button: a press flags at once; held long, it makes the running call private."""

from __future__ import annotations

from firmware.events import FlagPressed, LineEvent, PrivatePressed

LONG_PRESS_S = 1.5


class ButtonClassifier:
    """Pure: debounced edges and time in. Times are those of the press."""

    def __init__(self) -> None:
        self._pressed: float | None = None

    def edge(self, pressed: bool, time: float) -> list[LineEvent]:
        """The button went down or came up."""
        found = self.tick(time)
        if pressed:
            self._pressed = time
            found.append(FlagPressed(time))
        else:
            self._pressed = None
        return found

    def tick(self, now: float) -> list[LineEvent]:
        """Let time pass."""
        if self._pressed is None or now - self._pressed < LONG_PRESS_S:
            return []
        held, self._pressed = self._pressed, None
        return [PrivatePressed(held + LONG_PRESS_S)]

    def deadline(self) -> float | None:
        """When `tick` is wanted next."""
        return None if self._pressed is None else self._pressed + LONG_PRESS_S

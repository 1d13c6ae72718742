"""The HAT as one thing: its inputs watched and its lamps lit, or the reason why not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from firmware.line.errors import LineError
from firmware.line.hook import HookSettings
from firmware.line.lamps import Lamps
from firmware.line.monitor import Emit, LineMonitor
from firmware.line.profile import HatProfile
from firmware.line.switch import InjectSwitch


class Board:
    """`watching`: the inputs give events; `trouble`: what cannot be used, in words, or "".

    `pins` makes the pin factory and may raise LineError; it is asked again at each `start` until
    it gives one. A lamp that cannot be lit leaves the inputs watched. `turned`: inputs that are the
    wrong way round against the profile, from the next `start`.
    """

    def __init__(
        self,
        profile: HatProfile,
        emit: Emit,
        clock: Callable[[], float],
        pins: Callable[[], Any],
        hook: HookSettings | None = None,
    ) -> None:
        self.watching = False
        self.trouble = ""
        self.turned: frozenset[str] = frozenset()
        self.profile = profile
        self._emit = emit
        self._clock = clock
        self._pins = pins
        self._hook = hook
        self._factory: Any = None
        self._monitor: LineMonitor | None = None
        self._lamps: Lamps | None = None
        self._switch: InjectSwitch | None = None

    def start(self) -> bool:
        """Take the pins; whether the inputs are watched now."""
        self.close()
        self.trouble = ""
        try:
            if self._factory is None:
                self._factory = self._pins()
            monitor = LineMonitor(
                *(self.profile, self._emit, self._clock, self._factory, self._hook, True),
                turned=self.turned,
            )
            monitor.start()
        except LineError as error:
            self.trouble = str(error)
            return False
        self._monitor, self.watching = monitor, True
        try:
            if (pin := self.profile.outputs.get("inject")) is not None:
                self._switch = InjectSwitch(pin, self._factory)
            self._lamps = Lamps(self.profile, self._factory)
        except LineError as error:
            self.trouble = str(error)
        return True

    def poll(self, now: float) -> None:
        """Let time pass: `now` in monotonic seconds."""
        if self._monitor is not None:
            self._monitor.poll(now)

    def inputs(self) -> dict[str, bool]:
        """The settled levels of the inputs, True for active; none while nothing is watched."""
        return {} if self._monitor is None else self._monitor.inputs()

    def deadline(self) -> float | None:
        """When `poll` is wanted next; None while nothing is awaited."""
        return None if self._monitor is None else self._monitor.deadline()

    def show(self, state: str, fault: bool) -> None:
        """Light the lamps for a state of `firmware.line.lamps`."""
        if self._lamps is not None:
            self._lamps.show(state, fault)

    def inject(self, on: bool) -> bool:
        """Connect the sounds of the box to the line, or part them; whether they are now as wanted.

        A board without such a switch is connected always. From any thread.
        """
        switch = self._switch
        if switch is None:
            return "inject" not in self.profile.outputs or not on
        return switch.set(on)

    def close(self) -> None:
        """Lamps off, pins free."""
        if self._monitor is not None:
            self._monitor.close()
        if self._lamps is not None:
            self._lamps.close()
        if self._switch is not None:
            self._switch.close()
        self._monitor, self._lamps, self._switch, self.watching = None, None, None, False

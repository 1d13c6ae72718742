"""The HAT's inputs as gpiozero devices; their edges become line events."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from firmware.events import LineCut, LineEvent, LineRestored, LineReversal
from firmware.line.button import ButtonClassifier
from firmware.line.debounce import Debouncer
from firmware.line.errors import PinError
from firmware.line.hook import HookClassifier, HookSettings
from firmware.line.profile import HatProfile, Input
from firmware.line.ringing import RingClassifier

Emit = Callable[[LineEvent], None]
TRUSTED_STAMP_S = 1.0
# Ringing of 16 Hz on a 45 V line is below the off-hook threshold for up to 18 ms of each cycle, the
# first time before the ring detector has moved (simulated: hardware/simulation).
ONSET_S = 0.040


class LineMonitor:
    """`emit` gets each event once, in order; edges come on gpiozero's threads, time by `poll`.

    `kernel_stamps`: take an edge's time from the pin factory (the kernel's own stamp with lgpio)
    where it agrees with the clock within a second; else an edge has the time of its arrival.
    `turned`: inputs that are active where the profile says that they are not, as was learned.
    """

    def __init__(
        self,
        profile: HatProfile,
        emit: Emit,
        clock: Callable[[], float],
        pin_factory: Any,
        hook: HookSettings | None = None,
        kernel_stamps: bool = False,
        turned: frozenset[str] = frozenset(),
    ) -> None:
        self._profile = profile
        self._emit = emit
        self._clock = clock
        self._factory = pin_factory
        self._kernel_stamps = kernel_stamps
        self._turned = turned
        self._lock = threading.RLock()
        self._devices: dict[str, Any] = {}
        self._levels: dict[str, Debouncer] = {}
        self._hook = HookClassifier(hook)
        self._ring = RingClassifier()
        self._button = ButtonClassifier()
        self._masked: tuple[bool, float] | None = None
        self._due: float | None = None

    def start(self) -> None:
        """Claim the pins and take their first levels. Raises PinError."""
        with self._lock:
            now = self._clock()
            for name, entry in self._profile.inputs.items():
                device = self._device(name, entry)
                self._devices[name] = device
                active = bool(device.is_active) != (name in self._turned)
                first = name == "line_ok" or (name == "polarity" and active)
                hold = 0.0 if name == "ring" else entry.debounce_s
                self._levels[name] = Debouncer(first, hold)
                self._edge(name, active, now)

    def _device(self, name: str, entry: Input) -> Any:
        from gpiozero import DigitalInputDevice

        def on_edge(ticks: float, active: bool) -> None:
            self.on_edge(name, active, ticks)

        class Watched(DigitalInputDevice):  # type: ignore[misc]
            """A device that hands on every edge with the factory's own time stamp."""

            def _pin_changed(self, ticks: float, state: int) -> None:
                on_edge(ticks, bool(self._state_to_value(state)))

        pull = {"none": None, "up": True, "down": False}[entry.pull]
        active = (not entry.inverted) if pull is None else None
        try:
            return Watched(entry.pin, pull_up=pull, active_state=active, pin_factory=self._factory)
        except Exception as error:  # each pin factory has errors of its own
            self._release()
            raise PinError(
                f"GPIO {entry.pin} ({name}) cannot be used: {error}. No call can be noticed"
                " without it; another program may hold it, or the profile names a wrong pin."
            ) from error

    def on_edge(self, name: str, active: bool, ticks: float) -> None:
        """An input changed; `ticks` is the factory's time stamp in seconds."""
        with self._lock:
            now = self._clock()
            if self._kernel_stamps and abs(ticks - now) < TRUSTED_STAMP_S:
                now = ticks
            self._edge(name, active != (name in self._turned), now)

    def _edge(self, name: str, active: bool, time: float) -> None:
        self._pass_time(time)
        for level, since in self._levels[name].edge(active, time):
            self._settled(name, level, since)
        self._due = self._next_due()

    def poll(self, now: float) -> None:
        """Let time pass: `now` in monotonic seconds."""
        with self._lock:
            if self._due is not None and now >= self._due:
                self._pass_time(now)
                self._due = self._next_due()

    def _pass_time(self, now: float) -> None:
        for name, level in self._levels.items():
            for settled, since in level.tick(now):
                self._settled(name, settled, since)
        self._send(self._ring.tick(now))
        if self._masked is not None and now >= self._onset() and not self._ring.suspected(now):
            (level_now, since), self._masked = self._masked, None
            self._send(self._hook.edge(level_now, since))
        self._send(self._hook.tick(now))
        self._send(self._button.tick(now))

    def _settled(self, name: str, active: bool, since: float) -> None:
        match name:
            case "ring":
                self._send(self._ring.edge(active, since))
            case "offhook":
                self._hook_changed(active, since)
            case "flag":
                self._send(self._button.edge(active, since))
            case "polarity":
                if not self._ring.suspected(since):
                    self._send([LineReversal(since)])
            case "line_ok":
                self._send([LineRestored(since) if active else LineCut(since)])

    def _hook_changed(self, active: bool, since: float) -> None:
        """Ringing voltage moves the hook detector too: judge an off-hook when it has lasted."""
        if not self._hook.off_hook:
            self._masked = (active, since)
        else:
            self._send(self._hook.edge(active, since))

    def _onset(self) -> float:
        return 0.0 if self._masked is None else self._masked[1] + ONSET_S

    def _send(self, events: list[LineEvent]) -> None:
        for event in events:
            self._emit(event)

    def inputs(self) -> dict[str, bool]:
        """The settled levels, True for active."""
        with self._lock:
            return {name: level.level for name, level in self._levels.items()}

    def deadline(self) -> float | None:
        """When `poll` is wanted next; None while nothing is awaited."""
        with self._lock:
            return self._due

    def _next_due(self) -> float | None:
        due = [level.deadline() for level in self._levels.values()]
        due += [self._hook.deadline(), self._ring.deadline(), self._button.deadline()]
        due.append(self._onset() if self._masked else None)
        return min((time for time in due if time is not None), default=None)

    def close(self) -> None:
        """Let the pins go."""
        with self._lock:
            self._release()

    def _release(self) -> None:
        for device in self._devices.values():
            # gpiozero leaves the pin's callback with lgpio, whose one thread ends by the error that
            # a late edge of a closed pin makes: no pin of this process would be heard again.
            device.pin.when_changed = None
            device.close()
        self._devices.clear()

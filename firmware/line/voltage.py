"""The line's voltage: read slowly, learned from, told, and the off-hook threshold set by it.

A thread of its own, which waits: a bus that hangs holds nothing else up. It reads every REST_S (an
idle voltage moves with weather and exchange, over hours), every LIVE_S while somebody follows the
line or nothing is learned yet, and twice a second apart only after an off-hook: a line that was
unplugged runs its charge off through the off-hook range, a lifted telephone holds its voltage.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from firmware.events import LineCut, LineEvent, LineRestored, OffHook
from firmware.line.gauge import GaugeError, LineGauge
from firmware.line.idle_voltage import (
    CUT_V,
    LOWEST_IDLE_V,
    READINGS,
    IdleVoltage,
    runs_off,
)

REST_S = 10.0
LIVE_S = 2.0
APART_S = 1.0
FALLING = 3  # pairs of readings: a dial or a recall button makes one, never three
AWAITED_S = 120.0  # the drivers may come later than the recorder when the box starts
RETRIM_V = 1.0
OFF_BY_V = 2.0
KEEP_V = 2.0


@dataclass(frozen=True, slots=True)
class Volts:
    """What is known of the line, in volts; None where it is not known. `lowest` and `highest`: of
    the readings since the start."""

    now: float | None = None
    idle: float | None = None
    threshold: float | None = None
    lowest: float | None = None
    highest: float | None = None


@dataclass(frozen=True, slots=True)
class Outlets:
    """Whom it asks and tells; all are called on its thread.

    `state`: what the line does, as the calls see it (idle, ringing, incall, stuck, cut).
    `followed`: whether somebody watches. `emit` takes what the voltage shows of the line, `tell` an
    alarm in words (empty: it is over), `keep` the idle voltage and the threshold that the board
    itself keeps, `changed` every reading.
    """

    state: Callable[[], str]
    followed: Callable[[], bool]
    emit: Callable[[LineEvent], None]
    tell: Callable[[str], None]
    keep: Callable[[float, float | None], None]
    changed: Callable[[Volts], None]


class LineVoltage:
    """`open_gauge` raises GaugeError where there is no gauge: then everything is as without one."""

    def __init__(
        self,
        open_gauge: Callable[[], LineGauge],
        outlets: Outlets,
        clock: Callable[[], float],
        idle: float | None = None,
        kept: float | None = None,
    ) -> None:
        self.known = Volts(idle=idle)
        self._open = open_gauge
        self._out = outlets
        self._clock = clock
        self._idle = IdleVoltage(idle)
        self._stored = idle
        self._kept = kept
        self._gauge: LineGauge | None = None
        self._set: float | None = None
        self._ran_off = False
        self._trouble = ""
        self._lifted: float | None = None
        self._afresh = False
        self._stopping = False
        self._wake = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="line voltage", daemon=True)

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read no more; a reading that hangs is left behind."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.ident is not None:
            self._thread.join(timeout=2)

    def event(self, event: LineEvent) -> None:
        """What the inputs saw: an off-hook is looked at, anything else ends that look."""
        with self._wake:
            self._lifted = event.time if isinstance(event, OffHook) else None
            self._wake.notify_all()

    def learn_afresh(self) -> None:
        """The owner says that every telephone is on its hook: the idle voltage is what is there."""
        with self._wake:
            self._afresh = True
            self._wake.notify_all()

    def forget(self) -> None:
        """The box is on another line: nothing is learned of it yet."""
        with self._wake:
            self._idle, self._stored, self._set = IdleVoltage(), None, None
            self.known = Volts(now=self.known.now)

    @property
    def here(self) -> bool:
        """Whether there is a gauge."""
        return self._gauge is not None

    def _run(self) -> None:
        if not self._found():
            return
        while not self._stopping:
            try:
                self._look()
            except GaugeError as error:
                self._say(str(error))
            except Exception as error:  # a fault of the program: it is told, and calls go on
                self._say(
                    f"The line's voltage is not read any more ({type(error).__name__}: {error});"
                    " calls are noticed by the threshold that was set last."
                )
                return
            else:
                self._say("")
            self._rest()

    def _found(self) -> bool:
        until = self._clock() + AWAITED_S
        while self._gauge is None:
            try:
                self._gauge = self._open()
            except GaugeError:
                if self._clock() >= until or not self._wait(REST_S):
                    return False
        return True

    def _say(self, why: str) -> None:
        if why != self._trouble:
            self._trouble = why
            self._out.tell(why)

    def _wait(self, seconds: float) -> bool:
        """Whether to go on after so long."""
        with self._wake:
            self._wake.wait_for(lambda: self._stopping, seconds)
        return not self._stopping

    def _rest(self) -> None:
        pause = REST_S
        if self._ran_off and (self.known.now or 0.0) > CUT_V:
            pause = APART_S
        elif self._idle.idle is None or self._out.followed():
            pause = LIVE_S
        with self._wake:
            self._wake.wait_for(
                lambda: self._stopping or self._afresh or self._lifted is not None, pause
            )

    def _look(self) -> None:
        if self._afresh:
            self._take_as_idle()
        elif self._lifted is not None:
            self._judge_lift(self._lifted)
        else:
            before = self._out.state()
            volts = self._read()
            if self._ran_off:
                self._judge_return(volts)
            elif "ringing" not in (before, self._out.state()):
                self._learn(volts)

    def _read(self) -> float:
        assert self._gauge is not None
        volts = abs(self._gauge.volts())
        known = self.known
        self._show(
            volts,
            volts if known.lowest is None else min(volts, known.lowest),
            volts if known.highest is None else max(volts, known.highest),
        )
        return volts

    def _show(
        self, now: float | None, lowest: float | None = None, highest: float | None = None
    ) -> None:
        known = self.known
        self.known = Volts(
            now,
            self._idle.idle,
            self._set if self._set is not None else known.threshold,
            known.lowest if lowest is None else lowest,
            known.highest if highest is None else highest,
        )
        self._out.changed(self.known)

    def _learn(self, volts: float) -> None:
        new = self._idle.idle is None
        self._idle.feed(volts, self._clock())
        if self._idle.idle is not None and (new or self._out.state() == "idle"):
            self._follow()

    def _follow(self) -> None:
        """Bring the board's threshold after the idle voltage, where that has moved by enough."""
        wanted = self._idle.threshold()
        if self._set is None or abs(wanted - self._set) >= RETRIM_V:
            self._trim(wanted)
        idle = self._idle.idle
        if idle is not None and (self._stored is None or abs(idle - self._stored) >= RETRIM_V):
            self._stored = idle
            self._out.keep(idle, self._kept)

    def _trim(self, wanted: float) -> None:
        assert self._gauge is not None
        found = self._gauge.set_threshold(wanted)
        if abs(found - wanted) > OFF_BY_V:
            raise GaugeError(
                f"The off-hook threshold was to be {wanted:.1f} V and stays at {found:.1f} V: calls"
                " may not be noticed, or never end. Look at the HAT's DAC (U5)."
            )
        self._set = found
        if self._kept is None or abs(found - self._kept) >= KEEP_V:
            self._gauge.keep_threshold()
            self._kept, self._stored = found, None
        self._show(self.known.now)

    def _take_as_idle(self) -> None:
        self._afresh = False
        readings = [self._read() for _ in range(READINGS)]
        volts = median(readings)
        if volts < LOWEST_IDLE_V or self._out.state() == "ringing":
            return
        self._idle, self._set = IdleVoltage(volts), None
        self._follow()
        self._show(self.known.now)

    def _judge_lift(self, since: float) -> None:
        """Three falling pairs below the threshold and nothing else: a line that was unplugged."""
        if self._idle.idle is not None and self._runs_off(since):
            self._ran_off = True
            self._out.emit(LineCut(since))
        with self._wake:
            if self._lifted == since:
                self._lifted = None

    def _runs_off(self, since: float) -> bool:
        before = self._read()
        for _ in range(FALLING):
            if not self._wait(APART_S) or self._lifted != since:
                return False
            volts = self._read()
            if before >= self._idle.threshold() or not runs_off(before, volts):
                return False
            before = volts
        return True

    def _judge_return(self, volts: float) -> None:
        """After the voltage told a cut: gone wholly, back, or held by a telephone after all."""
        if volts <= CUT_V:
            return
        before = volts
        if volts < self._idle.threshold():
            if not self._wait(APART_S):
                return
            volts = self._read()
            if volts <= CUT_V or runs_off(before, volts):
                return
        now = self._clock()
        self._ran_off = False
        self._out.emit(LineRestored(now))
        if volts < self._idle.threshold():
            self._out.emit(OffHook(now))

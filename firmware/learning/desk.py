"""The line desk of a running recorder: the voltage, what was learned, and the line wizard."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.archive.errors import ArchiveError
from firmware.archive.keeper import Trouble
from firmware.audio.frames import Period
from firmware.calls.machine import CallMachine
from firmware.config import Config
from firmware.control import Message
from firmware.events import LineEvent, RingBurst
from firmware.learning.learned import LearnedFile
from firmware.learning.levels import gain_advice
from firmware.learning.wizard import STEPS, LineWizard, Look
from firmware.line.board import Board
from firmware.line.gauge import LineGauge
from firmware.line.voltage import LineVoltage, Outlets, Volts

NO_GAUGE = "line-gauge"
NOT_KEPT = "line-learned"


class Rewire:
    """In the daemon's inbox: take the pins again, with what was learned."""


@dataclass(frozen=True, slots=True)
class Wires:
    """What the desk is joined to. `put` is the daemon's inbox, `publish` its control socket."""

    put: Callable[[Any], None]
    publish: Callable[[Message], None]
    followed: Callable[[], bool]
    machine: Callable[[], CallMachine]
    clock: Callable[[], float]
    wall: Callable[[], float]


class LineDesk:
    """Commands come on the socket's thread, looks on the recorder's, readings on the gauge's.

    `config` is the owner's; `applied` is what holds with what was learned.
    """

    def __init__(
        self,
        config: Config,
        board: Board,
        rate: int,
        wires: Wires,
        gauge: Callable[[], LineGauge] = LineGauge,
    ) -> None:
        self._config = config
        self._board = board
        self._rate = rate
        self._wires = wires
        self._file = LearnedFile(Path(config.state.directory))
        self._lock = threading.RLock()
        self._wizard: LineWizard | None = None
        known = self._file.now
        self._board.turned = known.turned_of(board.profile.name)
        self._holds = (self._board.turned, self.applied.line)  # what the pins were taken by
        outlets = Outlets(
            state=lambda: wires.machine().state,
            followed=wires.followed,
            emit=wires.put,
            tell=lambda why: wires.put(Trouble(NO_GAUGE, why)),
            keep=lambda idle, kept: self._keep(idle_v=round(idle, 2), threshold_v=kept),
            changed=self._told,
        )
        self._voltage: LineVoltage | None = None
        if board.profile.gauge:
            self._voltage = LineVoltage(
                gauge, outlets, wires.clock, known.idle_v, known.threshold_v
            )

    @property
    def applied(self) -> Config:
        """The configuration that holds: the owner's, and what was learned where he set nothing."""
        return self._file.now.applied(self._config)

    def start(self) -> None:
        """Begin to read the voltage, where there is a gauge."""
        if self._voltage is not None:
            self._voltage.start()

    def stop(self) -> None:
        """Read no more."""
        if self._voltage is not None:
            self._voltage.stop()

    def event(self, event: LineEvent) -> None:
        """Something the inputs saw."""
        if self._voltage is not None:
            self._voltage.event(event)
        if isinstance(event, RingBurst) and self._wizard is not None:
            self._wizard.rang(event.frequency)

    def period(self, item: Period) -> None:
        """The next 20 ms of the line; nothing is done with them unless the wizard looks on."""
        if self._wizard is None:
            return
        with self._lock:
            wizard = self._wizard
            if wizard is None:
                return
            machine, volts = self._wires.machine(), self._volts()
            before, turned = wizard.changes, wizard.turned
            wizard.look(
                Look(
                    item.time + len(item.samples) / self._rate,
                    item.samples,
                    self._board.inputs(),
                    machine.state,
                    machine.call,
                    volts.now,
                    volts.idle,
                )
            )
            self._tell(wizard, before, turned)

    def _tell(self, wizard: LineWizard, before: int, turned: frozenset[str]) -> None:
        if wizard.turned != turned:
            self._board.turned = wizard.turned
            self._holds = (wizard.turned, self._holds[1])
            self._wires.put(Rewire())
        if wizard.changes != before:
            self._wires.publish({"event": "wizard", "step": wizard.step})

    def _volts(self) -> Volts:
        return Volts() if self._voltage is None else self._voltage.known

    def _told(self, volts: Volts) -> None:
        if self._wires.followed() and volts.now is not None:
            self._wires.publish({"event": "volts", **_shown(volts)})

    def _keep(self, **changes: Any) -> None:
        try:
            self._file.put(**changes)
        except ArchiveError as error:
            said = f"What was learned of the line is used but cannot be kept: {error}"
            self._wires.put(Trouble(NOT_KEPT, said))
        else:
            self._wires.put(Trouble(NOT_KEPT, ""))

    def facts(self) -> Message:
        """What a state on the control socket says of the line: volts, and what was learned."""
        learned = self._file.now
        return {
            **_shown(self._volts()),
            "caller_id_standard": learned.caller_id,
            "line_proved_at": learned.proved_at,
            "inputs_turned": sorted(self._board.turned),
        }

    def command(self, message: Message) -> Message:
        """The wizard's view; `go`: begin, redo (a `step`), skip, turn, keep, cancel, forget."""
        with self._lock:
            go, wizard = message.get("go"), self._wizard
            if go == "begin" or (go == "redo" and wizard is None):
                self._begin()
            elif go == "forget":
                self._forget()
            elif go is not None:
                wrong = self._go(str(go), str(message.get("step", "")))
                if wrong:
                    return {"ok": False, "error": wrong}
            return self._view()

    def _begin(self) -> None:
        gauge = self._voltage is not None and self._voltage.here
        self._wizard = LineWizard(self._rate, gauge, self._board.turned)
        self._learn_idle()
        self._wires.publish({"event": "wizard", "step": "idle"})

    def _learn_idle(self) -> None:
        if self._voltage is not None and self._voltage.here:
            self._voltage.learn_afresh()

    def _go(self, go: str, step: str) -> str:
        """Do it; why not, or empty."""
        wizard = self._wizard
        if wizard is None:
            return "the line wizard is not running"
        before, turned = wizard.changes, wizard.turned
        match go:
            case "redo" if step in STEPS:
                wizard.go_to(step)
                if step == "idle":
                    self._learn_idle()
            case "skip":
                wizard.skip()
            case "turn":
                wizard.turn_hook()
            case "keep":
                self._finish(wizard)
            case "cancel":
                self._leave(self._file.now.turned_of(self._board.profile.name))
            case _:
                return f"the line wizard knows no {go!r}"
        if self._wizard is wizard:
            self._tell(wizard, before, turned)
        return ""

    def _finish(self, wizard: LineWizard) -> None:
        when = datetime.fromtimestamp(self._wires.wall(), UTC).isoformat(timespec="seconds")
        profile = self._board.profile.name
        self._keep(profile=profile, proved_at=when, **wizard.learned())
        self._leave(wizard.turned)

    def _forget(self) -> None:
        self._keep(**{name: value for name, value in asdict(type(self._file.now)()).items()})
        if self._voltage is not None:
            self._voltage.forget()
        self._leave(frozenset())

    def _leave(self, turned: frozenset[str]) -> None:
        """The wizard is over; what holds now is applied at once."""
        self._wizard = None
        holds = (turned, self.applied.line)
        if holds != self._holds:  # to take the pins anew may cut an announcement short
            self._board.turned, self._holds = turned, holds
            self._wires.put(Rewire())
        self._wires.publish({"event": "wizard", "step": ""})

    def _view(self) -> Message:
        learned, wizard = asdict(self._file.now), self._wizard
        said = (learned["near_dbm0"], learned["far_dbm0"], learned["clipped"])
        view: Message = {"ok": True, "learned": learned, "gain_db": gain_advice(*said)}
        if wizard is None:
            return {**view, "step": "", "found": {}, "trouble": ""}
        ring = wizard.found.get("ring", {})
        said = (ring.get("near_dbm0"), ring.get("far_dbm0"), ring.get("clipped", 0))
        return {
            **view,
            "step": wizard.step,
            "found": wizard.found,
            "trouble": wizard.trouble,
            "hook": wizard.hook,
            "turned": sorted(wizard.turned),
            "gain_db": gain_advice(*said),
            "vox_threshold_dbm0": wizard.learned()["vox_threshold_dbm0"],
        }


def _shown(volts: Volts) -> Message:
    def rounded(value: float | None) -> float | None:
        return None if value is None else round(value, 1)

    return {
        "line_volts": rounded(volts.now),
        "line_idle_volts": rounded(volts.idle),
        "line_threshold_volts": rounded(volts.threshold),
        "line_lowest_volts": rounded(volts.lowest),
        "line_highest_volts": rounded(volts.highest),
    }

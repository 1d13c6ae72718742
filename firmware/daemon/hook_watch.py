"""How calls are found: by the pins of the HAT, or by voice where they cannot be had."""

from __future__ import annotations

from collections.abc import Callable

from firmware.audio.frames import Gap, Period
from firmware.audio.levels import rms_dbm0
from firmware.config import LineConfig
from firmware.line.board import Board
from firmware.line.vox import VoxDetector
from firmware.recorder import Recorder

PINS_AGAIN_S = 10.0
NO_PINS = "line-pins"
NO_LAMPS = "lamps"


class HookWatch:
    """`applied` gives the settings of the line that hold: the owner's, and what was learned.

    Where the pins cannot be had, calls are found by voice, an alarm says so, and the pins are tried
    again between calls.
    """

    def __init__(
        self,
        board: Board,
        recorder: Recorder,
        applied: Callable[[], LineConfig],
        clock: Callable[[], float],
    ) -> None:
        self._board = board
        self._recorder = recorder
        self._applied = applied
        self._clock = clock
        self._vox: VoxDetector | None = None
        self._pins_again: float | None = None

    @property
    def by_voice(self) -> bool:
        """Whether calls are found by voice: then the hook of the pins says nothing."""
        return self._vox is not None

    def take_pins(self) -> None:
        """Watch the line by its pins, or else by voice, as set or learned."""
        line = self._applied()
        by_voice = line.hook == "vox"
        if self._board.start():
            self._pins_again = None
            self._recorder.clear_alarm(NO_PINS)
        else:
            by_voice = True
            self._pins_again = self._clock() + PINS_AGAIN_S
            self._recorder.raise_alarm(
                NO_PINS,
                f"{self._board.trouble} Until it is put right, calls are found by voice activation:"
                " they are recorded, but silent ones are missed and their direction is not known.",
            )
        if self._board.watching and self._board.trouble:
            self._recorder.raise_alarm(NO_LAMPS, f"{self._board.trouble} Calls are recorded.")
        self._vox = VoxDetector(line.vox_threshold_dbm0, line.vox_hang_s) if by_voice else None
        self._recorder.watch_by("vox" if by_voice else "gpio")

    def look_for_pins(self) -> None:
        """Try again, between calls, for the pins that could not be had."""
        again = self._pins_again
        if again is not None and self._recorder.machine.state == "idle" and self._clock() >= again:
            self.take_pins()

    def sound(self, item: Period | Gap) -> None:
        """The recorder's next piece of the stream, after what pins and voice say up to there."""
        self._board.poll(item.time)
        if self._vox is not None and isinstance(item, Period):
            for event in self._vox.feed(rms_dbm0(item.samples), item.time):
                self._recorder.on_line(event)
        self._recorder.on_audio(item)
        if self._vox is not None and self._recorder.machine.state == "idle":
            self._vox.release_call()

"""Where the parts of the recorder are put together, started, given what happens, and stopped."""

from __future__ import annotations

import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.alarms import Command
from firmware.archive.keeper import Keeper, Trouble
from firmware.archive.told import Gone
from firmware.archive.volume import Volumes
from firmware.audio.frames import AudioSource, Gap, Period
from firmware.audio.playout import Played
from firmware.clock import WallClock, boot_id
from firmware.config import Config
from firmware.consent_terms import Terms
from firmware.control import ControlServer, Message
from firmware.daemon.capture import CaptureThread
from firmware.daemon.commands import Chosen, Commands
from firmware.daemon.hook_watch import HookWatch
from firmware.daemon.lamp import CallLamp
from firmware.daemon.live import LiveAudio
from firmware.daemon.settings import Settings
from firmware.daemon.worker import Worker
from firmware.events import FlagPressed, LineEvent, OffHook, OnHook
from firmware.learning.desk import LineDesk, Rewire, Wires
from firmware.line.board import Board
from firmware.line.gauge import LineGauge
from firmware.line.hook import settings_for
from firmware.line.profile import HatProfile
from firmware.line_out import Asked, LineOut
from firmware.minder import Minder
from firmware.recorder import Recorder, ignore
from firmware.storage import archive_of

NO_SOUND = "sound-card"
NO_KEYS = "call-keys"


class Daemon:
    """Runs until `stop()`; the worker thread is the only one that changes the recorder.

    `pins` makes the pin factory, `gauge` the reader of the line's voltage.
    """

    def __init__(
        self,
        config: Config,
        source: AudioSource,
        profile: HatProfile,
        pins: Callable[[], Any],
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        gauge: Callable[[], LineGauge] = LineGauge,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._settings = Settings(config)
        config = self._settings.now
        self.failed = threading.Event()
        self._worker = Worker(self._take, self._deadlines, self._over, self._fault, clock)
        put, rate = self._worker.put, source.rate
        self._capture = CaptureThread(source, put, self._fault)
        archive = archive_of(config, rebuild=False, patient=True)
        media = Path(config.archive.media) if config.archive.media else None
        reserve = config.archive.reserve_mb * 2**20
        volumes = Volumes(archive.root, media, reserve, vault=archive.vault)
        self._board = Board(profile, put, clock, pins, settings_for(config.line.flash))
        self._line_out = LineOut(
            *(self._settings.of_the_file, config, archive.root, rate),
            *(put, clock, self._board.inject),
        )
        desk = self._line_out.desk
        self._keeper = Keeper(archive, volumes, True, clock, self._fault, desk.listen)
        self._wall_clock = WallClock(wall, clock=clock)
        command = config.alarms.command
        self._recorder = Recorder(
            *(config, archive, rate, self._publish, wall),
            keeper=self._keeper,
            boot_id=boot_id(),
            belief=self._wall_clock.belief,
            hook=Command(Path(command)) if command else ignore,
            consent=desk,
        )
        self._minder = Minder(
            *(config, archive, volumes, self._wall_clock, clock, put),
            also=self._line_out.look,
        )
        self._lamp = CallLamp(self._recorder, self._board.show)
        self._control = ControlServer(
            Path(config.state.control), lambda message: self._commands.answer(message)
        )
        wires = Wires(
            *(put, self._control.publish, lambda: self._control.followed),
            *(lambda: self._recorder.machine, clock, wall),
        )
        self._line = LineDesk(config, self._board, rate, wires, gauge)
        self._hook = HookWatch(self._board, self._recorder, lambda: self._line.applied.line, clock)
        self._live = LiveAudio(self._recorder, self._control, rate)
        self._commands = Commands(self._recorder, self._line, self._line_out, rate, put, clock)

    def start(self) -> None:
        """Watch the line, capture, and answer on the control socket.

        Raises ControlError or ArchiveError, with everything let go again.
        """
        try:
            self._control.start()
            self._mend_keys()
            self._keeper.start(boot_id())
            if not self._minder.look_back(self._keeper):
                self._keeper.check()
            self._hook.take_pins()
            self._keeper.watched()
            self._recorder.hear(self._settings.trouble)
        except Exception:
            self._release()
            raise
        self._lamp.show()
        self._minder.start()
        self._line.start()
        self._line_out.start()
        self._worker.start()
        self._capture.start(self._clock())

    def stop(self) -> None:
        """Take in what was captured, close a running call and let every part go."""
        if self._capture.stop():
            self._worker.stop()
            self._minder.stop()
        self._line.stop()
        self._release()

    def _release(self) -> None:
        self._control.close()
        self._line_out.close()
        self._board.close()
        self._capture.close()

    def _fault(self, error: BaseException) -> None:
        """A fault of the program itself: say it, and let the process be started anew."""
        traceback.print_exception(error, file=sys.stderr)
        self.failed.set()

    def _publish(self, message: Message) -> None:
        self._lamp.told(message)
        self._control.publish(message)

    def _deadlines(self) -> tuple[float | None, ...]:
        return self._board.deadline(), self._recorder.deadline()

    def _take(self, item: Any) -> None:
        """The next from the inbox; None when only time has passed."""
        self._hand_on(item)
        self._hook.look_for_pins()

    def _hand_on(self, item: Any) -> None:
        match item:
            case Period() | Gap():
                self._hook.sound(item)
                self._capture.worked_on = item.time
                if isinstance(item, Period):
                    self._line.period(item)
                    self._live.period(item)
            case OffHook() | OnHook() if self._hook.by_voice:
                return
            case LineEvent():
                self._line.event(item)
                self._recorder.on_line(item)
                if isinstance(item, FlagPressed):
                    self._lamp.show()
            case str():
                self._sound_trouble(item)
            case Trouble():
                self._recorder.hear(item)
            case Gone():
                self._control.publish({"event": "gone", "id": item.call_id})
            case Rewire():
                self._hook.take_pins()
            case Played():
                self._recorder.played(item)
            case Terms():
                self._recorder.renew(item)
            case Asked():
                item.answer(self._clock(), self._recorder.announce_now)
            case Chosen():
                self._reconfigure()
            case _:
                self._board.poll(self._clock())
                self._recorder.tick(self._clock())

    def _sound_trouble(self, why: str) -> None:
        if why:
            self._recorder.raise_alarm(NO_SOUND, why)
            self._recorder.deaf(self._clock())
        else:
            self._recorder.clear_alarm(NO_SOUND)
            self._recorder.deaf(None)

    def _reconfigure(self) -> None:
        config = self._settings.look()
        self._keeper.archive.vault.seals = config.archive.sealed == "yes"  # from the next call on
        self._mend_keys()
        self._recorder.reconfigure(config)
        self._line_out.choose(config)
        self._minder.reconfigure(config)
        self._recorder.hear(self._settings.trouble)

    def _mend_keys(self) -> None:
        """Keys of encrypted calls that cannot be opened must not stop the recording of new ones."""
        if why := self._keeper.archive.vault.mend(f"{round(self._wall())}"):
            self._recorder.raise_alarm(NO_KEYS, why)

    def _over(self) -> None:
        self._recorder.shutdown(self._clock())

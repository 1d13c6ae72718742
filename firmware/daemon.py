"""The recorder as a running process: a capture thread, one worker, the pins and the socket."""

from __future__ import annotations

import queue
import signal
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
from firmware.audio.levels import rms_dbm0
from firmware.audio.playout import Played
from firmware.choices import Choices
from firmware.clock import WallClock, boot_id
from firmware.config import Config
from firmware.consent_terms import Terms
from firmware.control import ControlServer, Message
from firmware.events import FlagPressed, LineEvent, OffHook, OnHook, PrivatePressed
from firmware.learning.desk import LineDesk, Rewire, Wires
from firmware.line.board import Board
from firmware.line.errors import ProfileError
from firmware.line.gauge import LineGauge
from firmware.line.hook import settings_for
from firmware.line.profile import HatProfile
from firmware.line.vox import VoxDetector
from firmware.line_out import Asked, LineOut
from firmware.minder import Minder
from firmware.recorder import Recorder, ignore
from firmware.storage import archive_of
from firmware.watchdog import Watchdog

LAMP_OF_STATE = {"idle": "idle", "ringing": "ringing", "incall": "recording"}
IDLE_WAIT_S = 1.0
PINS_AGAIN_S = 10.0
NO_SOUND = "sound-card"
NO_PINS = "line-pins"
NO_LAMPS = "lamps"
NO_KEYS = "call-keys"
OTHERS_ALARMS = ("evidence", "evidence-replaced")
LONGEST_REASON = 1000


class _Stop:
    """The last thing in the inbox."""


class _Chosen:
    """The owner chose something on the page."""


class Daemon:
    """Runs until `stop()`; the worker thread is the only one that changes the recorder.

    `pins` makes the pin factory, `gauge` the reader of the line's voltage. Where the pins cannot be
    had, calls are found by voice, an alarm says so, and the pins are tried again between calls.
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
        self._source = source
        self._of_the_file = config
        self._choices = Choices(Path(config.state.directory))
        config, self._bent = self._choices.over(config)
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self.failed = threading.Event()
        archive = archive_of(config, rebuild=False, patient=True)
        media = Path(config.archive.media) if config.archive.media else None
        reserve = config.archive.reserve_mb * 2**20
        volumes = Volumes(archive.root, media, reserve, vault=archive.vault)
        self._line_out = LineOut(
            *(self._of_the_file, config, archive.root, source.rate),
            *(self._inbox.put, clock, self._inject),
        )
        desk = self._line_out.desk
        self._keeper = Keeper(archive, volumes, True, clock, self._fault, desk.listen)
        self._wall_clock = WallClock(wall, clock=clock)
        command = config.alarms.command
        self._recorder = Recorder(
            *(config, archive, source.rate, self._publish, wall),
            keeper=self._keeper,
            boot_id=boot_id(),
            belief=self._wall_clock.belief,
            hook=Command(Path(command)) if command else ignore,
            consent=desk,
        )
        self._minder = Minder(
            *(config, archive, volumes, self._wall_clock, clock, self._inbox.put),
            also=self._line_out.look,
        )
        self._vox: VoxDetector | None = None
        self._pins_again: float | None = None
        self._board = Board(profile, self._inbox.put, clock, pins, settings_for(config.line.flash))
        self._flagged = False
        self._watchdog = Watchdog()
        self._worked_on = 0.0
        self._told_second = -1
        self._control = ControlServer(Path(config.state.control), self._command)
        wires = Wires(
            *(self._inbox.put, self._control.publish, lambda: self._control.followed),
            *(lambda: self._recorder.machine, clock, wall),
        )
        self._line = LineDesk(config, self._board, source.rate, wires, gauge)
        self._capturer = threading.Thread(target=self._capture, name="capture")
        self._worker = threading.Thread(target=self._work, name="recorder")

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
            self._take_pins()
            self._tell_bent()
        except Exception:
            self._release()
            raise
        self._show()
        self._minder.start()
        self._line.start()
        self._line_out.start()
        self._worked_on = self._clock()
        self._worker.start()
        self._watchdog.ready()
        self._capturer.start()

    def _mend_keys(self) -> None:
        """Keys of encrypted calls that cannot be opened must not stop the recording of new ones."""
        if why := self._keeper.archive.vault.mend(f"{round(self._wall())}"):
            self._recorder.raise_alarm(NO_KEYS, why)

    def _take_pins(self) -> None:
        """Watch the line by its pins, or else by voice, as set or learned."""
        line = self._line.applied.line
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

    def stop(self) -> None:
        """Take in what was captured, close a running call and let every part go."""
        self._stopping.set()
        self._source.close()
        if self._capturer.ident is not None:
            self._capturer.join(timeout=10)
            self._inbox.put(_Stop())
            self._worker.join(timeout=60)
            self._minder.stop()
        self._line.stop()
        self._release()

    def _release(self) -> None:
        self._control.close()
        self._line_out.close()
        self._board.close()
        self._source.close()

    def _inject(self, on: bool) -> bool:
        return self._board.inject(on)

    def _publish(self, message: Message) -> None:
        if message.get("event") == "flagged":
            self._flagged = True
        elif message.get("event") == "state":
            self._flagged = False
        self._show()
        self._control.publish(message)

    def _show(self) -> None:
        """The lamps for what the recorder does now."""
        recorder = self._recorder
        call = recorder.machine.call
        shown = LAMP_OF_STATE.get(recorder.machine.state, "fault")
        if shown == "recording" and call is not None and call.private:
            shown = "private"
        elif shown == "recording" and recorder.refused:
            shown = "idle"
        elif self._flagged or (shown == "recording" and call is not None and call.flags):
            shown = "flagged"
        self._board.show(shown, fault=bool(recorder.alarms))

    def _capture(self) -> None:
        told = ""
        try:
            while not self._stopping.is_set():
                item = self._source.read()
                if item is not None:
                    self._inbox.put(item)
                if isinstance(item, Period):
                    self._watchdog.flows(item.time, self._worked_on)
                trouble = getattr(self._source, "last_error", "")
                if trouble != told:
                    told = trouble
                    self._inbox.put(trouble)
        except Exception:
            self._fail()

    def _fault(self, error: BaseException) -> None:
        """A lane of the archive met a fault of the program itself."""
        traceback.print_exception(error, file=sys.stderr)
        self.failed.set()

    def _fail(self) -> None:
        """A fault of the program itself: say it, and let the process be started anew."""
        traceback.print_exc(file=sys.stderr)
        self.failed.set()

    def _work(self) -> None:
        try:
            while True:
                item = self._next()
                if isinstance(item, _Stop):
                    self._recorder.shutdown(self._clock())
                    return
                self._take(item)
                self._look_for_pins()
        except Exception:
            self._fail()

    def _next(self) -> Any:
        """What comes next; None when only time has passed."""
        now = self._clock()
        due = [self._board.deadline(), self._recorder.deadline(), now + IDLE_WAIT_S]
        wait = max(0.0, min(time for time in due if time is not None) - now)
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None

    def _take(self, item: Any) -> None:
        match item:
            case Period() | Gap():
                self._board.poll(item.time)
                if self._vox is not None and isinstance(item, Period):
                    for event in self._vox.feed(rms_dbm0(item.samples), item.time):
                        self._recorder.on_line(event)
                self._recorder.on_audio(item)
                if self._vox is not None and self._recorder.machine.state == "idle":
                    self._vox.release_call()
                self._worked_on = item.time
                if isinstance(item, Period):
                    self._line.period(item)
                self._let_hear(item)
            case OffHook() | OnHook() if self._vox is not None:
                return
            case LineEvent():
                self._line.event(item)
                self._recorder.on_line(item)
                if isinstance(item, FlagPressed):
                    self._show()
            case str():
                self._sound_trouble(item)
            case Trouble():
                self._recorder.hear(item)
            case Gone():
                self._control.publish({"event": "gone", "id": item.call_id})
            case Rewire():
                self._take_pins()
            case Played():
                self._recorder.played(item)
            case Terms():
                self._recorder.renew(item)
            case Asked():
                item.answer(self._clock(), self._recorder.announce_now)
            case _Chosen():
                self._reconfigure()
            case _:
                self._board.poll(self._clock())
                self._recorder.tick(self._clock())

    def _reconfigure(self) -> None:
        config, self._bent = self._choices.over(self._of_the_file)
        self._keeper.archive.vault.seals = config.archive.sealed == "yes"  # from the next call on
        self._mend_keys()
        self._recorder.reconfigure(config)
        self._line_out.choose(config)
        self._minder.reconfigure(config)
        self._tell_bent()

    def _tell_bent(self) -> None:
        """What the page chose and the recorder does not understand."""
        said = f"Some of the settings do not count: {'; '.join(self._bent)}." if self._bent else ""
        self._recorder.hear(Trouble("settings", said))

    def _look_for_pins(self) -> None:
        again = self._pins_again
        if again is not None and self._recorder.machine.state == "idle" and self._clock() >= again:
            self._take_pins()

    def _let_hear(self, item: Period | Gap) -> None:
        """The running call for who listens now; once a second how loud the line is."""
        if not isinstance(item, Period):
            return
        second = item.first // self._source.rate
        if second != self._told_second and self._control.followed:
            self._told_second = second
            level = round(rms_dbm0(item.samples), 1)
            self._control.publish({"event": "level", "dbm0": level})
        if not self._control.listened:
            return
        if self._recorder.listenable:
            self._control.send_audio(item.first, item.samples.astype("<i2").tobytes())
        else:
            self._control.end_audio()

    def _sound_trouble(self, why: str) -> None:
        if why:
            self._recorder.raise_alarm(NO_SOUND, why)
            self._recorder.deaf(self._clock())
        else:
            self._recorder.clear_alarm(NO_SOUND)
            self._recorder.deaf(None)

    def _command(self, message: Message) -> Message:
        now = self._clock()
        match message.get("do"):
            case "state":
                return self._recorder.state(now) | self._line.facts()
            case "wizard":
                return self._line.command(message)
            case "flag":
                self._inbox.put(FlagPressed(now))
                return {"ok": True}
            case "private":
                self._inbox.put(PrivatePressed(now))
                return {"ok": True}
            case "listen":
                if self._recorder.listenable:
                    return {"ok": True, "rate": self._source.rate}
                return {"ok": False, "error": "no call that may be listened to is running"}
            case "settings":
                self._inbox.put(_Chosen())
                return {"ok": True}
            case "alarm":
                return self._other_alarm(message)
            case "announce":
                return self._line_out.ask(now)
            case other:
                return {"ok": False, "error": f"unknown command {other!r}"}

    def _other_alarm(self, message: Message) -> Message:
        """What another process of the box has found; an empty reason says that it is over."""
        kind, why = message.get("kind"), message.get("why")
        if kind not in OTHERS_ALARMS or not isinstance(why, str):
            return {"ok": False, "error": "expected an alarm of " + ", ".join(OTHERS_ALARMS)}
        self._inbox.put(Trouble(kind, why[:LONGEST_REASON]))
        return {"ok": True}


def _hat(config: Config) -> tuple[HatProfile, Callable[[], Any]]:
    """The profile and its pin factory; a wrong profile is told when the pins are wanted."""
    from firmware.line.factory import pin_factory

    try:
        return HatProfile.named(config.line.profile), lambda: pin_factory(config.line.pins)
    except ProfileError as error:
        wrong = error

    def refuse() -> Any:
        raise wrong

    return HatProfile.default(), refuse


def run(config: Config) -> int:
    """Record until SIGTERM or SIGINT: 0; 1 after a fault, so that it is started anew."""
    from firmware.audio.capture import AlsaCapture

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    profile, pins = _hat(config)
    audio = config.audio
    source = AlsaCapture(audio.device, audio.rate, patient=True, channel=audio.channel)
    daemon = Daemon(config, source, profile, pins)
    daemon.start()
    print(f"tipring: line {config.line.id} is watched", flush=True)
    while not stop.wait(0.5) and not daemon.failed.is_set():
        continue
    daemon.stop()
    return 1 if daemon.failed.is_set() else 0

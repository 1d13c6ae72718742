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

from firmware.archive import Archive
from firmware.audio.frames import AudioSource, Gap, Period
from firmware.audio.levels import rms_dbm0
from firmware.config import Config
from firmware.control import ControlServer, Message
from firmware.events import FlagPressed, LineEvent, OffHook, OnHook, PrivatePressed
from firmware.line.hook import settings_for
from firmware.line.lamps import Lamps
from firmware.line.monitor import LineMonitor
from firmware.line.profile import HatProfile
from firmware.line.vox import VoxDetector
from firmware.recorder import Recorder

LAMP_OF_STATE = {"idle": "idle", "ringing": "ringing", "incall": "recording"}
IDLE_WAIT_S = 1.0
NO_SOUND = "sound-card"


class _Stop:
    """The last thing in the inbox."""


class Daemon:
    """Runs until `stop()`; the worker thread is the only one that changes the recorder."""

    def __init__(
        self,
        config: Config,
        source: AudioSource,
        profile: HatProfile,
        pin_factory: Any,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._source = source
        self._inbox: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self.failed = threading.Event()
        archive = Archive(Path(config.archive.directory))
        self._archive = archive
        self._recorder = Recorder(config, archive, source.rate, self._publish)
        self._vox: VoxDetector | None = None
        if config.line.hook == "vox":
            self._vox = VoxDetector(config.line.vox_threshold_dbm0, config.line.vox_hang_s)
        self._monitor = LineMonitor(
            profile,
            self._inbox.put,
            clock,
            pin_factory,
            settings_for(config.line.flash),
            kernel_stamps=True,
        )
        self._flagged = False
        self._told_second = -1
        self._control = ControlServer(Path(config.state.control), self._command)
        self._lamps = Lamps(profile, pin_factory)
        self._capturer = threading.Thread(target=self._capture, name="capture")
        self._worker = threading.Thread(target=self._work, name="recorder")

    def start(self) -> None:
        """Watch the line, capture, and answer on the control socket.

        Raises PinError, ControlError or ArchiveError, with everything let go again.
        """
        try:
            self._control.start()
            self._archive.recover()
            self._monitor.start()
        except Exception:
            self._release()
            raise
        self._show()
        self._worker.start()
        self._capturer.start()

    def stop(self) -> None:
        """Take in what was captured, close a running call and let every part go."""
        self._stopping.set()
        self._source.close()
        if self._capturer.ident is not None:
            self._capturer.join(timeout=10)
            self._inbox.put(_Stop())
            self._worker.join(timeout=60)
        self._release()

    def _release(self) -> None:
        self._control.close()
        self._monitor.close()
        self._lamps.close()
        self._source.close()

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
        elif self._flagged or (shown == "recording" and call is not None and call.flags):
            shown = "flagged"
        self._lamps.show(shown, fault=bool(recorder.alarms))

    def _capture(self) -> None:
        told = ""
        try:
            while not self._stopping.is_set():
                item = self._source.read()
                if item is not None:
                    self._inbox.put(item)
                trouble = getattr(self._source, "last_error", "")
                if trouble != told:
                    told = trouble
                    self._inbox.put(trouble)
        except Exception:
            self._fail()

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
        except Exception:
            self._fail()

    def _next(self) -> Any:
        """What comes next; None when only time has passed."""
        now = self._clock()
        due = [self._monitor.deadline(), self._recorder.machine.deadline(), now + IDLE_WAIT_S]
        wait = max(0.0, min(time for time in due if time is not None) - now)
        try:
            return self._inbox.get(timeout=wait)
        except queue.Empty:
            return None

    def _take(self, item: Any) -> None:
        match item:
            case Period() | Gap():
                self._monitor.poll(item.time)
                if self._vox is not None and isinstance(item, Period):
                    for event in self._vox.feed(rms_dbm0(item.samples), item.time):
                        self._recorder.on_line(event)
                self._recorder.on_audio(item)
                self._let_hear(item)
            case OffHook() | OnHook() if self._vox is not None:
                return
            case LineEvent():
                self._recorder.on_line(item)
                if isinstance(item, FlagPressed):
                    self._show()
            case str():
                self._sound_trouble(item)
            case _:
                self._monitor.poll(self._clock())
                self._recorder.tick(self._clock())

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
        else:
            self._recorder.clear_alarm(NO_SOUND)

    def _command(self, message: Message) -> Message:
        now = self._clock()
        match message.get("do"):
            case "state":
                return self._recorder.state(now)
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
            case "announce":
                return {"ok": False, "error": "this release cannot play announcements"}
            case other:
                return {"ok": False, "error": f"unknown command {other!r}"}


def run(config: Config) -> int:
    """Record until SIGTERM or SIGINT: 0; 1 after a fault, so that it is started anew."""
    from firmware.audio.capture import AlsaCapture
    from firmware.line.factory import pin_factory

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    profile = HatProfile.named(config.line.profile)
    factory = pin_factory(config.line.pins)
    source = AlsaCapture(config.audio.device, config.audio.rate, patient=True)
    daemon = Daemon(config, source, profile, factory)
    daemon.start()
    print(f"tipring: line {config.line.id} is watched", flush=True)
    while not stop.wait(0.5) and not daemon.failed.is_set():
        continue
    daemon.stop()
    return 1 if daemon.failed.is_set() else 0

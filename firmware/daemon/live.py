"""What is heard of the line at once: how loud it is, and the running call for who listens."""

from __future__ import annotations

from firmware.audio.frames import Period
from firmware.audio.levels import rms_dbm0
from firmware.control import ControlServer
from firmware.recorder import Recorder


class LiveAudio:
    """Nothing is made for the control socket while nobody follows or listens there."""

    def __init__(self, recorder: Recorder, control: ControlServer, rate: int) -> None:
        self._recorder = recorder
        self._control = control
        self._rate = rate
        self._told_second = -1

    def period(self, item: Period) -> None:
        """The running call for who listens now; once a second how loud the line is."""
        second = item.first // self._rate
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

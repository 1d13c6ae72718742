"""What does not end by itself: the line's events, and the running call's sound.

Pages and programs share them, so that the box serves so many streams and no more.
"""

from __future__ import annotations

import json
import select
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Response, copy_current_request_context, current_app, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.control import ControlClient, ControlError
from web.auth import user
from web.desk import Desk
from web.hub import Hub
from web.line import line_view, may_join
from web.recorder import recorder_state

LISTENERS = 3
ENDLESS = 2**31 - 128  # bytes of sound that a WAV header may promise; at 8 kHz 37 hours
TOO_MANY = later("Too many pages follow the line at once; this one asks now and then.")
NO_CALL = later("No call that may be listened to is running.")


class NoStream(Exception):
    """There is none: all are taken, no call runs or the recorder is silent. `code`: of HTTP."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


def still_there(environ: dict[str, Any]) -> Callable[[], bool]:
    """Whether the browser still holds its end of the connection, as the server knows it."""
    connection = environ.get("gunicorn.socket")
    if connection is None:
        return lambda: True
    gone = select.poll()
    gone.register(connection.fileno(), select.POLLRDHUP)
    return lambda: not gone.poll(0)


def endless_wav(rate: int) -> bytes:
    """The 44 bytes before mono 16-bit PCM that does not end yet.

    `listen.js` counts on their number: a longer head would be played, and be a delay.
    """
    kind = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16)
    return (
        struct.pack("<4sI4s", b"RIFF", 36 + ENDLESS, b"WAVE")
        + kind
        + struct.pack("<4sI", b"data", ENDLESS)
    )


class Streams:
    """The streams of one box: twelve of events, three of sound."""

    def __init__(self, desk: Desk, hub: Hub) -> None:
        self._desk = desk
        self._hub = hub
        self._listeners = threading.BoundedSemaphore(LISTENERS)

    def events(self, wants_level: bool) -> Response:
        """The line as it changes, by server-sent events. Raises NoStream.

        `wants_level`: the level and the voltage, too, while no call runs.
        """
        hub, desk, seen = self._hub, self._desk, self._hub.enter()
        if seen is None:
            raise NoStream(503, str(TOO_MANY))
        now, alive = recorder_state() or {"ok": False}, still_there(request.environ)
        asking = user()

        @copy_current_request_context
        def in_words(state: dict[str, Any]) -> dict[str, Any]:
            return line_view(desk, state, asking)

        def told() -> Iterator[str]:
            first = in_words(now)
            recording = first["recording"]
            yield f"retry: 3000\nevent: state\ndata: {json.dumps(first)}\n\n"
            for news in hub.news(seen, alive):
                if news is None:
                    yield ": still here\n\n"
                    continue
                event, data = news
                if event == "state":
                    data = in_words(data)
                    recording = data["recording"]
                elif event == "volts" and not wants_level:
                    continue
                elif event == "level" and not (recording or wants_level):
                    continue  # a telephone that lies on the table need not wake up for it
                elif event == "call" and data.get("id"):
                    desk.preparer.wave(str(data["id"]))
                    desk.preparer.mp3(str(data["id"]))
                yield f"event: {event}\ndata: {json.dumps(data)}\n\n"

        answer = Response(told(), mimetype="text/event-stream")
        answer.call_on_close(hub.leave)
        return answer

    def sound(self) -> Response:
        """The running call as a WAV that goes on while the call does. Raises NoStream."""
        if not may_join(user(), recorder_state()):
            raise NoStream(409, str(NO_CALL))
        if not self._listeners.acquire(blocking=False):
            why = _("%(n)s people listen already; that is all this box allows.", n=LISTENERS)
            raise NoStream(503, why)
        held = ControlClient(Path(current_app.config["CONTROL"])).listening()

        def over() -> None:
            held.__exit__(None, None, None)
            self._listeners.release()

        try:
            reply, blocks = held.__enter__()
        except ControlError as error:
            self._listeners.release()
            raise NoStream(503, _("The recorder does not answer.")) from error
        if not reply.get("ok"):
            over()
            raise NoStream(409, str(NO_CALL))
        self._desk.log("listened", "", live=True)

        def parts() -> Iterator[bytes]:
            yield endless_wav(int(reply["rate"]))
            yield from blocks

        answer = Response(parts(), mimetype="audio/wav")
        answer.call_on_close(over)
        return answer

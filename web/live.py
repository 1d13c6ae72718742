"""The running call: its state as it changes, its sound, and the buttons of the box."""

from __future__ import annotations

import json
import select
import struct
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import (
    Blueprint,
    Response,
    copy_current_request_context,
    current_app,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.control import ControlClient, ControlError
from web.desk import Desk
from web.hub import Hub
from web.language import phone
from web.recorder import ask, recorder_state
from web.words import alarm_words, clock, plain, state_words

NOT_ANNOUNCED = {
    "no-call": later("No call is running."),
    "doubt": later(
        "A call is waiting, or the hook was flashed a moment ago: nobody can be sure who would hear"
        " it. Try again in 20 seconds."
    ),
    "no-card": later("No card is set up to play into the line."),
    "busy": later("Another sound is being played into the line."),
    "refused": later("This call is not recorded: there is nothing to announce."),
    "late": later("The recorder is busy: the announcement was not played. Try again."),
}
SAME_CALL_S = 2.0  # the state's age of a call is rounded, and a request takes a while
LISTENERS = 3
ENDLESS = 2**31 - 128  # bytes of sound that a WAV header may promise; at 8 kHz 37 hours


def running_since() -> float | None:
    """When the recorded call began, in monotonic seconds; None where none is recorded."""
    state = recorder_state()
    if not state or not state.get("recording") or state.get("since_s") is None:
        return None
    return time.monotonic() - float(state["since_s"])


def line_view(desk: Desk, state: dict[str, Any] | None) -> dict[str, Any]:
    """The line as a page shows it: words of its language, nothing that a browser would act on."""
    if not state or not state.get("ok"):
        said = _("The recorder does not answer.")
        return {"ok": False, "state": "silent", "words": said, "alarms": [], "recording": False}
    number = plain(state.get("number"))
    person = desk.people.of(number) if number else None
    name = person.name if person else phone(number)
    words = state_words(str(state.get("state")))
    since = state.get("since_s")
    return {
        "ok": True,
        "state": plain(state.get("state")),
        "words": f"{words}: {name}" if name else words,
        "recording": bool(state.get("recording")),
        "private": bool(state.get("private")),
        "refused": bool(state.get("refused")),
        "can_play": state.get("announce", "no-card") != "no-card",
        "since_s": since,
        "clock": clock(since) if isinstance(since, int | float) else "",
        "vox": state.get("hook") == "vox",
        "alarms": [alarm_words(kind, why) for kind, why in (state.get("alarms") or {}).items()],
    }


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


def blueprint(desk: Desk, hub: Hub) -> Blueprint:
    """State, events, sound, flag, and private behind a confirmation."""
    pages = Blueprint("live", __name__, url_prefix="/live")
    listeners = threading.BoundedSemaphore(LISTENERS)

    @pages.get("/state")
    def state() -> ResponseReturnValue:
        found = line_view(desk, recorder_state())
        return jsonify(found), 200 if found["ok"] else 503

    @pages.get("/events")
    def events() -> ResponseReturnValue:
        seen = hub.enter()
        if seen is None:
            why = _("Too many pages follow the line at once; this one asks now and then.")
            return jsonify(ok=False, error=why), 503

        now, alive = recorder_state() or {"ok": False}, still_there(request.environ)

        @copy_current_request_context
        def in_words(state: dict[str, Any]) -> dict[str, Any]:
            return line_view(desk, state)

        wants_level = "level" in request.args

        def told() -> Iterator[str]:
            recording = bool(now.get("recording"))
            yield f"retry: 3000\nevent: state\ndata: {json.dumps(in_words(now))}\n\n"
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

    @pages.get("/audio.wav")
    def listen() -> ResponseReturnValue:
        if not listeners.acquire(blocking=False):
            why = _("%(n)s people listen already; that is all this box allows.", n=LISTENERS)
            return jsonify(ok=False, error=why), 503
        held = ControlClient(Path(current_app.config["CONTROL"])).listening()

        def over() -> None:
            held.__exit__(None, None, None)
            listeners.release()

        try:
            reply, blocks = held.__enter__()
        except ControlError:
            listeners.release()
            return jsonify(ok=False, error=_("The recorder does not answer.")), 503
        if not reply.get("ok"):
            over()
            return jsonify(ok=False, error=_("No call that may be listened to is running.")), 409
        desk.log("listened", "", live=True)

        def sound() -> Iterator[bytes]:
            yield endless_wav(int(reply["rate"]))
            yield from blocks

        answer = Response(sound(), mimetype="audio/wav")
        answer.call_on_close(over)
        return answer

    @pages.post("/flag")
    def flag() -> ResponseReturnValue:
        return _done({"do": "flag"}, _("Flagged."))

    @pages.post("/announce")
    def announce() -> ResponseReturnValue:
        desk.log("announced", "")
        return _done({"do": "announce"}, _("The announcement is being played."))

    @pages.get("/private")
    def ask_private() -> ResponseReturnValue:
        return render_template("private.html", since=running_since())

    @pages.post("/private")
    def private() -> ResponseReturnValue:
        since, meant = running_since(), request.form.get("since", type=float)
        if recorder_state() is not None and (
            since is None or meant is None or not abs(since - meant) <= SAME_CALL_S
        ):
            flash(_("That call is over. Nothing was erased."))
            return redirect(url_for("calls.index"))
        desk.log("made private", "")
        return _done({"do": "private"}, _("The running call is private; its audio is erased."))

    def _done(message: dict[str, str], said: str) -> ResponseReturnValue:
        reply = ask(message)
        if reply is None:
            said = _("The recorder did not answer: not done.")
        elif not reply.get("ok"):
            why = NOT_ANNOUNCED.get(str(reply.get("code"))) or plain(reply.get("error"))
            said = _("Not done: %(why)s", why=why)
        flash(said)
        return redirect(url_for("calls.index"))

    return pages

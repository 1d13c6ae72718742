"""The list of calls, one call, its audio, flag and note."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from firmware.archive.errors import ArchiveError, NoSuchCall
from web.recorder import recorder_state
from web.shelf import Shelf

PAGE = 50
LONGEST_NOTE = 4000
LAST_SEQUENCE = 2**62
# An MP3 must be made before its first byte can be sent: 400 times real time on one x86-64 core, far
# less on a small Pi. A longer call plays from its master, at 5 to 10 kB/s.
LONG_CALL_S = 600.0


def blueprint(shelf: Shelf, cache: Path) -> Blueprint:
    """`cache`: a folder for MP3 copies."""
    pages = Blueprint("calls", __name__)

    @pages.errorhandler(NoSuchCall)
    def unknown(error: NoSuchCall) -> ResponseReturnValue:
        return render_template("error.html", title="Not here", why=str(error)), 404

    @pages.errorhandler(ArchiveError)
    def failing(error: ArchiveError) -> ResponseReturnValue:
        title = "The archive has a problem"
        page = render_template("error.html", title=title, why=str(error), state=recorder_state())
        return page, 503

    @pages.get("/")
    def index() -> ResponseReturnValue:
        before = request.args.get("before", type=int)
        if before is not None:
            before = max(0, min(before, LAST_SEQUENCE))
        found = shelf.archive.calls(limit=PAGE + 1, before=before)
        older = found[PAGE - 1]["sequence"] if len(found) > PAGE else None
        return render_template(
            "calls.html", calls=found[:PAGE], older=older, before=before, state=recorder_state()
        )

    def shown(call: dict[str, object]) -> str:
        length = call.get("duration_s")
        short = isinstance(length, int | float) and length <= LONG_CALL_S
        source = "calls.mp3" if short else "calls.flac"
        return render_template("call.html", call=call, source=source, longest=LONGEST_NOTE)

    @pages.get("/calls/<call_id>")
    def call(call_id: str) -> ResponseReturnValue:
        return shown(shelf.archive.get(call_id))

    @pages.get("/calls/<call_id>/audio.flac")
    def flac(call_id: str) -> ResponseReturnValue:
        path = shelf.archive.audio_path(call_id)
        return send_file(path.resolve(), "audio/flac", conditional=True, download_name=path.name)

    @pages.get("/calls/<call_id>/audio.mp3")
    def mp3(call_id: str) -> ResponseReturnValue:
        from firmware.archive.mp3 import mp3_of

        path = shelf.archive.audio_path(call_id)
        copy = mp3_of(path, cache)
        name = f"{path.stem}.mp3"
        return send_file(copy.resolve(), "audio/mpeg", conditional=True, download_name=name)

    @pages.post("/calls/<call_id>/flag")
    def flag(call_id: str) -> ResponseReturnValue:
        shelf.archive.flag(call_id, request.form.get("on") == "1")
        return redirect(url_for("calls.call", call_id=call_id))

    @pages.post("/calls/<call_id>/note")
    def note(call_id: str) -> ResponseReturnValue:
        text = request.form.get("note")
        if text is None:
            abort(400)
        text = text.replace("\r\n", "\n").replace("\x00", "")
        if len(text) > LONGEST_NOTE:
            flash(f"A note may have {LONGEST_NOTE} characters; this one has {len(text)}.")
            return shown({**shelf.archive.get(call_id), "note": text}), 400
        shelf.archive.note(call_id, text)
        return redirect(url_for("calls.call", call_id=call_id))

    return pages

"""The list of calls, one call, its audio, flag and note."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from firmware.archive import Archive
from firmware.archive.errors import ArchiveError, NoSuchCall
from web.recorder import recorder_state

PAGE = 50
LONGEST_NOTE = 4000


def blueprint(archive: Archive, cache: Path) -> Blueprint:
    """`cache`: a folder for MP3 copies."""
    pages = Blueprint("calls", __name__)

    @pages.errorhandler(NoSuchCall)
    def unknown(error: NoSuchCall) -> ResponseReturnValue:
        return render_template("error.html", title="Not here", why=str(error)), 404

    @pages.errorhandler(ArchiveError)
    def failing(error: ArchiveError) -> ResponseReturnValue:
        return render_template("error.html", title="The archive has a problem", why=str(error)), 503

    @pages.get("/")
    def index() -> ResponseReturnValue:
        before = request.args.get("before", type=int)
        found = archive.calls(limit=PAGE + 1, before=before)
        older = found[PAGE - 1]["sequence"] if len(found) > PAGE else None
        return render_template(
            "calls.html", calls=found[:PAGE], older=older, before=before, state=recorder_state()
        )

    @pages.get("/calls/<call_id>")
    def call(call_id: str) -> ResponseReturnValue:
        return render_template("call.html", call=archive.get(call_id), state=recorder_state())

    @pages.get("/calls/<call_id>/audio.flac")
    def flac(call_id: str) -> ResponseReturnValue:
        path = archive.audio_path(call_id)
        return send_file(
            path.resolve(), "audio/flac", conditional=True, download_name=path.name, etag=True
        )

    @pages.get("/calls/<call_id>/audio.mp3")
    def mp3(call_id: str) -> ResponseReturnValue:
        from firmware.archive.mp3 import mp3_of

        copy = mp3_of(archive.audio_path(call_id), cache)
        return send_file(copy.resolve(), "audio/mpeg", conditional=True, etag=True)

    @pages.post("/calls/<call_id>/flag")
    def flag(call_id: str) -> ResponseReturnValue:
        archive.flag(call_id, request.form.get("on") == "1")
        return redirect(url_for("calls.call", call_id=call_id))

    @pages.post("/calls/<call_id>/note")
    def note(call_id: str) -> ResponseReturnValue:
        text = request.form.get("note")
        if text is None:
            abort(400)
        if len(text) > LONGEST_NOTE:
            flash(f"A note may have {LONGEST_NOTE} characters; this one has {len(text)}.")
            found = {**archive.get(call_id), "note": text}
            return render_template("call.html", call=found, state=recorder_state()), 400
        archive.note(call_id, text.replace("\r\n", "\n").replace("\x00", ""))
        return redirect(url_for("calls.call", call_id=call_id))

    return pages

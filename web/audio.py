"""A call's sound: what the player needs to know, the MP3, the FLAC master."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Blueprint, Response, jsonify, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from firmware.archive.errors import ArchiveError
from firmware.archive.sound import Sound
from firmware.archive.waveform import thinned
from web import facts, picture, words
from web.auth import user
from web.desk import Desk
from web.language import moment_words
from web.sound import sound_answer

# An MP3 must be made before its first byte can be sent: 400 times real time on one x86-64 core, far
# less on a small Pi. A longer call plays from its master, at 5 to 10 kB/s.
LONG_CALL_S = 600.0
BARS = 300


def source(call: dict[str, Any]) -> str:
    """Where a player without scripts gets the sound."""
    short = facts.length(call) <= LONG_CALL_S
    return url_for("audio.mp3" if short else "audio.flac", call_id=call["id"])


def blueprint(desk: Desk) -> Blueprint:
    """Everything that lets a call be heard."""
    pages = Blueprint("audio", __name__, url_prefix="/calls/<call_id>")

    def entered(call_id: str) -> bool:
        """Enter what is about to be heard; whether it is played, not downloaded."""
        if "download" in request.args:
            desk.log("downloaded", call_id, form=request.path.rsplit(".", 1)[-1])
            return False
        who = user()
        desk.access.play(who.name or who.id, call_id, request.remote_addr or "")
        return True

    def sent(call: dict[str, Any], what: Sound | Path, name: str) -> Response:
        played = entered(call["id"])
        if isinstance(what, Path):
            answer = send_file(
                what.resolve(),
                "audio/mpeg",
                conditional=True,
                download_name=name,
                as_attachment=not played,
            )
        else:
            answer = sound_answer(what, as_attachment=not played)
        if played and not call.get("heard"):
            desk.preparer.heard(call["id"])
        return answer

    @pages.get("/audio.flac")
    def flac(call_id: str) -> ResponseReturnValue:
        call = desk.call(call_id)
        sound = desk.shelf.archive.sound(call_id)
        return sent(call, sound, sound.name)

    @pages.get("/audio.mp3")
    def mp3(call_id: str) -> ResponseReturnValue:
        from firmware.archive.mp3 import mp3_of, room_of

        call = desk.call(call_id)
        sound = desk.shelf.archive.sound(call_id)
        room = room_of(desk.shelf.archive.vault.private)
        return sent(call, mp3_of(sound, desk.cache, room), f"{sound.path.stem}.mp3")

    @pages.get("/player")
    def player(call_id: str) -> ResponseReturnValue:
        from firmware.archive.mp3 import is_made

        call = desk.call(call_id)
        if not call.get("audio"):
            return jsonify(ok=False, error=words.why_silent(call)), 404
        master = desk.shelf.archive.sound(call_id)
        ready = is_made(master, desk.cache)
        if not ready:
            desk.preparer.mp3(call_id)
        try:
            peaks = desk.waves.of(call_id, master)
        except ArchiveError:
            peaks = b""
        length = facts.length(call)
        short = ready or length <= 60
        following = desk.next_unheard(call_id)
        return jsonify(
            id=call_id,
            title=words.who(call),
            subtitle=moment_words(call.get("started_at")),
            page=url_for("calls.call", call_id=call_id),
            src=url_for("audio.mp3" if short else "audio.flac", call_id=call_id),
            length=round(length, 2),
            before=float(call.get("preroll_s") or 0.0),
            wave=picture.path(thinned(peaks, BARS)),
            bars=min(BARS, len(peaks)),
            silences=picture.silences(peaks, length),
            marks=[
                {"place": one.place, "kind": one.kind, "words": f"{one.clock} {one.words}"}
                for one in facts.marks(call)
            ],
            trouble=[*words.warnings(call), *facts.gaps(call)],
            next=following and url_for("audio.player", call_id=following),
            next_words=_("Next unheard"),
        )

    return pages

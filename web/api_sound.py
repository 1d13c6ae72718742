"""The API's sound: the FLAC master, the MP3, the waveform, and what a player shows beside them."""

from __future__ import annotations

from typing import Any

from flask import send_file
from flask_smorest import Blueprint

from firmware.archive.errors import ArchiveError
from firmware.archive.waveform import thinned
from web import facts, picture, whole, words
from web.api_parts import BINARY, failures, needs
from web.api_schemas import SoundOut, Wave, WaveQuery
from web.desk import Desk
from web.sound import sound_answer


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    @calls.get("/calls/<call_id>/waveform")
    @calls.arguments(WaveQuery, location="query")
    @calls.response(200, Wave)
    @failures(calls, 404)
    @needs(calls, "hear")
    def waveform(args: dict[str, Any], call_id: str) -> Any:
        desk.call(call_id)
        peaks = desk.waves.of(call_id, desk.shelf.archive.sound(call_id))
        return {"peaks": list(thinned(peaks, args["parts"]))}

    @calls.get("/calls/<call_id>/audio.flac")
    @calls.response(200, BINARY, content_type="audio/flac")
    @failures(calls, 404)
    @needs(calls, "hear")
    def audio(call_id: str) -> Any:
        desk.call(call_id)
        sound = desk.shelf.archive.sound(call_id)
        desk.log("downloaded", call_id, form="flac")
        return sound_answer(sound)

    @calls.get("/calls/<call_id>/audio.mp3")
    @calls.response(200, BINARY, content_type="audio/mpeg")
    @failures(calls, 404)
    @needs(calls, "hear")
    def mp3(call_id: str) -> Any:
        from firmware.archive.mp3 import mp3_of, room_of

        desk.call(call_id)
        archive = desk.shelf.archive
        made = mp3_of(archive.sound(call_id), desk.cache, room_of(archive.vault.private))
        desk.log("downloaded", call_id, form="mp3")
        return send_file(made.resolve(), "audio/mpeg", conditional=True)

    @calls.get("/calls/<call_id>/sound")
    @calls.response(200, SoundOut)
    @failures(calls, 404)
    @needs(calls, "hear")
    def sound(call_id: str) -> Any:
        call = desk.call(call_id)
        master = desk.shelf.archive.sound(call_id)
        try:
            peaks = desk.waves.of(call_id, master)
        except ArchiveError:
            peaks = b""  # told below: the recording cannot be read
        length = facts.length(call)
        return {
            "length_s": round(length, 2),
            "before_s": float(call.get("preroll_s") or 0.0),
            "whole": whole.is_whole(call),
            "trouble": [*words.warnings(call), *facts.gaps(call)],
            "marks": [
                {"kind": one.kind, "words": one.words, "at_s": one.at, "place": one.place}
                for one in facts.marks(call)
            ],
            "silences": [
                {"begins_s": begins, "ends_s": ends}
                for begins, ends in picture.silences(peaks, length)
            ],
            "next_unheard": desk.next_unheard(call_id),
        }

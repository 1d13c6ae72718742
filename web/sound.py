"""A call's FLAC as an answer, with byte ranges, however it is stored."""

from __future__ import annotations

from flask import Response, request
from werkzeug.wsgi import FileWrapper

from firmware.archive.sound import Sound


def sound_answer(sound: Sound, as_attachment: bool = False) -> Response:
    """The whole, or the range that was asked for. Raises ArchiveError."""
    file = sound.open()
    size = file.seek(0, 2)
    file.seek(0)
    # Never the server's own wrapper: it would send what lies on the medium, past the decryption.
    answer = Response(FileWrapper(file, 65536), mimetype="audio/flac", direct_passthrough=True)
    answer.content_length = size
    answer.last_modified = int(sound.modified())  # type: ignore[assignment]
    answer.set_etag(sound.stamp().replace(" ", "-"))
    answer.headers.set(
        "Content-Disposition",
        "attachment" if as_attachment else "inline",
        filename=sound.name,
    )
    answer.headers["Cache-Control"] = "no-cache"
    answer.call_on_close(file.close)
    return answer.make_conditional(request.environ, accept_ranges=True, complete_length=size)

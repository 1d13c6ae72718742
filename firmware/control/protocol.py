"""The control socket: JSON lines over a Unix socket between the recorder and everyone else.

A client sends one object a line and gets one object a line back; after `{"do": "subscribe"}` it
also gets every event, after `{"do": "listen"}`, where the recorder agrees, the running call's
audio: `{"event": "audio", "first": n, "pcm": base64 of 16-bit little-endian mono}`, until
`{"event": "audio-over"}`. The recorder never waits: what a slow client does not read is held up to
a limit, then the client is dropped; so is one that speaks nonsense.
"""

from __future__ import annotations

import json
from typing import Any

Message = dict[str, Any]
LIMIT = 65536  # bytes of one line, and bytes held for a client that does not read


class ControlError(Exception):
    """Any of those below."""


class RecorderRunning(ControlError):
    """Another recorder answers on this socket."""


class RecorderSilent(ControlError):
    """No recorder answers."""


def encoded(message: Message) -> bytes:
    """One line; what JSON does not know is sent as text, so that nothing stops the server."""
    try:
        line = json.dumps(message, default=str, skipkeys=True)
    except (ValueError, RecursionError) as error:
        line = json.dumps({"ok": False, "error": f"the answer is no JSON: {error}"})
    return line.encode() + b"\n"

"""The page that checks itself: the bundle's files in one HTML file, with the code to check them.

It loads nothing and sends nothing. Recordings of more than 16 MB in all are not put in; the reader
then gives the page the zip.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from firmware.evidence.bundle.container import Member

HERE = Path(__file__).parent
SCRIPTS = ("sha.js", "ed25519.js", "words.js", "check.js", "cms.js", "zip.js", "page.js")
LARGEST = 16 << 20


def made(members: Iterable[Member]) -> bytes:
    """The page with these files in it."""
    held = list(members)
    left_out = sum(one.size for one in held) > LARGEST
    files = {
        one.name: None
        if left_out and one.name.endswith(".flac")
        else base64.b64encode(one.read()).decode("ascii")
        for one in held
    }
    script = "\n".join((HERE / name).read_text("utf-8") for name in SCRIPTS)
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")
    html = (HERE / "page.html").read_text("utf-8")
    for mark, text in (
        ("@@SCRIPT-HASH@@", allowed),
        ("@@SCRIPT@@", script),
        ("@@FILES@@", json.dumps(files)),
    ):
        html = html.replace(mark, text)
    return html.encode()

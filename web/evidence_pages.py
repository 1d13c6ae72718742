"""Proof: the state of the log, pages to print, and checking a bundle that somebody brings."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, Response, current_app, flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFProtect

from firmware.evidence.errors import Changed, EvidenceError
from web.auth import View, proved
from web.desk import Desk
from web.evidence_reasons import reason
from web.evidence_words import stamp_state, unix_words

if TYPE_CHECKING:
    from firmware.evidence.bundle.verify import Verdict
    from firmware.evidence.evidence import Evidence

LARGEST_UPLOAD = 512 << 20
LEFT_FREE = 128 << 20


class LogState(NamedTuple):
    """The log in a few words. `stamps`: sentences; `trouble`: what is wrong with its stamps."""

    size: int
    box: str
    words: str
    at: float
    stamps: list[str]
    authority: str
    trouble: str


def log_state(evidence: Evidence) -> LogState:
    """Read it. Raises EvidenceError."""
    from firmware.evidence import anchors, words

    head = evidence.log.head().head
    waiting, since, newest, trouble = 0, None, None, ""
    try:
        waiting, since = anchors.waiting(evidence.log.folder)
        newest = anchors.stamped(evidence.log.folder).newest()
    except EvidenceError as error:
        trouble = str(error)
    existed = newest.stamp.at if newest else None
    return LogState(
        head.size,
        head.box,
        words.of_head(head),
        head.at,
        stamp_state(waiting, since, existed),
        newest.stamp.authority if newest else "",
        trouble,
    )


def printed(html: str, download: str = "") -> Response:
    """A page made to be printed: its own style is allowed by its hash, and nothing else is."""
    styles = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in styles
    )
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src {hashes}; frame-ancestors 'none'; base-uri 'none';"
        " form-action 'none'"
    )
    if download:
        answer.headers["Content-Disposition"] = f"attachment; filename={download}"
    return answer


def blueprint(desk: Desk, csrf: CSRFProtect, limited: Callable[[View], View]) -> Blueprint:
    """The owner's; the state of one call is shown to whoever may see the call."""
    pages = Blueprint("proof", __name__)
    one_upload = threading.Lock()

    @pages.get("/proof")
    def index() -> ResponseReturnValue:
        state, trouble = None, ""
        try:
            state = log_state(desk.witness.evidence())
        except (EvidenceError, OSError) as error:
            trouble = str(error)
        return render_template("proof.html", state=state, trouble=trouble, unix_words=unix_words)

    @pages.get("/calls/<call_id>/seal")
    def seal(call_id: str) -> ResponseReturnValue:
        call = desk.call(call_id)
        return render_template("seal.html", call=call, seal=desk.seals.of(call))

    @pages.get("/proof/head")
    def head() -> ResponseReturnValue:
        from firmware.evidence import paper

        signed = desk.witness.evidence().head_for_paper()
        desk.log("head printed")
        return printed(paper.head_page(signed))

    @pages.get("/proof/key")
    def ask_key() -> ResponseReturnValue:
        return render_template("proof_key.html", known=proved(desk.users))

    @pages.post("/proof/key")
    @limited
    def key() -> ResponseReturnValue:
        from firmware.evidence import paper

        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return render_template("proof_key.html", known=False), 403
        page = paper.key_page(desk.witness.evidence().key)
        desk.log("key printed")
        return printed(page)

    @pages.get("/proof/words")
    def ask_words() -> ResponseReturnValue:
        return render_template("proof_words.html", said="", found=None, wrong="")

    @pages.post("/proof/words")
    def look_up_words() -> ResponseReturnValue:
        said = " ".join(request.form.get("words", "").split())[:300]
        found, wrong = None, ""
        try:
            found = desk.witness.evidence().head_of_words(said)
        except EvidenceError as error:
            wrong = str(error)
        return render_template("proof_words.html", said=said, found=found, wrong=wrong)

    def answered(verdict: Verdict | None, wrong: str, code: int = 200) -> ResponseReturnValue:
        own = ""
        with suppress(EvidenceError, OSError):  # the page then tells how to compare by hand
            own = desk.witness.evidence().key.public.box
        page = render_template(
            "proof_verify.html", verdict=verdict, wrong=wrong, own=own,
            largest=LARGEST_UPLOAD >> 20, kind=reason(wrong) if code == 422 else "",
        )  # fmt: skip
        return page, code

    @pages.get("/proof/verify")
    def ask_verify() -> ResponseReturnValue:
        return answered(None, "")

    @pages.post("/proof/verify")
    @csrf.exempt  # done by hand below: the form may only be read once its size is allowed
    def verify() -> ResponseReturnValue:
        if not one_upload.acquire(blocking=False):
            return answered(None, _("Another bundle is being checked. Try again in a moment."), 409)
        try:
            request.max_content_length = LARGEST_UPLOAD
            csrf.protect()
            file = request.files.get("bundle")
            if file is None or not file.filename:
                return answered(None, _("Choose the ZIP first."), 400)
            verdict, wrong = checked(file.stream, uploads())
            desk.log("bundle checked", verdict="changed" if wrong else "unchanged")
            return answered(verdict, wrong, 422 if wrong else 200)
        finally:
            one_upload.release()

    return pages


def uploads() -> Path:
    """Where what is brought lies while it is looked at."""
    folder: Path = current_app.config["UPLOADS"]()
    return folder


def checked(stream: IO[bytes], folder: Path) -> tuple[Verdict | None, str]:
    """Store a bundle beside the box's state, check it, remove it; why, where it is refused."""
    from firmware.evidence.bundle.verify import verify

    path = folder / secrets.token_hex(8)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _store(stream, path)
        return verify(path), ""
    except Changed as error:
        return None, str(error).replace(str(path), "The ZIP")
    except OSError as error:
        return None, _("The box has no room to look at it (%(why)s).", why=str(error.strerror))
    finally:
        path.unlink(missing_ok=True)


def _store(stream: IO[bytes], path: Path) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        left = LARGEST_UPLOAD
        while block := stream.read(1 << 18):
            left -= len(block)
            room = os.statvfs(path).f_bavail * os.statvfs(path).f_frsize
            if left < 0 or room < LEFT_FREE:
                raise OSError(28, "No space left on device")
            out.write(block)


def uploads_request(folder: Callable[[], Path], base: type[Any]) -> type[Any]:
    """A request whose large files are kept in `folder` while they come in, and not in `/tmp`."""

    class Request(base):  # type: ignore[misc]
        def _get_file_stream(
            self,
            total_content_length: int | None,
            content_type: str | None,
            filename: str | None = None,
            content_length: int | None = None,
        ) -> IO[bytes]:
            import tempfile

            folder().mkdir(parents=True, exist_ok=True, mode=0o700)
            return tempfile.SpooledTemporaryFile(1 << 19, dir=folder())

    return Request

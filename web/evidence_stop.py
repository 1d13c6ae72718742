"""The "stop calling me" file: who was asked to stop, every call since, and a ready letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.search import Filter, caller_of
from web.desk import Desk
from web.evidence_pages import printed
from web.language import language
from web.words import plain

if TYPE_CHECKING:
    from firmware.evidence.stop import StopFile

AT_ONCE = 200
LONGEST_WORDS = 500
LONGEST_ADDRESS = 600
KINDS = {
    "telemarketer": later("A seller (telemarketing)"),
    "collector": later("A debt collector"),
}


def calls_with(desk: Desk, number: str) -> Iterator[dict[str, Any]]:
    """Every call with a number that this user may see, newest first; none without a number."""
    caller, before = caller_of(number), None
    while caller:
        page = desk.page(Filter(callers=(caller,)), AT_ONCE, before)
        yield from page.calls
        if page.older is None:
            return
        before = page.older


def files(desk: Desk) -> list[StopFile]:
    """One file for each caller who was asked, those who call on the most first."""
    from firmware.evidence.stop import stop_files

    asked = {caller_of(one.get("number")) for one in desk.shelf.archive.asked_to_stop()}
    found = []
    for caller in asked - {""}:
        found += stop_files(calls_with(desk, caller))
    return sorted(found, key=lambda one: -len(one.later))


def file_of(desk: Desk, number: str) -> StopFile | None:
    """The file of one caller."""
    from firmware.evidence.stop import of_number

    return of_number(calls_with(desk, number), number)


def said_words(text: str) -> str:
    """What was said, as it was typed."""
    return text.replace("\r\n", "\n").replace("\x00", "").strip()[:LONGEST_WORDS]


def letter_of(file: StopFile, form: dict[str, str]) -> Response:
    """The letter as a page to print, or as a PDF. Raises KeyError for a kind without one."""
    from firmware.evidence.letter import Parties, letter, written

    def typed(name: str) -> str:
        text = form.get(name, "").replace("\r\n", "\n").replace("\x00", "")
        return text.strip()[:LONGEST_ADDRESS]

    parties = Parties(typed("sender"), typed("recipient"), plain(typed("place")))
    chosen = (form.get("language", ""), form.get("kind", ""), parties, date.today())
    if form.get("as") == "pdf":
        from firmware.evidence import letter_pdf

        answer = Response(letter_pdf.document(written(file, *chosen)), mimetype="application/pdf")
        answer.headers["Content-Disposition"] = "attachment; filename=tipring-letter.pdf"
        return answer
    return printed(letter(file, *chosen))


def blueprint(desk: Desk) -> Blueprint:
    """The list, one caller, the mark on a call, the letter."""
    pages = Blueprint("stop", __name__)

    @pages.get("/stop")
    def index() -> ResponseReturnValue:
        return render_template("stop.html", files=files(desk))

    def found(number: str) -> StopFile:
        return file_of(desk, number[:40]) or abort(404)

    @pages.get("/stop/caller")
    def caller() -> ResponseReturnValue:
        file = found(request.args.get("number", ""))
        return render_template(
            "stop_caller.html", file=file, kinds=KINDS, chosen=language(), longest=LONGEST_ADDRESS
        )

    @pages.post("/stop/letter")
    def letter() -> ResponseReturnValue:
        form = request.form.to_dict()
        file = found(form.get("number", ""))
        if form.get("kind") not in KINDS or form.get("language") not in ("pl", "en"):
            abort(400)
        answer = letter_of(file, form)
        desk.log("letter written", form=form.get("as", ""))
        return answer

    @pages.get("/calls/<call_id>/stop")
    def ask(call_id: str) -> ResponseReturnValue:
        return render_template("stop_ask.html", call=desk.call(call_id), longest=LONGEST_WORDS)

    @pages.post("/calls/<call_id>/stop")
    def mark(call_id: str) -> ResponseReturnValue:
        call = desk.call(call_id)
        if not caller_of(call.get("number")):
            flash(_("This call has no number: later calls of this caller could not be counted."))
            return redirect(url_for("calls.call", call_id=call_id))
        on = request.form.get("on") == "1"
        words = said_words(request.form.get("words", ""))
        desk.shelf.archive.ask_to_stop(call_id, words if on else None)
        desk.log("asked to stop" if on else "not asked to stop", call_id)
        if not on:
            flash(_("The mark is gone."))
            return redirect(url_for("calls.call", call_id=call_id))
        flash(_("Marked. Every later call of this caller is counted and dated here."))
        return redirect(url_for("stop.caller", number=call["number"]))

    return pages

"""Case folders: several calls and notes that belong together, and one bundle of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from firmware.archive.errors import NoSuchCall
from web.auth import View, proved
from web.bulk import MOST
from web.desk import Desk
from web.evidence_bundles import TROUBLES, start_bundle
from web.evidence_works import TooMuch
from web.rows import Rows

if TYPE_CHECKING:
    from firmware.evidence.cases import CaseFolder, Cases

LONGEST_TITLE = 120
LONGEST_NOTE = 4000
MOST_NOTES = 100


def cases_of(desk: Desk) -> Cases:
    """The case folders of the archive. Raises EvidenceError."""
    from firmware.evidence import cases

    return cases.beside(desk.witness.evidence().log.folder)


def case_of(desk: Desk, case_id: str) -> CaseFolder:
    """One of them; 404 where there is none."""
    from firmware.evidence.cases import NoSuchCase

    try:
        return cases_of(desk).get(case_id)
    except NoSuchCase:
        abort(404)


def calls_of(desk: Desk, ids: list[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """The calls that are here, and the ids of those that are gone."""
    here, gone = [], []
    for call_id in ids:
        try:
            here.append(desk.call(call_id))
        except NoSuchCall:
            gone.append(call_id)
    return here, gone


def title_of(text: str) -> str:
    """A title that a person typed."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_TITLE]


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """The list, one folder, and putting calls into it."""
    pages = Blueprint("cases", __name__, url_prefix="/cases")

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template("cases.html", cases=cases_of(desk).all(), longest=LONGEST_TITLE)

    @pages.post("")
    def new() -> ResponseReturnValue:
        title = title_of(request.form.get("title", ""))
        if not title:
            flash(_("A case needs a title."))
            return redirect(url_for("cases.index"))
        made = cases_of(desk).open(title)
        desk.log("case opened", case=made.id)
        _put(made.id)
        return redirect(url_for("cases.case", case_id=made.id))

    def shown(found: CaseFolder, code: int = 200) -> ResponseReturnValue:
        calls, gone = calls_of(desk, found.calls)
        made = Rows(desk.thumbnails(calls), desk.seals.known(calls))
        page = render_template(
            "case.html",
            case=found,
            rows=[made.row(one) for one in calls],
            gone=gone,
            known=proved(desk.users),
            longest=LONGEST_TITLE,
            longest_note=LONGEST_NOTE,
        )
        return page, code

    @pages.get("/<case_id>")
    def case(case_id: str) -> ResponseReturnValue:
        return shown(case_of(desk, case_id))

    def _put(case_id: str) -> None:
        ids = []
        for call_id in dict.fromkeys(request.values.getlist("id")[:MOST]):
            try:
                ids.append(str(desk.call(call_id)["id"]))
            except NoSuchCall:
                continue  # erased by somebody else meanwhile
        if ids:
            cases_of(desk).put(case_id, *ids)
            for call_id in ids:
                desk.log("put in a case", call_id, case=case_id)
            flash(
                ngettext("%(num)s call is in the case.", "%(num)s calls are in the case.", len(ids))
            )

    @pages.get("/choose")
    def choose() -> ResponseReturnValue:
        calls, _gone = calls_of(desk, list(dict.fromkeys(request.args.getlist("id")[:MOST])))
        if not calls:
            flash(_("No call was chosen."))
            return redirect(url_for("calls.index", select=1))
        return render_template(
            "case_choose.html", cases=cases_of(desk).all(), calls=calls, longest=LONGEST_TITLE
        )

    @pages.post("/put")
    def put() -> ResponseReturnValue:
        found = case_of(desk, request.form.get("case", ""))
        _put(found.id)
        return redirect(url_for("cases.case", case_id=found.id))

    @pages.post("/<case_id>/take")
    def take(case_id: str) -> ResponseReturnValue:
        case_of(desk, case_id)
        call_id = request.form.get("id", "")
        cases_of(desk).take(case_id, call_id)
        desk.log("taken from a case", call_id, case=case_id)
        flash(_("The call is out of the case; the call itself stays."))
        return redirect(url_for("cases.case", case_id=case_id))

    @pages.post("/<case_id>/note")
    def note(case_id: str) -> ResponseReturnValue:
        found = case_of(desk, case_id)
        text = request.form.get("note", "").replace("\r\n", "\n").replace("\x00", "").strip()
        if text and len(found.notes) < MOST_NOTES:
            cases_of(desk).note(case_id, text[:LONGEST_NOTE])
            flash(_("The note is saved."))
        return redirect(url_for("cases.case", case_id=case_id))

    @pages.post("/<case_id>/unnote")
    def unnote(case_id: str) -> ResponseReturnValue:
        case_of(desk, case_id)
        place = request.form.get("place", "")
        if place.isascii() and place.isdecimal():
            cases_of(desk).unnote(case_id, int(place[:6]))
            flash(_("The note is gone."))
        return redirect(url_for("cases.case", case_id=case_id))

    @pages.post("/<case_id>/rename")
    def rename(case_id: str) -> ResponseReturnValue:
        case_of(desk, case_id)
        if title := title_of(request.form.get("title", "")):
            cases_of(desk).rename(case_id, title)
        return redirect(url_for("cases.case", case_id=case_id))

    @pages.get("/<case_id>/close")
    def ask_close(case_id: str) -> ResponseReturnValue:
        return render_template("case_close.html", case=case_of(desk, case_id))

    @pages.post("/<case_id>/close")
    def close(case_id: str) -> ResponseReturnValue:
        found = case_of(desk, case_id)
        cases_of(desk).close(case_id)
        desk.log("case closed", case=case_id)
        flash(_("The case %(title)s is gone; its calls stay.", title=found.title))
        return redirect(url_for("cases.index"))

    @pages.post("/<case_id>/bundle")
    @limited
    def bundle(case_id: str) -> ResponseReturnValue:
        found = case_of(desk, case_id)
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return shown(found, 403)
        calls, _gone = calls_of(desk, found.calls)
        if not calls:
            flash(_("No call was chosen."))
            return shown(found, 400)
        try:
            work = start_bundle(desk, [one["id"] for one in calls], found.for_bundle(), "case")
        except TooMuch as error:
            flash(str(TROUBLES[str(error)]))
            return shown(found, 409)
        return redirect(url_for("bundles.work", work_id=work.id))

    return pages

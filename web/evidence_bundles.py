"""Court bundles, and everything about one number: made meanwhile, downloaded when they are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.errors import ArchiveError
from web.auth import View, proved, user
from web.bulk import chosen
from web.desk import Desk
from web.evidence_works import Tell, TooMuch, Work

if TYPE_CHECKING:
    from firmware.evidence.bundle.exhibit import Case

PAGE_BYTES = 32 << 20  # cover sheets, and the page that checks itself, at most
STEPS = {
    "sealing": later("Making sure that every call is sealed"),
    "entering the export in the log": later("Entering the export in the log"),
    "drawing the cover sheet": later("Drawing the cover sheet"),
    "collecting recordings and proofs": later("Collecting recordings and proofs"),
    "writing the page that checks itself": later("Writing the page that checks itself"),
    "writing the ZIP": later("Writing the ZIP"),
    "erasing": later("Erasing"),
    "checking": later("Checking every entry and every recording"),
}
ORDER = tuple(STEPS)[:-2]
TROUBLES = {
    "work": later("Other work is still going on. Wait until it is done, then try again."),
    "room": later("The box's own medium has no room for it. Choose fewer calls at a time."),
}


def start_bundle(
    desk: Desk, call_ids: Iterable[str], case: Case | None = None, kind: str = "bundle"
) -> Work:
    """Begin to make a bundle of calls that this user may see. Raises NoSuchCall, TooMuch."""
    ids = list(dict.fromkeys(call_ids))
    sizes = [_size(desk, desk.call(one)) for one in ids]
    work = desk.works.start(
        kind,
        user().id,
        f"tipring-{kind}-{date.today()}.zip",
        lambda _work, path, tell: _make(desk, path, ids, case, tell),
        sum(sizes) + PAGE_BYTES,
    )
    work.count = len(ids)
    for one in ids:
        desk.log("bundled", one)
    return work


def _size(desk: Desk, call: dict[str, Any]) -> int:
    if not call.get("audio"):
        return 0
    try:
        return desk.shelf.archive.sound(str(call["id"])).size()
    except (ArchiveError, OSError):
        return 0  # the bundle itself says what is wrong


def _make(desk: Desk, path: Path, ids: list[str], case: Case | None, tell: Tell) -> None:
    tell(ORDER[0], 0.0)
    desk.witness.evidence().bundle(
        path, ids, case, lambda step: tell(step, ORDER.index(step) / len(ORDER))
    )


def start_check(desk: Desk) -> Work:
    """Begin to check the whole log, and every call against it. Raises TooMuch."""

    def check(work: Work, _path: Path, tell: Tell) -> None:
        from firmware.evidence.survey import survey

        tell("checking", 0.0)
        evidence = desk.witness.evidence()
        evidence.check()
        done = survey(evidence, lambda share: tell("checking", share))
        work.count = done.calls
        work.found = [*done.wrong, *done.notes]
        work.kind = "changed" if done.wrong else "check"

    desk.log("log checked")
    return desk.works.start("check", user().id, "", check)


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """Ask, wait, download."""
    pages = Blueprint("bundles", __name__)

    def asked(calls: list[dict[str, Any]], code: int = 200) -> ResponseReturnValue:
        page = render_template("bundle.html", calls=calls, known=proved(desk.users))
        return page, code

    @pages.get("/bundle")
    def ask() -> ResponseReturnValue:
        calls = chosen(desk, request.values.getlist("id"))
        if not calls:
            flash(_("No call was chosen."))
            return redirect(url_for("calls.index", select=1))
        return asked(calls)

    @pages.post("/bundle")
    @limited
    def make() -> ResponseReturnValue:
        from firmware.evidence.bundle.exhibit import Case

        calls = chosen(desk, request.values.getlist("id"))
        if not calls:
            abort(404)
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return asked(calls, 403)
        title = request.form.get("title", "").replace("\x00", "").strip()[:200]
        note = request.form.get("note", "").replace("\x00", "").strip()[:4000]
        case = Case(title, [note] if note else [])
        try:
            work = start_bundle(desk, [one["id"] for one in calls], case)
        except TooMuch as error:
            flash(str(TROUBLES[str(error)]))
            return asked(calls, 409)
        return redirect(url_for("bundles.work", work_id=work.id))

    @pages.post("/proof/check")
    def check() -> ResponseReturnValue:
        try:
            work = start_check(desk)
        except TooMuch as error:
            flash(str(TROUBLES[str(error)]))
            return redirect(url_for("proof.index"))
        return redirect(url_for("bundles.work", work_id=work.id))

    def own(work_id: str) -> Work:
        return desk.works.get(work_id, user().id) or abort(404)

    @pages.get("/works/<work_id>")
    def work(work_id: str) -> ResponseReturnValue:
        return render_template("work.html", work=own(work_id), steps=STEPS)

    @pages.get("/works/<work_id>/state")
    def state(work_id: str) -> ResponseReturnValue:
        return render_template("work_state.html", work=own(work_id), steps=STEPS)

    @pages.get("/works/<work_id>/file")
    def download(work_id: str) -> ResponseReturnValue:
        done = own(work_id)
        if done.file is None or not done.file.exists():
            abort(404)
        return send_file(done.file, "application/zip", as_attachment=True, download_name=done.name)

    return pages

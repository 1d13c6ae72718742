"""Settings, the access log, and what this box is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as later

from firmware.archive.search import Filter
from web import consent
from web.auth import View, proved
from web.desk import Desk
from web.export import exported
from web.language import LANGUAGES
from web.words import plain

COUNTRIES = ("PL", "DE", "GB", "US", "FR", "IT", "ES", "NL", "SE", "CZ", "SK", "UA")
SETTINGS = ("language", "country", "phone_used_by", "box_name")
LONGEST_NAME = 40
USED_BY = {"": later("Not said"), "home": later("A household"), "office": later("An office")}


def _fingerprint() -> str:
    from web.tls import fingerprint

    path = Path(current_app.config["STATE_DIR"]) / "ca.pem"
    return fingerprint(path) if path.exists() else ""


def authority() -> Response:
    """The certificate of the box's own authority; 404 where it has none."""
    path = Path(current_app.config["STATE_DIR"]) / "ca.pem"
    if not path.exists():
        abort(404)
    answer = Response(path.read_bytes(), mimetype="application/x-x509-ca-cert")
    answer.headers["Content-Disposition"] = "attachment; filename=tipring-ca.crt"
    return answer


def choose(desk: Desk, wanted: dict[str, str]) -> bool:
    """Keep the settings that are named, and let the rule of the place follow; False where one of
    them is none."""
    chosen = replace(desk.settings.get(), **wanted)
    known = chosen.language in ("", *LANGUAGES) and chosen.country in COUNTRIES
    if not known or chosen.phone_used_by not in USED_BY:
        return False
    chosen = replace(chosen, box_name=plain(chosen.box_name).strip()[:LONGEST_NAME])
    consent.settled(desk, chosen.country, chosen.phone_used_by)
    desk.settings.put(chosen)
    desk.log("settings changed")
    return True


def blueprint(desk: Desk, limited: Callable[[View], View]) -> Blueprint:
    """What is looked at now and then."""
    pages = Blueprint("more", __name__)

    @pages.get("/settings")
    def settings() -> ResponseReturnValue:
        return render_template(
            "settings.html",
            chosen=desk.settings.get(),
            countries=COUNTRIES,
            used_by=USED_BY,
            fingerprint=_fingerprint(),
        )

    @pages.post("/settings")
    def save() -> ResponseReturnValue:
        form = request.form
        wanted = {key: form[key] for key in SETTINGS if key in form}
        if not choose(desk, wanted):
            flash(_("Nothing was done."))
            return redirect(url_for("more.settings"))
        flash(_("The settings are saved."))
        return redirect(url_for("more.settings"))

    pages.get("/ca.crt")(authority)

    @pages.get("/export")
    def ask_export() -> ResponseReturnValue:
        return render_template("export.html", known=proved(desk.users))

    @pages.post("/export")
    @limited
    def export() -> ResponseReturnValue:
        if not proved(desk.users, request.form.get("password")):
            flash(_("That is not the password."))
            return render_template("export.html", known=False), 403
        form = "json" if request.form.get("form") == "json" else "csv"
        return exported(desk, form, Filter())

    return pages


def log_blueprint(desk: Desk) -> Blueprint:
    """The access log; auditors see it too."""
    pages = Blueprint("log", __name__, url_prefix="/log")

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template("log.html", rows=list(desk.access.newest()), words=WHAT, me=g.user)

    return pages


WHAT = {
    "played": later("played"),
    "downloaded": later("downloaded"),
    "listened": later("listened live"),
    "deleted": later("deleted the audio"),
    "flagged": later("flagged"),
    "unflagged": later("took the flag away"),
    "held": later("held"),
    "released": later("released the hold"),
    "made private": later("made the running call private"),
    "exported contacts": later("exported the contacts"),
    "line learned": later("taught or changed the line"),
    "settings changed": later("changed the settings"),
    "consent changed": later("changed what is recorded and announced"),
    "announcement changed": later("sent an announcement of his own"),
    "announced": later("had the running call announced"),
    "retention changed": later("changed how long calls are kept"),
    "alarms changed": later("changed the alarms"),
    "users changed": later("changed the users"),
    "exported": later("exported calls"),
    "bundled": later("made a court bundle"),
    "erased": later("erased a call for good"),
    "asked to stop": later("marked: the caller was asked to stop"),
    "not asked to stop": later("took the mark away: asked to stop"),
    "letter written": later("made a letter to a caller"),
    "case opened": later("opened a case folder"),
    "case closed": later("removed a case folder"),
    "put in a case": later("put into a case"),
    "taken from a case": later("took out of a case"),
    "head printed": later("printed the state of the log"),
    "key printed": later("showed the page with the signing key"),
    "bundle checked": later("checked a bundle"),
    "log checked": later("checked the whole log"),
    "claimed": later("made the call his own"),
    "unclaimed": later("gave the call back to all"),
}

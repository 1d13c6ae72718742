"""What may go wrong while a page is made, each as a page that says it in words."""

from __future__ import annotations

from flask import Flask, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from firmware.archive.errors import ArchiveError, CallProtected, NoSuchCall
from firmware.evidence.errors import EvidenceError
from web.guard import NO_PAGE
from web.query import BadQuery
from web.recorder import recorder_state


def install(app: Flask) -> None:
    """Register the handlers."""

    def said(title: str, why: str, code: int) -> ResponseReturnValue:
        if request.path.startswith("/api/") or request.path.endswith(NO_PAGE):
            return jsonify(ok=False, error=why), code
        page = render_template("error.html", title=title, why=why, state=recorder_state())
        return page, code

    @app.errorhandler(NoSuchCall)
    def unknown(_error: NoSuchCall) -> ResponseReturnValue:
        return said(_("Not here"), _("There is no such call, or it has no audio."), 404)

    @app.errorhandler(CallProtected)
    def protected(_error: CallProtected) -> ResponseReturnValue:
        return said(_("Not done"), _("A flagged or held call is not deleted."), 409)

    @app.errorhandler(ArchiveError)
    def failing(error: ArchiveError) -> ResponseReturnValue:
        return said(_("The archive has a problem"), str(error), 503)

    @app.errorhandler(EvidenceError)
    def unproved(error: EvidenceError) -> ResponseReturnValue:
        return said(_("The log has a problem"), str(error), 503)

    @app.errorhandler(BadQuery)
    def not_understood(error: BadQuery) -> ResponseReturnValue:
        return said(_("Not understood"), str(error), 400)

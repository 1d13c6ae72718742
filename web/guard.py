"""Deny by default: what may be seen without the password, by which name, and with what headers."""

from __future__ import annotations

import ipaddress
import socket

from flask import Flask, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from web.auth import Passwords, logged_in

OPEN = frozenset({"static", "health", "auth.login", "auth.log_in"})
FIRST_RUN = frozenset({"auth.setup", "auth.set_up"})
NO_PAGE = ("/live/state", "/audio.mp3", "/audio.flac")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
    " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


def own_name(host: str, more: frozenset[str] = frozenset()) -> bool:
    """Whether a page may be asked for under this name.

    An address is always right: rebinding a foreign name to this box needs a name. Flask's
    TRUSTED_HOSTS cannot say "any address", hence this. `more`: further names, in lower case.
    """
    name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
    name = name.strip("[]").lower()
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = socket.gethostname().lower()
        return name in {"localhost", "tipring", "tipring.local", own, f"{own}.local"} | more
    return True


def install(app: Flask, passwords: Passwords, names: frozenset[str]) -> None:
    """Put the guard before every request, and the headers on every answer."""

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        if not own_name(request.host, names):
            why = f"This box does not answer to the name {request.host!r}. Use its address."
            return render_template("error.html", title="Wrong name", why=why), 400
        endpoint = request.endpoint
        if endpoint in OPEN or endpoint in FIRST_RUN or logged_in(passwords):
            return None
        if request.method == "GET" and not request.path.endswith(NO_PAGE):
            return redirect(url_for("auth.login" if passwords.is_set else "auth.setup"))
        return jsonify(ok=False, error="log in first"), 401

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store, private"
        return response

    @app.errorhandler(CSRFError)
    def expired(_: CSRFError) -> ResponseReturnValue:
        why = "The form was too old, or it did not come from this page. Go back and send it again."
        return render_template("error.html", title="Not done", why=why), 400

    @app.errorhandler(404)
    def missing(_: Exception) -> ResponseReturnValue:
        why = "There is no such page."
        return render_template("error.html", title="Not here", why=why), 404

    @app.errorhandler(429)
    def too_often(_: Exception) -> ResponseReturnValue:
        why = "Too many tries. Wait a minute and try again."
        return render_template("error.html", title="Wait", why=why), 429

"""Deny by default: what may be seen without the password, by which name, and with what headers."""

from __future__ import annotations

import gzip
import ipaddress
import socket
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from web.tokens import Tokens
from web.users import STEWARD, User, Users

OPEN = frozenset({"static", "health", "auth.login", "auth.log_in", "auth.language"})
FIRST_RUN = frozenset({"auth.setup", "auth.set_up"})
# What each right opens; an endpoint that is not named here is the owner's alone.
NEEDS = {
    "see": {
        "auth.logout",
        "household.password",
        "household.change",
        "calls.index",
        "calls.call",
        "live.state",
        "live.events",
        "proof.seal",
    },
    "hear": {"audio.flac", "audio.mp3", "audio.player", "live.listen"},
    "mark": {"calls.flag", "calls.note", "live.flag", "live.ask_private", "live.private"}
    | {"live.announce"}
    | {"household.mine"},
    "log": {"log.index"},
}
NO_PAGE = ("/live/state", "/live/events", "/player", "/audio.mp3", "/audio.flac", "/audio.wav")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self';"
    " connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none';"
    " base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
PACKED = ("text/", "application/json", "application/javascript", "image/svg+xml")
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
WORTH_PACKING = 600  # bytes


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


def right_for(endpoint: str | None) -> str:
    """The right that an endpoint needs."""
    return next((right for right, names in NEEDS.items() if endpoint in names), "manage")


def _with_token(tokens: Tokens) -> ResponseReturnValue | None:
    """The API's door; what each operation needs of the token is checked behind it."""
    kind, _space, secret = request.headers.get("Authorization", "").partition(" ")
    g.token = tokens.of(secret) if kind.lower() == "bearer" else None
    if g.token is None:
        return jsonify(ok=False, error="send a token: Authorization: Bearer …"), 401
    role = STEWARD if "users" in g.token.scopes else "token"
    g.user = User(f"token:{g.token.id}", f"{g.token.name} (API)", role)
    return None


def install(app: Flask, users: Users, tokens: Tokens, names: frozenset[str]) -> None:
    """Put the guard before every request, and the headers on every answer."""

    @app.before_request
    def guard() -> ResponseReturnValue | None:
        g.user = None
        if not own_name(request.host, names):
            # No page: a foreign name may not even be made links of.
            return Response("This box does not answer to that name. Use its address.\n", 400, TEXT)
        if request.path.startswith("/api/"):
            return _with_token(tokens)
        g.user = users.of_session(session.get("user"), session.get("proof"))
        endpoint = request.endpoint
        if endpoint in OPEN or endpoint in FIRST_RUN:
            return None
        if g.user is None:
            if request.method == "GET" and not request.path.endswith(NO_PAGE):
                return redirect(url_for("auth.login" if users.is_set else "auth.setup"))
            return jsonify(ok=False, error="log in first"), 401
        if endpoint is not None and right_for(endpoint) not in g.user.rights:
            return _refused(_("Not yours"), _("Only the owner of the box may do that."), 403)
        return None

    @app.after_request
    def headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store, private"
        return _packed(response, request.endpoint == "static" and app.static_folder or None)

    @app.errorhandler(CSRFError)
    def expired(error: CSRFError) -> ResponseReturnValue:
        why = _(
            "The form was too old, or it did not come from this page. Go back and send it again."
        )
        return _refused(_("Not done"), why, 400)

    @app.errorhandler(RecursionError)
    def too_deep(_error: RecursionError) -> ResponseReturnValue:
        return _refused(_("Not done"), _("The request could not be understood."), 400)

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> ResponseReturnValue:
        title, why = {
            404: (_("Not here"), _("There is no such page.")),
            405: (_("Not here"), _("There is no such page.")),
            413: (_("Too large"), _("That is more than this page takes. Nothing was changed.")),
            416: (_("Not there"), _("The recording has no such part.")),
            429: (_("Wait"), _("Too many tries. Wait a minute and try again.")),
        }.get(error.code or 500, (_("Not done"), _("The request could not be understood.")))
        code = error.code or 500
        if code < 400:
            return error.get_response()
        found = getattr(error, "data", {})
        wrong = found.get("messages")  # what the API found wrong, and where
        why = str(found.get("message") or why)
        answer = app.make_response(_refused(title, why, code, wrong))
        for name, value in error.get_headers():
            if name in ("Content-Range", "Retry-After", "Allow"):
                answer.headers[name] = value
        return answer


def _refused(title: str, why: str, code: int, wrong: object = None) -> ResponseReturnValue:
    if request.path.startswith("/api/") or request.path.endswith(NO_PAGE):
        said = {"details": wrong} if wrong else {}
        return jsonify(ok=False, error=why, **said), code
    return render_template("error.html", title=title, why=why), code


@lru_cache(maxsize=64)
def _packed_file(path: str, _stamp: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9)


def _packed(response: Response, static_folder: str | None) -> Response:
    """What a slow Wi-Fi is spared; a recording is sent as it is, so that ranges stay true."""
    if (
        response.status_code != 200
        or "gzip" not in request.headers.get("Accept-Encoding", "")
        or not response.mimetype.startswith(PACKED)
        or response.mimetype == "text/event-stream"
        or "Content-Encoding" in response.headers
        or (response.is_streamed and not static_folder)
    ):
        return response
    if static_folder:
        path = Path(static_folder) / (request.view_args or {}).get("filename", "")
        data = _packed_file(str(path), path.stat().st_mtime_ns)
        response.direct_passthrough = False
        response.set_data(data)
    else:
        data = response.get_data()
        if len(data) < WORTH_PACKING:
            return response
        response.set_data(gzip.compress(data, 5))
    response.headers["Content-Encoding"] = "gzip"
    response.headers.add("Vary", "Accept-Encoding")
    if etag := response.get_etag()[0]:
        response.set_etag(f"{etag}-gz")
    return response

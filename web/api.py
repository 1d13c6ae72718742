"""`/api/v1`: everything the page does, for programs. Its OpenAPI document is made of this code.

Tokens only: a browser's session opens nothing here, so that no other site can use it.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint

from web import (
    api_box,
    api_bulk,
    api_calls,
    api_cases,
    api_consent,
    api_evidence,
    api_line,
    api_people,
    api_settings,
    api_sound,
    api_users,
    api_works,
)
from web.api_parts import Failure
from web.desk import Desk
from web.streams import Streams
from web.tokens import Tokens

PREFIX = "/api/v1"


class _QuietApi(Api):
    """Refusals are said by the page's own handlers, in one form for pages and programs."""

    ERROR_SCHEMA = Failure

    def _register_error_handlers(self) -> None:
        return


def install(app: Flask, desk: Desk, tokens: Tokens, streams: Streams, limited: Any) -> Blueprint:
    """Register the API and its document; the blueprint, which needs no CSRF tokens.

    `limited`: slows down what could be guessed at.
    """
    app.config.update(
        API_TITLE="Tipring",
        API_VERSION="1",
        OPENAPI_VERSION="3.0.3",
        OPENAPI_JSON_PATH="openapi.json",
        OPENAPI_URL_PREFIX=PREFIX,
        API_SPEC_OPTIONS={
            "info": {"description": "The calls of one telephone line."},
            "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
        },
    )
    made = _QuietApi(app)
    calls = Blueprint("api", __name__, url_prefix=PREFIX)

    for part in (
        api_calls,
        api_bulk,
        api_sound,
        api_people,
        api_box,
        api_consent,
        api_works,
        api_cases,
    ):
        part.add(calls, desk)
    api_line.add(calls, desk, streams)
    api_settings.add(calls, desk, limited)
    api_evidence.add(calls, desk, limited)
    api_users.add(calls, desk, tokens)
    made.register_blueprint(calls)

    @app.before_request
    def only_with_a_token() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if not request.path.startswith("/api/") or view is None:
            return None
        scopes = getattr(view, "scopes", ())
        if request.endpoint == "api-docs.openapi_json":
            scopes = ("read",)
        token = g.get("token")
        if token is None or not set(scopes) & set(token.scopes):
            return jsonify(
                ok=False, error=f"this token lacks the scope: {' or '.join(scopes)}"
            ), 403
        return None

    return calls

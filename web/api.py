"""`/api/v1`: everything the page does, for programs. Its OpenAPI document is made of this code.

Tokens only: a browser's session opens nothing here, so that no other site can use it.
"""

from __future__ import annotations

from flask import Flask, g, jsonify, request
from flask.typing import ResponseReturnValue
from flask_smorest import Api, Blueprint

from web import api_box, api_calls, api_consent, api_evidence, api_people, api_users
from web.api_parts import Failure
from web.desk import Desk
from web.tokens import Tokens

PREFIX = "/api/v1"


class _QuietApi(Api):
    """Refusals are said by the page's own handlers, in one form for pages and programs."""

    ERROR_SCHEMA = Failure

    def _register_error_handlers(self) -> None:
        return


def install(app: Flask, desk: Desk, tokens: Tokens) -> Blueprint:
    """Register the API and its document; the blueprint, which needs no CSRF tokens."""
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

    for part in (api_calls, api_people, api_box, api_consent, api_evidence):
        part.add(calls, desk)
    api_users.add(calls, desk, tokens)
    made.register_blueprint(calls)

    @app.before_request
    def only_with_a_token() -> ResponseReturnValue | None:
        view = app.view_functions.get(request.endpoint or "")
        if not request.path.startswith("/api/") or view is None:
            return None
        scope = getattr(view, "scope", None)
        if request.endpoint == "api-docs.openapi_json":
            scope = "read"
        token = g.get("token")
        if token is None or scope is None or scope not in token.scopes:
            return jsonify(ok=False, error=f"this token lacks the scope: {scope}"), 403
        return None

    return calls

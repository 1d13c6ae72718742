"""What every operation of the API is made of: schemas, the scope it needs, how it may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import EXCLUDE, RAISE, Schema, fields

Text = fields.String
BINARY = {"type": "string", "format": "binary"}


class Closed(Schema):
    """Takes what it names and nothing else."""

    class Meta:
        unknown = RAISE


class Open(Schema):
    """Tells what it names; a record may have more."""

    class Meta:
        unknown = EXCLUDE


class Failure(Open):
    ok = fields.Boolean(required=True)
    error = Text(required=True)


def needs(calls: Blueprint, *scopes: str) -> Callable[[Any], Any]:
    """The scope that an operation needs, one of several; without one it is refused to everyone."""

    def named(view: Any) -> Any:
        view.scopes = scopes
        said = f"The token needs the scope {' or '.join(f'`{one}`' for one in scopes)}."
        return calls.doc(security=[{"token": []}], description=said)(view)

    return named


def takes(calls: Blueprint, kind: str) -> Callable[[Any], Any]:
    """The body is a file of this kind."""
    body = {kind: {"schema": BINARY}}
    named: Callable[[Any], Any] = calls.doc(requestBody={"content": body, "required": True})
    return named


def failures(calls: Blueprint, *codes: int) -> Callable[[Any], Any]:
    said = {
        400: "Not understood",
        403: "More than the token may do",
        404: "Not here",
        409: "Protected, or not possible now",
        413: "Too large",
        429: "Too many tries",
        503: "Recorder, medium or log do not answer",
    }

    def named(view: Any) -> Any:
        for code in codes:
            view = calls.alt_response(code, schema=Failure, description=said[code])(view)
        return view

    return named

"""What every operation of the API is made of: schemas, the scope it needs, how it may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_smorest import Blueprint
from marshmallow import EXCLUDE, RAISE, Schema, fields

Text = fields.String


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


def needs(calls: Blueprint, scope: str) -> Callable[[Any], Any]:
    """The scope that an operation needs; one without is refused to everyone."""

    def named(view: Any) -> Any:
        view.scope = scope
        said = f"The token needs the scope `{scope}`."
        return calls.doc(security=[{"token": []}], description=said)(view)

    return named


def failures(calls: Blueprint, *codes: int) -> Callable[[Any], Any]:
    said = {
        400: "Not understood",
        403: "More than the token may do",
        404: "Not here",
        409: "Protected, or not possible now",
        413: "Too large",
        503: "Recorder, medium or log do not answer",
    }

    def named(view: Any) -> Any:
        for code in codes:
            view = calls.alt_response(code, schema=Failure, description=said[code])(view)
        return view

    return named

"""The API's settings: language, country, who uses the telephone, first steps, the password."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint, abort
from marshmallow import fields, validate

from web.api_parts import Closed, Open, failures, needs
from web.auth import wrong_with
from web.desk import Desk
from web.language import LANGUAGES
from web.more import COUNTRIES, LONGEST_NAME, USED_BY, authority, choose
from web.start import steps
from web.users import LONGEST_PASSWORD, OWNER, SHORTEST_PASSWORD

Text = fields.String


class SettingsIn(Closed):
    """What is not named stays as it is."""

    language = Text(
        validate=validate.OneOf(("", *LANGUAGES)),
        metadata={"description": "empty: as the browser prefers"},
    )
    country = Text(validate=validate.OneOf(COUNTRIES))
    phone_used_by = Text(validate=validate.OneOf(tuple(USED_BY)))
    box_name = Text(validate=validate.Length(max=LONGEST_NAME))


class SettingsOut(Open):
    language = Text(required=True)
    country = Text(required=True)
    phone_used_by = Text(required=True)
    box_name = Text(required=True)


class StepOut(Open):
    title = Text(required=True)
    what_to_do = Text()
    found = Text(metadata={"description": "what the box saw; empty while it is not done"})
    warning = Text()


class PasswordIn(Closed):
    """Everyone who was logged in with the old one is out; tokens stay."""

    password = Text(required=True, validate=validate.Length(1, LONGEST_PASSWORD))
    new = Text(required=True, validate=validate.Length(SHORTEST_PASSWORD, LONGEST_PASSWORD))


def add(calls: Blueprint, desk: Desk, limited: Any) -> None:
    """Add the operations to the API's blueprint. `limited`: slows down what could be guessed at."""

    @calls.get("/settings")
    @calls.response(200, SettingsOut)
    @needs(calls, "read")
    def settings() -> Any:
        return desk.settings.get()

    @calls.patch("/settings")
    @calls.arguments(SettingsIn)
    @calls.response(200, SettingsOut)
    @needs(calls, "settings")
    def change_settings(body: dict[str, Any]) -> Any:
        if not choose(desk, body):
            abort(422, message="one of the settings is none")
        return desk.settings.get()

    @calls.get("/start")
    @calls.response(200, StepOut(many=True))
    @needs(calls, "read")
    def first_steps() -> Any:
        return steps(desk)

    @calls.get("/ca.crt")
    @calls.response(200, {"type": "string"}, content_type="application/x-x509-ca-cert")
    @failures(calls, 404)
    @needs(calls, "read")
    def certificate() -> Any:
        return authority()

    @calls.put("/password")
    @calls.arguments(PasswordIn)
    @calls.response(204)
    @failures(calls, 403, 429)
    @needs(calls, "users")
    @limited
    def change_password(body: dict[str, Any]) -> Any:
        owner = desk.users.get(OWNER)
        if owner is None or not desk.users.check_user(owner, body["password"]):
            abort(403, message="that is not the owner's password; nothing was changed")
        if wrong := wrong_with(body["new"], body["new"]):
            abort(422, message=wrong)
        desk.users.set_owner(body["new"])
        desk.log("users changed", name=OWNER)
        return ""

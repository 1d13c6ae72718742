"""The API's view of who may come in: users and tokens."""

from __future__ import annotations

from typing import Any

from flask import g
from flask_smorest import Blueprint, abort
from marshmallow import fields, validate

from web.api_parts import Closed, Open, failures, needs
from web.auth import wrong_with
from web.desk import Desk
from web.household import LONGEST_NAME, ROLES
from web.tokens import SCOPES, Tokens
from web.users import LONGEST_PASSWORD, OWNER, SHORTEST_PIN, User
from web.words import plain

Text = fields.String
NAME = validate.Length(1, LONGEST_NAME)


class UserIn(Closed):
    name = Text(required=True, validate=NAME)
    role = Text(required=True, validate=validate.OneOf(list(ROLES)))
    pin = Text(required=True, validate=validate.Length(SHORTEST_PIN, LONGEST_PASSWORD))
    people = fields.List(
        Text(validate=validate.Length(max=40)),
        load_default=list,
        validate=validate.Length(max=100),
        metadata={"description": "ids of the contacts whose calls he may see; none: all calls"},
    )


class UserOut(Open):
    id = Text(required=True)
    name = Text()
    role = Text()
    callers = fields.List(Text())


class TokenIn(Closed):
    name = Text(required=True, validate=NAME)
    scopes = fields.List(
        Text(validate=validate.OneOf(SCOPES)),
        required=True,
        validate=validate.Length(1, len(SCOPES)),
        metadata={"description": "only what the asking token may do itself"},
    )


class TokenOut(Open):
    id = Text(required=True)
    name = Text()
    scopes = fields.List(Text())
    made_at = Text()


class TokenMade(TokenOut):
    secret = Text(metadata={"description": "told once, and kept nowhere"})


def add(calls: Blueprint, desk: Desk, tokens: Tokens) -> None:
    """Add the operations to the API's blueprint."""
    _add_users(calls, desk)
    _add_tokens(calls, desk, tokens)


def _name(body: dict[str, Any]) -> str:
    name = plain(body["name"]).strip()
    if not name:
        abort(422, message="a name that can be read is wanted")
    return name


def _add_users(calls: Blueprint, desk: Desk) -> None:
    @calls.get("/users")
    @calls.response(200, UserOut(many=True))
    @needs(calls, "users")
    def list_users() -> Any:
        return desk.users.others()

    @calls.post("/users")
    @calls.arguments(UserIn)
    @calls.response(201, UserOut)
    @failures(calls, 409)
    @needs(calls, "users")
    def add_user(body: dict[str, Any]) -> Any:
        name = _name(body)
        if wrong := wrong_with(body["pin"], body["pin"], SHORTEST_PIN):
            abort(422, message=str(wrong))
        if name.casefold() in {one.name.casefold() for one in desk.users.others()}:
            abort(409, message="there is a user of that name")
        chosen = [desk.people.get(one) for one in body["people"]]
        if None in chosen:
            abort(422, message="one of these people is no contact")
        callers = tuple(caller for one in chosen if one for caller in one.callers)
        kept = desk.users.put(User("", name, body["role"], callers=callers), body["pin"])
        desk.log("users changed", name=name)
        return kept

    @calls.delete("/users/<user_id>")
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "users")
    def remove_user(user_id: str) -> Any:
        gone = desk.users.get(user_id)
        if gone is None or gone.id == OWNER:
            abort(404)
        desk.users.remove(user_id)
        desk.log("users changed", name=gone.name)
        return ""


def _add_tokens(calls: Blueprint, desk: Desk, tokens: Tokens) -> None:
    @calls.get("/tokens")
    @calls.response(200, TokenOut(many=True))
    @needs(calls, "users")
    def list_tokens() -> Any:
        return tokens.all()

    @calls.post("/tokens")
    @calls.arguments(TokenIn)
    @calls.response(201, TokenMade)
    @failures(calls, 403)
    @needs(calls, "users")
    def make_token(body: dict[str, Any]) -> Any:
        if more := sorted(set(body["scopes"]) - set(g.token.scopes)):
            abort(403, message=f"the asking token may not itself: {', '.join(more)}")
        name = _name(body)
        scopes = tuple(one for one in SCOPES if one in body["scopes"])
        made, secret = tokens.make(name, scopes)
        desk.log("users changed", token=name)
        told = {"id": made.id, "name": made.name, "scopes": made.scopes, "made_at": made.made_at}
        return {**told, "secret": secret}

    @calls.delete("/tokens/<token_id>")
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "users")
    def revoke_token(token_id: str) -> Any:
        if token_id not in {one.id for one in tokens.all()}:
            abort(404)
        tokens.revoke(token_id)
        desk.log("users changed", token="revoked")
        return ""

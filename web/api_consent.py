"""The API's view of consent, and of how calls are kept: what the page's set-up chooses."""

from __future__ import annotations

from typing import Any

from flask import request, send_file
from flask_smorest import Blueprint, abort
from marshmallow import fields, validate

from firmware.config import ConfigError
from firmware.law import load_rules
from web import consent
from web.api_parts import BINARY, Closed, Open, failures, needs, takes
from web.desk import Desk
from web.start import FORMS

Text = fields.String


class ConsentIn(Closed):
    place = Text(
        validate=validate.Length(max=8), metadata={"description": "PL, DE, US-CA: a place's rule"}
    )
    use = Text(validate=validate.OneOf(list(consent.USES)))
    announce = Text(validate=validate.OneOf(list(consent.SIDES)))
    beep = Text(validate=validate.OneOf([one for one in consent.SIDES if one != "rule"]))
    announcement = Text(validate=validate.OneOf(list(consent.SOUNDS)))
    armed = Text(
        validate=validate.OneOf(("yes", "no")),
        metadata={"description": "confirmed, where nothing is recorded before (Germany)"},
    )


class ConsentOut(Open):
    place = Text()
    use = Text()
    announce = Text()
    beep = Text()
    announcement = Text()
    armed = Text()
    must = Text(metadata={"description": "who must know: `one` or `all` who take part"})
    statute = Text()


class Keeping(Closed):
    sealed = Text(required=True, validate=validate.OneOf(FORMS))


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    def told() -> dict[str, Any]:
        chosen = consent.held(desk)
        rule = load_rules()[chosen["place"]]
        statute = rule.business_statute if chosen["use"] == "business" else rule.statute
        return {**chosen, "must": rule.must.value, "statute": statute}

    @calls.get("/consent")
    @calls.response(200, ConsentOut)
    @needs(calls, "settings")
    def consent_now() -> Any:
        return told()

    @calls.patch("/consent")
    @calls.arguments(ConsentIn)
    @calls.response(200, ConsentOut)
    @failures(calls, 409)
    @needs(calls, "settings")
    def choose_consent(body: dict[str, Any]) -> Any:
        wanted = {**consent.held(desk), **body}
        if wanted["place"] not in load_rules():
            abort(422, message="there is no rule for that place")
        if wanted["announcement"] == "own" and not consent.own_sound().exists():
            abort(409, message="there is no announcement of the owner's own yet")
        try:
            consent.choose(desk, wanted)
        except ConfigError as error:
            abort(422, message=str(error))
        return told()

    @calls.get("/consent/announcement.wav")
    @calls.response(200, BINARY, content_type="audio/wav")
    @failures(calls, 404)
    @needs(calls, "settings")
    def own_announcement() -> Any:
        if not consent.own_sound().exists():
            abort(404, message="there is no announcement of the owner's own yet")
        return send_file(consent.own_sound(), "audio/wav", max_age=0)

    @calls.put("/consent/announcement.wav")
    @takes(calls, "audio/wav")
    @calls.response(200, ConsentOut)
    @failures(calls, 413)
    @needs(calls, "settings")
    def send_announcement() -> Any:
        data = request.stream.read(consent.LARGEST + 1)
        if len(data) > consent.LARGEST:
            abort(413, message="an announcement may have 1 MB: save it as mono")
        if why := consent.keep_own_sound(data):
            abort(422, message=why)
        consent.use_own_sound(desk)
        return told()

    @calls.get("/keeping")
    @calls.response(200, Keeping)
    @needs(calls, "settings")
    def keeping() -> Any:
        return {"sealed": desk.configured.now()[0].archive.sealed}

    @calls.put("/keeping")
    @calls.arguments(Keeping)
    @calls.response(200, Keeping)
    @needs(calls, "settings")
    def choose_keeping(body: dict[str, Any]) -> Any:
        desk.configured.choose("archive", body)
        desk.log("settings changed", sealed=body["sealed"])
        return {"sealed": desk.configured.now()[0].archive.sealed}

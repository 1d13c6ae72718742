"""The API's contacts."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_smorest import Blueprint, abort

from firmware.archive.people import Person
from web.api_parts import failures, needs, takes
from web.api_schemas import PersonIn, PersonOut, Taken
from web.desk import Desk
from web.people import person_of, take_cards, vcards
from web.recorder import ask


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    @calls.get("/people")
    @calls.response(200, PersonOut(many=True))
    @needs(calls, "people")
    def list_people() -> Any:
        return desk.people.all()

    def checked(body: dict[str, Any], person_id: str = "") -> Person:
        numbers = "\n".join(body.get("numbers", []))
        found = person_of({**body, "numbers": numbers}, person_id)
        if isinstance(found, str):
            abort(422, message=found)
        return found

    @calls.post("/people")
    @calls.arguments(PersonIn)
    @calls.response(201, PersonOut)
    @needs(calls, "people")
    def add_person(body: dict[str, Any]) -> Any:
        kept = desk.people.put(checked(body))
        ask({"do": "settings"})  # its rule holds for the next call
        return kept

    @calls.get("/people/<person_id>")
    @calls.response(200, PersonOut)
    @failures(calls, 404)
    @needs(calls, "people")
    def get_person(person_id: str) -> Any:
        return desk.people.get(person_id) or abort(404)

    @calls.put("/people/<person_id>")
    @calls.arguments(PersonIn)
    @calls.response(200, PersonOut)
    @failures(calls, 404)
    @needs(calls, "people")
    def change_person(body: dict[str, Any], person_id: str) -> Any:
        if desk.people.get(person_id) is None:
            abort(404)
        kept = desk.people.put(checked(body, person_id))
        ask({"do": "settings"})
        return kept

    @calls.delete("/people/<person_id>")
    @calls.response(204)
    @failures(calls, 404)
    @needs(calls, "people")
    def remove_person(person_id: str) -> Any:
        if desk.people.get(person_id) is None:
            abort(404)
        desk.people.remove(person_id)
        ask({"do": "settings"})
        return ""

    @calls.get("/people.vcf")
    @calls.response(200, {"type": "string"}, content_type="text/vcard")
    @needs(calls, "people")
    def export_people() -> Any:
        desk.log("exported contacts")
        return Response(vcards(desk.people), mimetype="text/vcard")

    @calls.post("/people.vcf")
    @takes(calls, "text/vcard")
    @calls.response(200, Taken)
    @failures(calls, 413)
    @needs(calls, "people")
    def import_people() -> Any:
        found, fresh = take_cards(desk.people, request.get_data())
        if not found:
            abort(422, message="no person with a number was found: is it a vCard (.vcf)?")
        return {"found": found, "added": fresh}

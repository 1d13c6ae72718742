"""The API's contacts."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint, abort

from firmware.archive.people import Person
from web.api_parts import failures, needs
from web.api_schemas import PersonIn, PersonOut
from web.desk import Desk
from web.people import person_of
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

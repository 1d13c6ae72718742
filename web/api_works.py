"""The API's long work: bundles, the check of the log, one number handed out or erased."""

from __future__ import annotations

from typing import Any

from flask import send_file
from flask_smorest import Blueprint, abort

from firmware.archive.search import caller_of
from web.api_evidence_schemas import BundleIn, EraseIn, NumberIn, WorkOut
from web.api_parts import BINARY, failures, needs
from web.auth import user
from web.desk import Desk
from web.evidence_bundles import TROUBLES, start_bundle, start_check
from web.evidence_subject import number_of, start_erasure, start_subject
from web.evidence_works import TooMuch, Work


def _told(work: Work) -> dict[str, Any]:
    return {
        "id": work.id, "kind": work.kind, "state": work.state, "step": work.step,
        "share": work.share, "why": work.why, "found": work.found, "calls": work.count,
        "file": work.file is not None,
    }  # fmt: skip


def _busy(error: TooMuch) -> Any:
    abort(409, message=str(TROUBLES[str(error)]))


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    @calls.post("/bundles")
    @calls.arguments(BundleIn)
    @calls.response(202, WorkOut)
    @failures(calls, 404, 409, 503)
    @needs(calls, "export")
    def make_bundle(body: dict[str, Any]) -> Any:
        from firmware.evidence.bundle.exhibit import Case

        try:
            return _told(start_bundle(desk, body["calls"], Case(body["title"], body["notes"])))
        except TooMuch as error:
            return _busy(error)

    def own(work_id: str) -> Work:
        return desk.works.get(work_id, user().id) or abort(404)

    @calls.post("/evidence/check")
    @calls.response(202, WorkOut)
    @failures(calls, 409)
    @needs(calls, "log")
    def check_log() -> Any:
        try:
            return _told(start_check(desk))
        except TooMuch as error:
            return _busy(error)

    @calls.get("/works/<work_id>")
    @calls.response(200, WorkOut)
    @failures(calls, 404)
    @needs(calls, "export", "log", "delete")
    def get_work(work_id: str) -> Any:
        return _told(own(work_id))

    @calls.get("/works/<work_id>/file")
    @calls.response(200, BINARY, content_type="application/zip")
    @failures(calls, 404)
    @needs(calls, "export")
    def get_file(work_id: str) -> Any:
        done = own(work_id)
        if done.file is None or not done.file.exists():
            abort(404)
        return send_file(done.file, "application/zip", download_name=done.name)

    @calls.post("/subject/export")
    @calls.arguments(NumberIn)
    @calls.response(202, WorkOut)
    @failures(calls, 404, 409, 503)
    @needs(calls, "export")
    def subject_export(body: dict[str, Any]) -> Any:
        try:
            work = start_subject(desk, number_of(body["number"]))
        except TooMuch as error:
            return _busy(error)
        return _told(work) if work is not None else abort(404)

    @calls.post("/subject/erase")
    @calls.arguments(EraseIn)
    @calls.response(202, WorkOut)
    @failures(calls, 404, 409, 503)
    @needs(calls, "delete")
    def subject_erase(body: dict[str, Any]) -> Any:
        number = number_of(body["number"])
        if not caller_of(number):
            abort(404)
        try:
            return _told(start_erasure(desk, number, body["contact"]))
        except TooMuch as error:
            return _busy(error)

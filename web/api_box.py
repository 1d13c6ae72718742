"""The API's view of the box: the access log, storage and alarms."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask_smorest import Blueprint

from firmware import __version__
from web import retention
from web.about import uptime
from web.alarms import standing
from web.api_box_schemas import (
    Box,
    LogRow,
    PlanOut,
    RetentionIn,
    RetentionQuery,
    Switches,
)
from web.api_parts import failures, needs
from web.desk import Desk
from web.recorder import recorder_state


def add(calls: Blueprint, desk: Desk) -> None:
    """Add the operations to the API's blueprint."""

    @calls.get("/log")
    @calls.response(200, LogRow(many=True))
    @needs(calls, "log")
    def log() -> Any:
        return list(desk.access.newest())

    @calls.get("/box")
    @calls.response(200, Box)
    @needs(calls, "read")
    def box() -> Any:
        state = recorder_state() or {}
        volumes, _away = retention.known(desk)
        return {
            "version": __version__,
            "uptime_s": uptime(),
            "recorder_running_s": state.get("running_s"),
            "recorder_answers": bool(state.get("ok")),
            "alarms": standing(state),
            "media": retention.media(desk, volumes),
        }

    @calls.get("/retention")
    @calls.response(200, RetentionIn)
    @needs(calls, "read")
    def rules() -> Any:
        return desk.configured.now()[0].retention

    @calls.get("/retention/plan")
    @calls.arguments(RetentionQuery, location="query")
    @calls.response(200, PlanOut)
    @failures(calls, 400)
    @needs(calls, "read")
    def plan(values: dict[str, Any]) -> Any:
        found = retention.dry_run(desk, retention.rules_of(values))
        rows = [
            {**asdict(one), "id": call["id"], "started_at": call["started_at"]}
            for call, one in (*found.going, *found.kept)
        ]
        return {"calls": rows, "more": found.more}

    @calls.put("/retention")
    @calls.arguments(RetentionIn)
    @calls.response(200, RetentionIn)
    @failures(calls, 400)
    @needs(calls, "delete")
    def set_rules(values: dict[str, Any]) -> Any:
        desk.configured.choose("retention", values)
        desk.log("retention changed", rules=values)
        return desk.configured.now()[0].retention

    @calls.get("/alarms")
    @calls.response(200, Switches)
    @needs(calls, "read")
    def switches() -> Any:
        return desk.configured.now()[0].alarms

    @calls.patch("/alarms")
    @calls.arguments(Switches)
    @calls.response(200, Switches)
    @failures(calls, 400)
    @needs(calls, "settings")
    def switch(values: dict[str, Any]) -> Any:
        desk.configured.choose("alarms", values)
        desk.log("alarms changed", off=[name for name, on in values.items() if on is False])
        return desk.configured.now()[0].alarms

"""The lamps say what becomes of the call, before what the line does."""

from types import SimpleNamespace
from typing import Any

import pytest

from firmware.daemon.lamp import CallLamp


def recorder(state: str, **facts: Any) -> Any:
    """What the lamps look at, as plain facts."""
    call = SimpleNamespace(private=facts.get("private", False), flags=facts.get("flags", []))
    machine = SimpleNamespace(state=state, call=call if state == "incall" else None)
    alarms = facts.get("alarms", {})
    return SimpleNamespace(machine=machine, refused=facts.get("refused", ""), alarms=alarms)


@pytest.mark.parametrize(
    ("state", "facts", "shown"),
    [
        ("idle", {}, "idle"),
        ("ringing", {}, "ringing"),
        ("incall", {}, "recording"),
        ("incall", {"flags": [1.0]}, "flagged"),
        ("incall", {"private": True, "flags": [1.0]}, "private"),
        ("incall", {"refused": "never-recorded", "flags": [1.0]}, "idle"),
        ("cut", {}, "fault"),
    ],
)
def test_each_state_has_its_lamps(state: str, facts: dict[str, Any], shown: str) -> None:
    lit: list[tuple[str, bool]] = []
    CallLamp(recorder(state, **facts), lambda *one: lit.append(one)).show()
    assert lit == [(shown, False)]


def test_an_alarm_lights_the_fault_lamp_beside_it() -> None:
    lit: list[tuple[str, bool]] = []
    CallLamp(recorder("idle", alarms={"medium": "full"}), lambda *one: lit.append(one)).show()
    assert lit == [("idle", True)]


def test_a_call_flagged_after_its_end_is_shown_until_the_line_changes() -> None:
    lit: list[tuple[str, bool]] = []
    lamp = CallLamp(recorder("idle"), lambda *one: lit.append(one))
    for event in ("flagged", "call", "state"):
        lamp.told({"event": event})
    assert [state for state, _ in lit] == ["flagged", "flagged", "idle"]

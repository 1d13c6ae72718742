"""Retention: each kind has its term, a hold beats it, doubt keeps."""

from firmware.privacy.retention import DAY_S, expired

NOW = 1_800_000_000.0


def call(name: str, days_old: float, **facts: object) -> dict[str, object]:
    from datetime import UTC, datetime

    started = datetime.fromtimestamp(NOW - days_old * DAY_S, UTC).isoformat()
    return {"id": name, "started_at": started, "direction": "incoming", **facts}


CALLS = [
    call("old", 31),
    call("new", 29),
    call("flagged", 400, flagged=True),
    call("missed", 8, outcome="missed"),
    call("out", 61, direction="outgoing"),
    {**call("odd", 500), "started_at": "yesterday"},
    {**call("local", 500), "started_at": "2020-01-01T00:00:00"},
]
TERMS = {"incoming": 30.0, "outgoing": 60.0, "missed": 7.0}


def test_each_kind_of_call_has_its_own_term() -> None:
    assert expired(CALLS, TERMS, (), NOW) == ["old", "missed", "out"]


def test_a_held_call_stays() -> None:
    assert expired(CALLS, TERMS, {"old", "out"}, NOW) == ["missed"]


def test_without_terms_everything_stays() -> None:
    assert expired(CALLS, {}, (), NOW) == []

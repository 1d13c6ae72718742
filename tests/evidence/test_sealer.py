"""The thread that seals what the recorder leaves, beside its work."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.config import Config, EvidenceConfig, StateConfig
from firmware.evidence.entries import Entry
from firmware.evidence.evidence import Evidence
from firmware.evidence.sealer import Sealer
from tests.archive.support import Feed
from tests.evidence.conftest import RECORD


class Watched:
    """A sealer over a real archive."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.feed = Feed(folder / "calls")
        self.archive = self.feed.archive
        self.alarms: list[tuple[str, str]] = []
        self.config = replace(Config(), state=StateConfig(directory=str(folder / "state")))
        self.sealer: Sealer | None = None

    def start(self) -> Sealer:
        self.sealer = Sealer(
            self.config, self.archive, lambda kind, why: self.alarms.append((kind, why))
        )
        self.sealer.start()
        return self.sealer

    def call(self) -> str:
        return str(self.feed.call(0.1, **RECORD)["id"])

    def entries(self) -> list[Entry]:
        evidence = Evidence(self.archive, self.folder / "state")
        found = [evidence.log.entry(number) for number in range(evidence.log.size)]
        evidence.close()
        return found


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    made = Watched(tmp_path)
    yield made
    if made.sealer is not None:
        made.sealer.close()


def until(there: Callable[[], object]) -> None:
    for _ in range(600):
        if there():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen")


def test_calls_are_sealed_as_they_end_and_those_of_before_at_the_start(watched: Watched) -> None:
    old = watched.call()
    sealer = watched.start()
    until(lambda: "configuration-changed" in [entry.kind for entry in watched.entries()])
    new = watched.call()
    sealer.heard({"event": "state", "state": "idle"})
    sealer.heard({"event": "call", "id": new})
    sealer.heard({"event": "flagged", "id": new})
    sealer.close()
    said = [(entry.kind, entry.call) for entry in watched.entries()]
    assert said == [
        ("log-begun", None),
        ("recorded", old),
        ("configuration-changed", None),
        ("recorded", new),
        ("flagged", new),
        ("stopped", None),
    ]
    assert watched.alarms == []


def test_a_call_whose_record_is_not_written_yet_is_sealed_when_it_is(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.evidence.sealer.RETRY_S", 0.0)
    sealer = watched.start()
    until(lambda: "configuration-changed" in [entry.kind for entry in watched.entries()])
    call = watched.call()
    sidecar = watched.archive.sidecar_path(call)
    aside = sidecar.rename(sidecar.with_suffix(".aside"))
    sealer.heard({"event": "call", "id": call})
    time.sleep(0.3)
    aside.rename(sidecar)
    until(lambda: call in [entry.call for entry in watched.entries()])
    sealer.close()
    assert watched.alarms == []


def test_a_call_that_cannot_be_sealed_is_one_alarm_and_the_others_are_sealed(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("firmware.evidence.sealer.SHORTEST_WAIT_S", 0.02)
    monkeypatch.setattr("firmware.evidence.sealer.RETRY_S", 0.0)
    bad = watched.call()
    watched.archive.audio_path(bad).unlink()
    sealer = watched.start()
    until(lambda: watched.alarms)
    good = watched.call()
    sealer.heard({"event": "call", "id": good})
    until(lambda: good in [entry.call for entry in watched.entries()])
    sealer.close()
    [(kind, why)] = [one for one in watched.alarms if one[1]]
    assert kind == "evidence"
    assert f"The call {bad} is not sealed" in why


def test_a_changed_configuration_is_entered_once(watched: Watched) -> None:
    watched.start().close()
    watched.start().close()
    watched.config = replace(watched.config, evidence=EvidenceConfig(authority_roots="/x"))
    watched.start().close()
    kinds = [entry.kind for entry in watched.entries()]
    assert kinds.count("configuration-changed") == 2


def test_a_damaged_log_is_an_alarm_and_calls_are_still_sealed(watched: Watched) -> None:
    watched.start().close()
    (watched.folder / "calls/evidence/log.jsonl").write_bytes(b"garbage\n")
    sealer = watched.start()
    call = watched.call()
    sealer.heard({"event": "call", "id": call})
    sealer.close()
    assert [kind for kind, _ in watched.alarms] == ["evidence-replaced"]
    assert "It was kept as" in watched.alarms[0][1]
    assert call in [entry.call for entry in watched.entries()]


def test_a_key_that_others_may_read_is_an_alarm_and_nothing_stops(watched: Watched) -> None:
    watched.start().close()
    key = watched.folder / "state/evidence-key.pem"
    key.chmod(0o644)
    sealer = watched.start()
    until(lambda: watched.alarms)
    assert "others may read the signing key" in watched.alarms[0][1]
    key.chmod(0o600)
    call = watched.call()
    sealer.heard({"event": "call", "id": call})
    until(lambda: ("evidence", "") in watched.alarms)
    sealer.close()
    assert call in [entry.call for entry in watched.entries()]

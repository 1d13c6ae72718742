"""The evidence beside a running recorder: each call is sealed, trouble is an alarm."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.evidence.entries import Kind
from firmware.evidence.evidence import Evidence
from firmware.evidence.worker import Worker
from tests.support.box import Box, eventually


@pytest.fixture
def box() -> Iterator[Box]:
    with tempfile.TemporaryDirectory() as name:
        made = Box(Path(name))
        made.daemon.start()
        yield made
        made.daemon.stop()


@pytest.fixture
def worker(box: Box) -> Iterator[Worker]:
    """Not started yet."""
    made = Worker(box.config, again_s=0.1)
    yield made
    made.stop()


def call(box: Box) -> str:
    before = len(box.calls())
    box.line.apply("offhook", True)
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    eventually(lambda: len(box.calls()) > before)
    return str(box.calls()[0]["id"])


def kinds(box: Box, call_id: str) -> list[Kind]:
    evidence = Evidence(Archive(box.folder / "calls"), Path(box.config.state.directory))
    found = [entry.kind for entry in evidence.history(call_id)]
    evidence.close()
    return found


def test_calls_before_and_while_it_runs_are_sealed_and_a_flag_is_entered(
    box: Box, worker: Worker
) -> None:
    first = call(box)
    worker.start()
    eventually(lambda: Kind.RECORDED in kinds(box, first))
    second = call(box)
    eventually(lambda: Kind.RECORDED in kinds(box, second))
    box.line.apply("flag", True)
    time.sleep(0.2)
    box.line.apply("flag", False)
    eventually(lambda: Kind.FLAGGED in kinds(box, second))
    evidence = Evidence(Archive(box.folder / "calls"), Path(box.config.state.directory))
    assert evidence.check_call(second).kind == Kind.RECORDED
    evidence.close()


def test_a_key_that_others_may_read_is_an_alarm_of_the_recorder(box: Box, worker: Worker) -> None:
    folder = Path(box.config.state.directory)
    Evidence(Archive(box.folder / "calls"), folder).close()
    [key] = [path for path in folder.rglob("*") if path.is_file() and "key" in path.name]
    key.chmod(0o644)
    worker.start()
    eventually(lambda: "evidence" in box.state()["alarms"])
    assert call(box)  # recording goes on


def test_only_the_evidence_may_raise_its_own_alarm_through_the_socket(box: Box) -> None:
    assert not box.client.request({"do": "alarm", "kind": "line-cut", "why": "x"})["ok"]
    assert not box.client.request({"do": "alarm", "kind": "evidence", "why": 7})["ok"]
    assert box.client.request({"do": "alarm", "kind": "evidence", "why": "x"})["ok"]
    eventually(lambda: "evidence" in box.state()["alarms"])
    assert box.client.request({"do": "alarm", "kind": "evidence", "why": ""})["ok"]
    eventually(lambda: "evidence" not in box.state()["alarms"])

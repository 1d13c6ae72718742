"""Whole box: recorder, page and evidence together; each thing that happens is an entry of the log.

Real pins, a real socket, the page's own application, the evidence's own worker. Only two things
cannot be had here and are given as clocks to the log itself: another boot, and a clock that is set.
"""

import json
import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.evidence import clocks
from firmware.evidence.entries import Kind, Moment
from firmware.evidence.evidence import Evidence
from firmware.evidence.worker import Worker
from tests.support.box import Box, eventually
from web.app import create_app
from web.auth import SetupCode

PASSWORD = "correct horse battery"


class House(Box):
    """A box with its page and its evidence; the owner is logged in."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.worker = Worker(self.config, again_s=0.1)
        self.archive = Archive(folder / "calls")
        app = create_app(folder / "calls", Path(self.config.state.control), folder)
        app.config["RATELIMIT_ENABLED"] = False
        self.client_of_the_page = app.test_client()

    def log_in(self) -> None:
        code = SetupCode.ensure(self.folder) or ""
        self.send("/setup", code=code, password=PASSWORD, again=PASSWORD)

    def get(self, path: str) -> Any:
        return self.client_of_the_page.get(path)

    def send(self, path: str, form: str = "", **fields: str) -> Any:
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(form or path).text)
        assert token
        data = {"csrf_token": token[1], **fields}
        return self.client_of_the_page.post(path, data=data)

    def call(self) -> str:
        before = len(self.calls())
        self.source.level = 3000
        self.line.apply("offhook", True)
        eventually(lambda: self.state()["recording"])
        time.sleep(0.5)
        self.line.apply("offhook", False)
        eventually(lambda: len(self.calls()) > before)
        return str(self.calls()[0]["id"])

    def entries(self, call_id: str | None = None) -> list[dict[str, Any]]:
        lines = (self.folder / "calls/evidence/log.jsonl").read_text("ascii").splitlines()
        found = [json.loads(line) for line in lines]
        return [one for one in found if call_id is None or one.get("call") == call_id]

    def kinds(self, call_id: str | None = None) -> list[str]:
        return [one["kind"] for one in self.entries(call_id)]


@pytest.fixture
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        made = House(Path(name))
        made.daemon.start()
        made.worker.start()
        made.log_in()
        yield made
        made.daemon.stop()


def test_every_kind_of_thing_that_happens_is_an_entry(house: House) -> None:
    first = house.call()
    eventually(lambda: Kind.RECORDED in house.kinds(first))
    page = f"/calls/{first}"
    steps = [
        (Kind.PLAYED, lambda: house.get(f"{page}/audio.flac")),
        (Kind.EXPORTED, lambda: house.get(f"{page}/audio.flac?download=1")),
        (Kind.FLAGGED, lambda: house.send(f"{page}/flag", page, on="1")),
        (Kind.HELD, lambda: house.send(f"{page}/hold", page, on="1", why="sprawa")),
        (Kind.NOTED, lambda: house.send(f"{page}/note", page, note="Groził.")),
        (Kind.RELEASED, lambda: house.send(f"{page}/hold", page, on="0")),
        (Kind.FLAGGED, lambda: house.send(f"{page}/flag", page, on="0")),
    ]
    for kind, do in steps:
        before = len(house.entries(first))
        do()
        [entry] = house.entries(first)[before:]
        assert (entry["kind"], entry["facts"]["by"]) == (kind, "owner")

    work = house.send("/bundle", f"/bundle?id={first}", id=first, password=PASSWORD).location
    eventually(lambda: "data-again" not in house.get(f"{work}/state").text)
    assert house.kinds(first)[-1] == Kind.EXPORTED

    # The recorder finds out later when a call began; the entry comes with the next call.
    keeper = Keeper(house.archive)
    facts = {"started_at": "2026-03-04T05:06:07.000+00:00", "by": "ntp"}
    keeper.correct(lambda call: facts if call["id"] == first else None)
    second = house.call()
    eventually(lambda: Kind.RECORDED in house.kinds(second))
    eventually(lambda: Kind.CORRECTED in house.kinds(first))
    assert house.kinds().count(Kind.CORRECTED) == 1

    house.send("/calls/delete", form=f"/calls/{second}", id=second, password=PASSWORD)
    assert house.kinds(second)[-1] == Kind.DELETED
    settings = {"language": "pl", "country": "PL", "phone_used_by": "home", "box_name": "Hol"}
    before = house.kinds().count(Kind.CONFIGURATION_CHANGED)
    house.send("/settings", **settings)
    assert house.kinds().count(Kind.CONFIGURATION_CHANGED) == before + 1
    third = house.call()
    eventually(lambda: Kind.RECORDED in house.kinds(third))
    house.send("/export")
    assert house.kinds()[-1] == Kind.EXPORTED  # the table of all calls

    house.worker.stop()
    assert house.kinds()[-1] == Kind.STOPPED
    _other_clocks(house)
    evidence = Evidence(house.archive, house.folder)
    checked = evidence.check()
    numbers = [one["seq"] for one in house.entries()]
    assert numbers == list(range(checked.entries))  # gapless
    log = (house.folder / "calls/evidence/log.jsonl").read_text("ascii")
    assert "Groził" not in log
    assert "sprawa" not in log
    evidence.close()


def _other_clocks(house: House) -> None:
    """What another boot and a clock that was set leave in the same log."""
    now = clocks.now()

    def at(seconds: float, boot: str, set_by: float = 0.0) -> Moment:
        return Moment(now.wall + seconds + set_by, now.monotonic + seconds, boot, "ntp")

    moments = [at(60, "second"), at(120, "second", 300.0), at(600, "third", 300.0)]
    whens = iter(moments)
    for said in ([Kind.STARTED], [Kind.CLOCK_SET], [Kind.POWER_LOST]):
        moment = next(whens)
        evidence = Evidence(house.archive, house.folder, lambda moment=moment: moment)
        before = len(house.entries())
        evidence.happened(Kind.CONFIGURATION_CHANGED)
        assert house.kinds()[before:-1] == said
        evidence.close()

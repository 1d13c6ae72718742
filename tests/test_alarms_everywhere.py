"""One alarm on the running recorder: its state for the page, its lamp, and the owner's program."""

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from firmware.daemon import Daemon
from tests.support.box import Box, eventually


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_an_alarm_reaches_page_lamp_and_hook_and_so_does_its_end(folder: Path) -> None:
    out, program = folder / "out", folder / "told.sh"
    program.write_text(f'#!/bin/sh\necho "$1 $2 $(cat)" >>{out}\n')
    program.chmod(0o755)
    box = Box(folder)
    alarms = replace(box.config.alarms, command=str(program))
    config = replace(box.config, alarms=alarms)
    daemon = Daemon(config, box.source, box.profile, lambda: box.factory)
    daemon.start()
    try:
        eventually(lambda: box.lamp("ok"))
        assert not box.lamp("fault")
        box.source.last_error = "The sound card is gone; calls are not recorded."
        eventually(lambda: "sound-card" in box.state()["alarms"])
        eventually(lambda: box.lamp("fault"))
        eventually(lambda: out.exists() and out.read_text().count("\n") == 1)
        kind, state, said = out.read_text().strip().split(" ", 2)
        assert (kind, state) == ("sound-card", "raised")
        assert json.loads(said)["why"] == "The sound card is gone; calls are not recorded."
        box.source.last_error = ""
        eventually(lambda: not box.state()["alarms"])
        eventually(lambda: not box.lamp("fault"))
        eventually(lambda: out.read_text().count("\n") == 2)
        assert out.read_text().splitlines()[1].startswith("sound-card over ")
    finally:
        daemon.stop()

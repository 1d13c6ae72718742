"""A recorder that is started anew in mid-call goes on with it, however long the start takes."""

import time
from pathlib import Path

import numpy as np

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.clock import boot_id
from firmware.daemon import Daemon
from tests.support.box import Box, eventually

RATE = 8000


def broken_off(folder: Path) -> None:
    """What a recorder leaves that was killed just now, two seconds into a call."""
    keeper = Keeper(Archive(folder))
    begun = time.monotonic() - 2.0
    record = {
        **{"line": "1", "kind": "call", "direction": "outgoing", "outcome": "unfinished"},
        **{"started_at": "2026-03-04T05:06:07.000+00:00", "rate": RATE, "boot_id": boot_id()},
        **{"started_monotonic": begun, "audio_monotonic": begun},
    }
    recording = keeper.begin(record)
    recording.write(0, np.full(2 * RATE, 1000, np.int16))
    recording._parts[0].leave()


def test_pins_that_are_had_late_do_not_part_a_call_that_goes_on(folder: Path) -> None:
    broken_off(folder / "calls")
    box = Box(folder)

    def late() -> object:
        time.sleep(1.5)  # a small Pi that loads its libraries
        return box.factory

    box.daemon = Daemon(box.config, box.source, box.profile, late)
    box.line.apply("offhook", True)
    box.daemon.start()
    eventually(lambda: box.state()["recording"])
    box.line.apply("offhook", False)
    [call] = eventually(lambda: [one for one in box.calls() if one["kind"] == "call"])
    box.daemon.stop()
    assert len(call["parts"]) == 2
    assert [one["kind"] for one in box.calls()].count("call") == 1

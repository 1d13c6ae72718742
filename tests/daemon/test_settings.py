"""What the owner chose on the page, in the running recorder."""

import tempfile
from pathlib import Path

from firmware.archive.keeper import Trouble
from firmware.choices import FILE, Choices
from tests.support.box import Box, eventually


def test_what_is_chosen_on_the_page_holds_at_once_and_after_a_start() -> None:
    with tempfile.TemporaryDirectory() as name:
        box = Box(Path(name))
        choices = Choices(Path(name))
        box.daemon.start()
        try:
            box.daemon._worker.put(Trouble("restarted", "It was started anew."))
            eventually(lambda: "restarted" in box.state()["alarms"])
            choices.put("alarms", {"restarted": False})
            assert box.client.request({"do": "settings"}) == {"ok": True}
            eventually(lambda: "restarted" not in box.state()["alarms"])
        finally:
            box.daemon.stop()
        (Path(name) / FILE).write_text("{")
        again = Box(Path(name))
        again.daemon.start()
        try:
            eventually(lambda: FILE in again.state()["alarms"].get("settings", ""))
        finally:
            again.daemon.stop()

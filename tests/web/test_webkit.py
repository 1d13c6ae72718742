"""The list and the player in a third engine: Debian's WebKitGTK, the family of Safari."""

import tempfile
from pathlib import Path

from scripts.household import fill
from scripts.screens import PASSWORD, box
from tests.support.webkit import webkit
from web.auth import SetupCode

AUDIO = "document.getElementById('player-audio')"


def test_calls_are_found_played_and_sought_in_webkit() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shown = fill(folder / "calls")
        with box(folder) as address, webkit(folder / "browser") as page:
            page.open(address)
            fields = {"code": SetupCode.ensure(folder / "state"), "password": PASSWORD}
            for field, value in {**fields, "again": PASSWORD}.items():
                page.run(f"document.getElementById('{field}').value = '{value}'")
            page.click("main form button")
            page.until("!!document.querySelector('.steps')")
            page.open(f"{address}/?q=lucja")
            assert page.run("document.querySelectorAll('.call').length") == 1
            page.open(f"{address}/calls/{shown}")
            page.until("document.documentElement.classList.contains('js')")
            page.click("main button.main")
            page.until(f"{AUDIO}.currentTime > 0.3")
            page.run("window.same = true")
            page.click(".tabs a")
            page.until("document.querySelectorAll('.call').length > 5")
            assert page.run(f"window.same && !{AUDIO}.paused")
            page.click("[data-do=forward]")
            page.until(f"{AUDIO}.currentTime > 10")
            assert page.run(f"{AUDIO}.duration > 40")
            page.until("document.getElementById('line-words').textContent.length > 2")

"""The list and the player in a second engine: Debian's firefox-esr."""

import tempfile
from pathlib import Path

from scripts.household import fill
from scripts.screens import PASSWORD, box
from tests.support.firefox import firefox
from web.auth import SetupCode

AUDIO = "document.getElementById('player-audio')"


def test_calls_are_found_played_and_sought_in_firefox() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        shown = fill(folder / "calls")
        with box(folder) as address, firefox(folder / "profile") as page:
            page.open(address)
            fields = {"code": SetupCode.ensure(folder / "state"), "password": PASSWORD}
            for field, value in {**fields, "again": PASSWORD}.items():
                page.run(f"document.getElementById('{field}').value = '{value}'")
            page.run("document.querySelector('main form').requestSubmit()")
            page.until("document.readyState === 'complete' && !!document.querySelector('.steps')")
            page.open(f"{address}/?q=lucja")
            assert page.run("document.querySelectorAll('.call').length") == 1
            page.open(f"{address}/calls/{shown}")
            page.until("document.documentElement.classList.contains('js')")
            page.run("document.querySelector('main button.main').click()")
            page.until(f"{AUDIO}.currentTime > 0.3")
            page.run("window.same = true; document.querySelector('.tabs a').click()")
            page.until("document.querySelectorAll('.call').length > 5")
            assert page.run(f"window.same && !{AUDIO}.paused")
            page.run("document.querySelector('[data-do=forward]').click()")
            page.until(f"{AUDIO}.currentTime > 10")
            assert page.run(f"{AUDIO}.duration > 40")
            page.run("document.querySelector('[data-do=boost]').click()")
            before = page.run(f"{AUDIO}.currentTime")
            page.until(f"{AUDIO}.currentTime > {before} + 0.3")
            page.until("document.getElementById('line-words').textContent === 'Idle'")

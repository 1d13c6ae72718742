"""List and player in a second and a third engine: Debian's firefox-esr, and WebKitGTK as Safari."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import pytest

from scripts.household import fill
from scripts.screens import PASSWORD, box
from tests.support.firefox import firefox
from tests.support.webkit import webkit
from tests.web.browser.conftest import AUDIO
from web.auth import SetupCode


class Engine(Protocol):
    """What both drivers do; a script is an expression."""

    def open(self, address: str) -> None: ...
    def click(self, selector: str) -> None: ...
    def run(self, script: str) -> object: ...
    def until(self, script: str) -> None: ...


@pytest.fixture(scope="module")
def folder() -> Iterator[tuple[Path, str]]:
    """A household's box, and the call that is played."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        yield Path(name), fill(Path(name) / "calls")


@pytest.mark.parametrize("engine", [firefox, webkit])
def test_calls_are_found_played_sought_and_made_louder(
    engine: Callable[[Path], AbstractContextManager[Engine]], folder: tuple[Path, str]
) -> None:
    where, shown = folder
    with box(where) as address, engine(where / engine.__name__) as page:
        page.open(address)
        fields = {"code": SetupCode.ensure(where / "state"), "password": PASSWORD}
        for field, value in {**fields, "again": PASSWORD}.items():
            if value:  # the second who comes finds the password set
                page.run(f"(document.getElementById('{field}') ?? {{}}).value = '{value}'")
        page.click("main form button")
        page.until("document.readyState === 'complete' && !!document.querySelector('.tabs')")
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
        page.click("[data-do=boost]")
        before = page.run(f"{AUDIO}.currentTime")
        page.until(f"{AUDIO}.currentTime > {before} + 0.3")
        page.until("document.getElementById('line-words').textContent.length > 2")

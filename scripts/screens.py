"""Pictures of every page, in both languages, both schemes and both sizes, for docs/screens.

`python -m scripts.screens [--all] [FOLDER]`: the set kept in the repository, or all of them.
"""

from __future__ import annotations

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from firmware.archive import Archive
from firmware.archive.catalogue import Catalogue
from firmware.control import ControlServer
from firmware.learning.learned import Learned
from scripts.bench.page.house import CALLS
from scripts.bench.page.house import many as fill_up
from scripts.household import fill, recorded, talk
from web.auth import SetupCode

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a quiet evening at home"
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
KEPT = (
    "select",
    "people",
    "log",
    "start",
    "wizard",
    "settings",
    "consent",
    "storage",
    "plan",
    "alarms",
    "about",
    "proof",
)
PAGES = {
    "calls": "/",
    "select": "/?select=1",
    "caller": "/?number=586201142",
    "nothing": "/?q=nikt",
    "people": "/people",
    "person": "/people/new?number=586201142&name=INKASO",
    "settings": "/settings",
    "log": "/log",
    "start": "/start",
    "users": "/users",
    "programs": "/tokens",
    "line": "/line",
    "storage": "/storage",
    "plan": "/storage/plan?days=3&free_mb=500",
    "alarms": "/alarms",
    "about": "/about",
    "proof": "/proof",
    "password": "/password",
    "consent": "/consent",
    "wizard": "/line/wizard",
    "cases": "/cases",
    "subject": "/subject",
    "stop": "/stop",
    "export": "/export",
    "error": "/nowhere",
}
WIZARD: dict[str, Any] = {
    **{"ok": True, "step": "dial", "trouble": "", "turned": [], "gain_db": 0.0},
    "found": {
        "idle": {"noise_dbm0": -63, "volts": 48.2, "line": True, "offhook": False},
        "lift": {"input": True, "inverted": False, "volts": 9.3},
    },
    "learned": {name: getattr(Learned(), name) for name in Learned.__slots__},
}
IDLE: dict[str, Any] = {
    "ok": True,
    "state": "idle",
    "number": None,
    "alarms": {},
    "hook": "gpio",
    "recording": False,
    "private": False,
    "since_s": None,
    "flag_pressed_ago_s": None,
}


@contextmanager
def box(folder: Path, state: dict[str, Any] | None = None, recorder: bool = True) -> Iterator[str]:
    """The page as it is run, over `folder`; a recorder that answers with `state`, if any."""

    def answer(asked: dict[str, Any]) -> dict[str, Any]:
        known = {"state": state or IDLE, "wizard": WIZARD}
        return known.get(str(asked.get("do")), {"ok": False})

    control = ControlServer(folder / "c.sock", answer)
    if recorder:
        control.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [sys.executable, "-m", "web.serve", "--bind", address]
        + ["--archive", str(folder / "calls"), "--control", str(folder / "c.sock")]
        + ["--state", str(folder / "state")],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
    )
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", int(address.split(":")[1])), 1).close()
            break
        except OSError:
            time.sleep(0.05)
    try:
        yield f"http://{address}"
    finally:
        server.terminate()
        server.wait(timeout=15)
        if recorder:
            control.close()


def log_in(page: Page, address: str, folder: Path) -> None:
    """Through the first run, or the door."""
    page.goto(address)
    if code := SetupCode.ensure(folder / "state"):
        page.fill("#code", code)
        page.fill("#again", PASSWORD)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_selector(".tabs")


def shots(browser: Browser, address: str, folder: Path, out: Path, shown: str, whole: bool) -> None:
    """All pages in all forms."""
    pages = {**PAGES, "call": f"/calls/{shown}"}
    for size, (width, height) in SIZES.items():
        for language in ("pl", "en"):
            for scheme in ("light", "dark"):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    locale=language,
                    color_scheme=scheme,  # type: ignore[arg-type]
                    storage_state=folder / "session.json",
                )
                page = context.new_page()
                name = f"{size}-{language}-{scheme}"
                if whole:
                    page.goto(f"{address}/login")
                    page.screenshot(path=out / f"login-{name}.png")
                for title, path in pages.items():
                    kept = title in ("calls", "call") and (size == "phone" or scheme == "light")
                    kept |= title in KEPT and (size, scheme) == ("phone", "light")
                    if not whole and not kept:
                        continue
                    page.goto(address + path)
                    page.wait_for_timeout(150)
                    page.screenshot(path=out / f"{title}-{name}.png")
                if whole or size == "phone":
                    page.goto(address + pages["call"])
                    page.click("button.main")
                    page.wait_for_timeout(3000)
                    page.screenshot(path=out / f"player-{name}.png")
                context.close()


def running(browser: Browser, folder: Path, out: Path) -> None:
    """The list while a call is recorded."""
    state = {**IDLE, "state": "incall", "recording": True, "since_s": 83.0}
    with box(folder, {**state, "number": "221234567", "announce": "ready"}) as address:
        for language in ("pl", "en"):
            context = browser.new_context(
                viewport={"width": 390, "height": 844},
                locale=language,
                storage_state=folder / "session.json",
            )
            page = context.new_page()
            page.goto(address)
            page.wait_for_timeout(500)
            page.screenshot(path=out / f"running-phone-{language}-light.png")
            context.close()


def shrink(path: Path) -> None:
    """A picture of few colours, for the repository's sake; Pillow comes with fpdf2."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=3)
    few.save(path, optimize=True)


def main() -> int:
    """Take them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", nargs="?", type=Path, default=ROOT / "docs/screens")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, sync_playwright() as player:
        folder, empty = Path(name) / "full", Path(name) / "empty"
        shown = fill(folder / "calls")
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = player.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        with box(folder) as address:
            warm = browser.new_page()
            log_in(warm, address, folder)
            warm.goto(address)
            warm.wait_for_timeout(6000)  # the waveforms are made
            warm.context.storage_state(path=folder / "session.json")
            shots(browser, address, folder, options.out, shown, options.all)
        running(browser, folder, options.out)
        one, many = Path(name) / "one", Path(name) / "many"
        archive = Archive(one / "calls")
        recorded(
            *(archive, talk("pl-owner-hello", "pl-owner")),
            number="221234567",
            started_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        )
        houses = {"empty": empty, "one": one}
        if options.all:
            audio = Archive(many / "calls").get(fill(many / "calls"))["audio"]
            fill_up(Catalogue(many / "calls/catalogue.sqlite"), CALLS, audio)
            houses["many"] = many
        for title, house in houses.items():
            with box(house) as address:
                page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en")
                log_in(page, address, house)
                page.goto(address)
                page.wait_for_timeout(3000)
                page.reload()  # with the waveforms that were made meanwhile
                page.screenshot(path=options.out / f"{title}-phone-en-light.png")
                if options.all:
                    for path in ("storage", "alarms", "about", "people", "log", "start"):
                        page.goto(f"{address}/{path}")
                        page.screenshot(path=options.out / f"{title}-{path}-phone-en-light.png")
                page.close()
        browser.close()
    for path in options.out.glob("*.png"):
        shrink(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())

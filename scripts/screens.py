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
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from playwright.sync_api import Browser, Page, sync_playwright

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.people import People, Person
from firmware.control import ControlServer
from web.auth import SetupCode

ROOT = Path(__file__).resolve().parent.parent
PASSWORD = "a quiet evening at home"
SIZES = {"phone": (390, 844), "desk": (1280, 800)}
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


def voice(name: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """A recorded voice of the simulator, at 8 kHz."""
    samples, _ = soundfile.read(ROOT / f"firmware/simulator/voices/{name}.flac", dtype="int16")
    return np.asarray(samples)


def talk(*names: str) -> np.ndarray[Any, np.dtype[np.int16]]:
    """Voices one after the other, with the pauses of a conversation."""
    pause = np.zeros(6000, np.int16)
    return np.concatenate([part for name in names for part in (voice(name), pause)])


def recorded(archive: Archive, sound: np.ndarray[Any, np.dtype[np.int16]], **facts: Any) -> str:
    """A call with audio."""
    record = {
        "line": "1",
        "kind": "call",
        "direction": "incoming",
        "outcome": "answered",
        "answered": True,
        "rate": 8000,
        "preroll_s": 2.0,
        "rings": 2,
        "firmware": "0.1.0",
        "duration_s": round(len(sound) / 8000 - 2, 1),
        **facts,
    }
    keeper = Keeper(archive)
    held = keeper.begin(record)
    held.write(0, sound)
    keeper.finish(held, record)
    return held.id


def fill(root: Path) -> str:
    """A week of a household; the id of the call that is shown."""
    archive = Archive(root)
    now = datetime.now(UTC).replace(minute=12, second=40, microsecond=0)

    def ago(hours: float) -> dict[str, str]:
        return {"started_at": (now - timedelta(hours=hours)).isoformat(timespec="milliseconds")}

    def missed(hours: float, **facts: Any) -> None:
        archive.add_row(
            {"line": "1", "kind": "call", "direction": "incoming", "outcome": "missed"}
            | {
                "answered": False,
                "rings": 4,
                "duration_s": 0.0,
                "rate": 8000,
                **ago(hours),
                **facts,
            }
        )

    owner, collector = talk("pl-owner-hello", "pl-collector", "pl-owner"), talk("pl-collector")
    recorded(archive, owner, number="586201142", name="INKASO PLUS", **ago(170))
    missed(150, number="501502503")
    recorded(archive, collector, number="501502503", direction="outgoing", **ago(149))
    recorded(archive, talk("en-owner", "en-collector"), number="+442079460018", **ago(121))
    archive.add_row(
        {"line": "1", "kind": "blind", "direction": "", "outcome": "blind", "answered": False}
        | {"cause": "off", "duration_s": 754.0, **ago(98)}
    )
    cut = recorded(archive, collector, number="587654321", preroll_s=0.0, **ago(80))
    archive.note(cut, "?")
    missed(74, number=None, number_absent="withheld")
    flagged = recorded(archive, owner, number="221234567", name="Łucja Żółkiewska", **ago(51))
    archive.flag(flagged, True)
    private = {"private": True, "outcome": "private", "answered": True, "audio": None}
    archive.add_row(
        {"line": "1", "kind": "call", "direction": "outgoing", "rate": 8000, "duration_s": 312.0}
        | {"number": "226219810", **private, **ago(49)}
    )
    shown = recorded(
        archive,
        np.concatenate((owner, collector, owner)),
        number="586201142",
        name="INKASO PLUS",
        flags=[31.2],
        tones=[
            {"kind": "dtmf", "digit": "5", "offset": 12.0},
            {"kind": "dtmf", "digit": "1", "offset": 12.6},
        ],
        hook_events=[{"kind": "flash", "offset": 48.0}],
        **ago(26),
    )
    archive.flag(shown, True)
    archive.hold(shown, True, "owner", "sprawa sądowa")
    archive.note(shown, "Grozili komornikiem. Poproszeni o kontakt na piśmie.")
    missed(6, number="600100200", name="DR KOWALSKI")
    recorded(archive, talk("pl-owner-hello", "pl-owner"), number="221234567", **ago(5))
    recorded(archive, collector, number="586201142", name="INKASO PLUS", **ago(2))
    recorded(archive, owner, number="501502503", direction="outgoing", **ago(1))
    people = People(root / "people.json")
    people.put(Person("", "Mama", ("+48 501 502 503",)))
    people.put(Person("", "Dr Anna Kowalska", ("600 100 200", "22 621 98 10"), "never"))
    people.put(Person("", "Inkaso Plus", ("58 620 11 42",), "hold"))
    return shown


@contextmanager
def box(folder: Path, state: dict[str, Any] | None = None, recorder: bool = True) -> Iterator[str]:
    """The page as it is run, over `folder`; a recorder that answers with `state`, if any."""
    control = ControlServer(folder / "c.sock", lambda _: state or IDLE)
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
    pages = {
        "calls": "/",
        "call": f"/calls/{shown}",
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
        "export": "/export",
        "line": "/line",
        "storage": "/storage",
        "plan": "/storage/plan?days=3&free_mb=500",
        "alarms": "/alarms",
        "about": "/about",
        "proof": "/proof",
        "password": "/password",
        "error": "/nowhere",
    }
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
            warm.wait_for_timeout(2000)  # the waveforms are made
            warm.context.storage_state(path=folder / "session.json")
            shots(browser, address, folder, options.out, shown, options.all)
        with box(empty) as address:
            page = browser.new_page(viewport={"width": 390, "height": 844}, locale="en")
            log_in(page, address, empty)
            page.goto(address)
            page.screenshot(path=options.out / "empty-phone-en-light.png")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

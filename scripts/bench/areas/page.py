"""The page: what a phone waits for, with 100,000 calls with notes."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

from firmware.archive import Archive
from firmware.archive.catalogue import Catalogue
from scripts.bench.page.crowd import crowd, recording
from scripts.bench.page.first import paint, transfer
from scripts.bench.page.hearing import listening, sound
from scripts.bench.page.hook import hook
from scripts.bench.page.house import AREA, CALLS, Client, many, p95
from scripts.bench.page.judges import accessible, lighthouse
from scripts.bench.row import Row
from scripts.household import fill, recorded, talk
from scripts.screens import IDLE, box, log_in

PACKAGES = [
    "chromium|a real browser|command -v chromium",
    "pulseaudio|a private null sink as the line|command -v pulseaudio",
    "libasound2-plugins|ALSA through it|ls /usr/lib/*/alsa-lib/libasound_module_pcm_pulse.so",
    "npm|Lighthouse, which judges the page, in the benchmark only|command -v npm",
]


def measure() -> Iterator[Row]:
    """Everything, in one house."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name, sync_playwright() as play:
        folder = Path(name)
        flags = ["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
        shown = fill(folder / "calls")
        archive = Archive(folder / "calls")
        many(Catalogue(folder / "calls/catalogue.sqlite"), CALLS, archive.get(shown)["audio"])
        conversation = talk("pl-owner-hello", "pl-collector", "pl-owner", "en-collector")
        ten_minutes = np.tile(conversation, 1 + 600 * 8000 // len(conversation))[: 600 * 8000]
        long = recorded(
            archive, ten_minutes, number="221", started_at=datetime.now(UTC).isoformat()
        )
        state = dict(IDLE)
        with box(folder, state) as address:
            context = browser.new_context()
            log_in(context.new_page(), address, folder)
            session = folder / "session.json"
            context.storage_state(path=session)
            cookies = {one["name"]: one["value"] for one in context.cookies()}
            client = Client(address, cookies["session"])
            context.close()
            yield from server(client)
            yield from transfer(browser, address, session)
            yield from paint(browser, address, session)
            yield from sound(browser, address, session, long)
            yield from listening(browser)
            yield from crowd(client, long)
            yield from recording(browser)
            yield from accessible(browser, address, session, shown)
            yield from lighthouse(address, cookies["session"])
        browser.close()
    yield from hook()


def server(client: Client) -> Iterator[Row]:
    """Pages from all over the list, and searches, as a client of the running server sees them."""
    rng = random.Random(2)
    client.timed("/")
    time.sleep(5)  # the waveforms of the first page are made
    keys = [256 * rng.randrange(100, CALLS) for _ in range(100)]
    listed = [client.timed(f"/?before={key}") for key in keys]
    yield Row(AREA, "list page p95, 100,000 calls", p95(listed), "ms", "<= 30")
    words = ["faktur", "lukasz", "nowak", "zolk", "2210", "221000070", "nr+9999", "anna+kow"]
    words += ["umowie", "swietoslawa+maka", "z", "22"]
    found = [client.timed(f"/?q={rng.choice(words)}") for _ in range(100)]
    yield Row(AREA, "search p95, 100,000 calls", p95(found), "ms", "<= 40")

"""From the pin of the hook to the page."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from scripts.bench.page.house import AREA
from scripts.bench.row import Row
from scripts.screens import box, log_in


def hook() -> Iterator[Row]:
    """From the pin of the hook to the words on the page, the whole box running; worst of six."""
    times = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        for waited_ms in _hook_times(Path(name)):
            times.append(waited_ms)
    yield Row(AREA, "hook change to page, worst of 6", round(max(times)), "ms", "<= 500")


def _hook_times(folder: Path) -> Iterator[float]:
    from dataclasses import replace

    from firmware.config import ArchiveConfig, Config, StateConfig
    from firmware.daemon import Daemon
    from firmware.line.profile import HatProfile
    from firmware.simulator.pins import PinDriver, line_factory
    from firmware.simulator.scenario import load_scenario
    from firmware.simulator.source import RealtimeSource
    from firmware.simulator.timeline import build

    config = replace(
        Config(),
        archive=ArchiveConfig(str(folder / "calls")),
        state=StateConfig(str(folder / "state"), str(folder / "c.sock")),
    )
    profile, factory = HatProfile.default(), line_factory()
    source, pins = RealtimeSource(build(load_scenario("demo"))), PinDriver(profile, factory)
    daemon = Daemon(config, source, profile, lambda: factory)
    daemon.start()
    try:
        with box(folder, recorder=False) as address, sync_playwright() as play:
            flags = ["--no-sandbox"]
            browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=flags)
            page = browser.new_page()
            log_in(page, address, folder)
            page.wait_for_timeout(1500)
            for _ in range(3):
                for lifted, words in ((True, "incall"), (False, "idle")):
                    page.evaluate(
                        "window.changed = new Promise((done) => new MutationObserver(() =>"
                        f" document.getElementById('line').matches('.{words}') && done(Date.now()))"
                        ".observe(document.getElementById('line'), {attributes: true}));0"
                    )
                    began = time.time()
                    pins.apply("offhook", lifted)
                    seen = float(page.evaluate("window.changed"))
                    yield seen - began * 1000
                    page.wait_for_timeout(1500)
            browser.close()
    finally:
        daemon.stop()

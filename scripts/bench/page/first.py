"""A first visit of a telephone: bytes over the wire, and when there is something to see."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext

from scripts.bench.page.house import AREA
from scripts.bench.row import Row

ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "web/static"
PIXEL_7 = {"viewport": {"width": 412, "height": 839}, "device_scale_factor": 2.625}
PIXEL_7 |= {"is_mobile": True, "has_touch": True}


def visit(browser: Browser, session: Path, **more: Any) -> BrowserContext:
    return browser.new_context(storage_state=session, **{**PIXEL_7, **more})


def transfer(browser: Browser, address: str, session: Path) -> Iterator[Row]:
    """Bytes over the wire of a first visit, headers included, until nothing more comes."""
    context = visit(browser, session)
    page = context.new_page()
    tool, sizes = context.new_cdp_session(page), []
    tool.send("Network.enable")
    tool.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    page.goto(address)
    page.wait_for_timeout(1500)
    context.close()
    yield Row(AREA, "first load transferred", round(sum(sizes) / 1000, 1), "kB", "<= 60")
    scripts = sum(len(gzip.compress(one.read_bytes(), 9)) for one in STATIC.glob("*.js"))
    yield Row(AREA, "all scripts, gzipped", round(scripts / 1000, 1), "kB", "<= 45")


def paint(browser: Browser, address: str, session: Path) -> Iterator[Row]:
    """First contentful paint with a slow processor and an empty cache, the median of seven."""
    for slower, goal in ((4, "<= 0.8"), (6, "<= 1.4")):
        times = []
        for _ in range(7):
            context = visit(browser, session)
            page = context.new_page()
            tool = context.new_cdp_session(page)
            tool.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            page.goto(address)
            page.wait_for_timeout(300)
            entry = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"
            times.append(page.evaluate(entry))
            context.close()
        middle = sorted(times)[3] / 1000
        name = f"first contentful paint, Pixel 7, cold, processor {slower} times slower"
        yield Row(AREA, name, round(middle, 2), "s", goal)

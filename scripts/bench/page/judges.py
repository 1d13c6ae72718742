"""What others say of the page: axe and Lighthouse."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser

from scripts.bench.page.house import AREA
from scripts.bench.row import Row

TOOLS = Path(__file__).resolve().parents[3] / ".cache/lighthouse"
LIGHTHOUSE = "lighthouse@13"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def accessible(browser: Browser, address: str, session: Path, call_id: str) -> Iterator[Row]:
    """axe over every page, in both languages and both schemes."""
    found, looked = 0, 0
    paths = ["/", "/?select=1", "/?q=nobody", "/?number=586201142", f"/calls/{call_id}", "/people"]
    paths += ["/people/new", "/settings", "/log", "/nowhere", "/live/private"]
    paths += ["/start", "/line", "/users", "/tokens", "/password", "/export"]
    paths += ["/storage", "/storage/plan?days=1", "/alarms", "/about", "/proof"]
    paths += ["/consent", "/line/wizard", "/cases", "/subject", "/stop", "/proof/verify"]
    for language in ("pl", "en"):
        for scheme in ("light", "dark"):
            for width in (390, 1280):
                context = browser.new_context(
                    storage_state=session,
                    locale=language,
                    color_scheme=scheme,  # type: ignore[arg-type]
                    viewport={"width": width, "height": 844},
                )
                page = context.new_page()
                for path in paths:
                    page.goto(address + path)
                    page.evaluate(AXE)
                    found += len(page.evaluate("axe.run().then((said) => said.violations)"))
                    looked += 1
                context.close()
    yield Row(AREA, f"axe violations on {looked} pages", found, "", "= 0")


def lighthouse(address: str, cookie: str) -> Iterator[Row]:
    """Lighthouse's mobile scores of the list, the median of three."""
    program = TOOLS / "node_modules/lighthouse/cli/index.js"
    if not program.exists():
        TOOLS.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--prefix", str(TOOLS)]
        subprocess.run([*install, LIGHTHOUSE], check=True, stdout=subprocess.DEVNULL)
    scores: dict[str, list[float]] = {"performance": [], "accessibility": []}
    with tempfile.TemporaryDirectory() as name:
        headers = Path(name) / "headers.json"
        headers.write_text(json.dumps({"Cookie": f"session={cookie}"}))
        for _ in range(3):
            done = subprocess.run(
                ["node", str(program), address, "--quiet", "--output=json"]
                + ["--only-categories=performance,accessibility", f"--extra-headers={headers}"]
                + ["--chrome-flags=--headless=new --no-sandbox"],
                env={**os.environ, "CHROME_PATH": "/usr/bin/chromium"},
                stdout=subprocess.PIPE,
                check=True,
            )
            said = json.loads(done.stdout)["categories"]
            for category, found in scores.items():
                found.append(said[category]["score"])
    for (category, found), goal in zip(scores.items(), (">= 0.98", ">= 1.00"), strict=True):
        yield Row(AREA, f"Lighthouse mobile, {category}", sorted(found)[1], "", goal)

"""The page: what a phone waits for, with 100,000 calls with notes."""

from __future__ import annotations

import gzip
import json
import os
import random
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import axe_playwright_python
import numpy as np
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from firmware.archive import Archive
from firmware.archive.catalogue import Catalogue
from firmware.control import ControlServer
from scripts.bench.row import Row
from scripts.screens import IDLE, box, fill, log_in, recorded, talk

PACKAGES = [
    "chromium|a real browser|command -v chromium",
    "npm|Lighthouse, which judges the page, in the benchmark only|command -v npm",
]
AREA = "page"
CALLS = 100_000
ROOT = Path(__file__).resolve().parents[3]
STATIC = ROOT / "web/static"
TOOLS = ROOT / ".cache/lighthouse"
LIGHTHOUSE = "lighthouse@13"
AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
PIXEL_7 = {"viewport": {"width": 412, "height": 839}, "device_scale_factor": 2.625}
PIXEL_7 |= {"is_mobile": True, "has_touch": True}
FIRST = ["Łukasz", "Anna", "Zażółć", "Piotr", "Ewa", "Świętosława", "John", "Mary"]
LAST = ["Kowalski", "Nowak", "Wójcik", "Żółkiewska", "Smith", "Mąka"]
# When each impulse leaves the loudspeaker, in milliseconds since 1970.
HEARD = """window.heard = []; const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (when) {
  const samples = this.buffer.getChannelData(0), at = samples.findIndex((one) => one > 0.5);
  const latency = this.context.outputLatency || this.context.baseLatency;
  if (at >= 0) window.heard.push(Date.now() + 1000 * (
    when + at / this.buffer.sampleRate - this.context.currentTime + latency));
  return start.call(this, when);
};"""
AUDIO = "document.getElementById('player-audio')"


def many(catalogue: Catalogue, count: int, audio: str) -> None:
    """Rows as the recorder enters them, each with a note; they share one recording."""
    rng, now = random.Random(1), datetime.now(UTC)
    last = catalogue.last_sequence("1")
    with catalogue._connected() as base:
        for one in range(1, count + 1):
            started = now - timedelta(minutes=30 * (count - one) + 60)
            record = {
                "id": f"0190-{one:08}",
                "line": "1",
                "kind": "call",
                "sequence": last + one,
                "started_at": started.isoformat(timespec="milliseconds"),
                "number": f"22{1_000_000 + 7 * rng.randrange(5000)}",
                "name": f"{rng.choice(FIRST)} {rng.choice(LAST)}",
                "direction": rng.choice(["incoming", "outgoing"]),
                "outcome": "answered",
                "answered": True,
                "audio": audio,
                "note": f"rozmowa o fakturze nr {one} i umowie",
                "flagged": rng.random() < 0.01,
                "duration_s": 60.0,
                "frames_expected": 480_000,
                "frames_stored": 480_000,
                "tones": [{"kind": "dtmf", "digit": "5", "offset": 1.0}] * 4,
                "sha256_pcm": "a" * 64,
                "sha256_file": "b" * 64,
            }
            values = [record["id"], "1", record["sequence"], record["started_at"]]
            values += [record["number"], int(bool(record["flagged"])), "p", json.dumps(record)]
            base.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def p95(times: list[float]) -> float:
    """The 95th percentile, in milliseconds."""
    return round(sorted(times)[int(len(times) * 0.95)] * 1000, 1)


class Client:
    """A logged-in HTTP client over one connection for each request."""

    def __init__(self, address: str, cookie: str) -> None:
        self.address = address
        self._headers = {"Cookie": f"session={cookie}", "Accept-Encoding": "gzip"}

    def open(self, path: str) -> Any:
        request = urllib.request.Request(self.address + path, headers=self._headers)
        return urllib.request.urlopen(request, timeout=30)

    def timed(self, path: str) -> float:
        began = time.perf_counter()
        with self.open(path) as answer:
            answer.read()
        return time.perf_counter() - began

    def page(self, path: str) -> str:
        with self.open(path) as answer:
            return gzip.decompress(answer.read()).decode()


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


def waited(page: Page, before: str, check: str) -> float:
    """Milliseconds from the start of `before` in the page until `check` is true there."""
    script = f"""new Promise((done) => {{
        const began = performance.now();
        {before};
        const look = () => ({check}) ? done(performance.now() - began) : setTimeout(look, 4);
        look();
    }})"""
    return float(page.evaluate(script))


def sound(browser: Browser, address: str, session: Path, call_id: str) -> Iterator[Row]:
    """A ten-minute call, whose waveform and MP3 were made when its page was first looked at."""
    context = visit(browser, session)
    page = context.new_page()
    page.goto(f"{address}/calls/{call_id}")
    page.wait_for_timeout(8000)
    tool = context.new_cdp_session(page)
    tool.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    ranged: list[bool] = []
    page.on(
        "request",
        lambda one: "audio." in one.url and ranged.append("range" in one.headers),
    )
    taps, seeks = [], []
    for _ in range(20):
        page.goto(f"{address}/calls/{call_id}")
        page.wait_for_timeout(300)
        press = "document.querySelector('main button.main').click()"
        taps.append(waited(page, press, f"{AUDIO}.currentTime > 0") / 1000)
        for place in (0.5, 0.1):
            jump = (
                "const wave = document.getElementById('player-wave'),"
                " box = wave.getBoundingClientRect(), at = (kind) => wave.dispatchEvent("
                "new PointerEvent(kind, {pointerId: 1, button: 0, bubbles: true,"
                f" clientX: box.left + box.width * {place}, clientY: box.top + 5}}));"
                "wave.setPointerCapture = () => {}; let sought = false;"
                f"{AUDIO}.addEventListener('seeked', () => (sought = true), {{once: true}});"
                "at('pointerdown'); at('pointerup')"
            )
            seeks.append(waited(page, jump, "sought") / 1000)
    context.close()
    yield Row(AREA, "tap to sound, 10-minute call, p95", p95(taps), "ms", "<= 600")
    whole = sum(not one for one in ranged)
    yield Row(AREA, "requests for a whole recording among them", whole, "", "= 0")
    yield Row(AREA, "seek in it, p95", p95(seeks), "ms", "<= 150")


def listening(browser: Browser) -> Iterator[Row]:
    """From the second in which a sound was captured to the one in which the loudspeaker has it.

    A recorder's socket gives 20 ms periods in real time with an impulse in each second.
    """
    answers = {"listen": {"ok": True, "rate": 8000}}
    running = {**IDLE, "state": "incall", "recording": True, "since_s": 1.0}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        control = ControlServer(folder / "c.sock", lambda one: answers.get(one["do"], running))
        control.start()
        with box(folder, recorder=False) as address:
            context = browser.new_context(**PIXEL_7)
            page = context.new_page()
            page.add_init_script(HEARD)
            log_in(page, address, folder)
            page.click("[data-listen]")
            while not control.listened:
                time.sleep(0.02)
            captured, begun = [], time.time()
            for one in range(50 * 12):
                block = np.zeros(160, "<i2")
                if one % 50 == 25:
                    block[0] = 30000
                    captured.append(begun + one * 0.02)
                time.sleep(max(0.0, begun + (one + 1) * 0.02 - time.time()))
                control.send_audio(160 * one, block.tobytes())
            page.wait_for_timeout(500)
            heard = page.evaluate("window.heard")
            context.close()
        control.close()
    if len(heard) < len(captured) - 2:
        raise RuntimeError(f"of {len(captured)} impulses {len(heard)} were heard")
    delays = [min(one / 1000 - at for at in captured if one / 1000 > at) for one in heard]
    yield Row(
        AREA, "listen now, captured to played, worst", round(max(delays) * 1000), "ms", "<= 500"
    )


def crowd(client: Client, call_id: str) -> Iterator[Row]:
    """12 event streams and 3 downloads, and then 500 connections that ask for nothing."""
    time.sleep(2.5)  # the streams of the pages before are free again
    streams = [client.open("/live/events") for _ in range(12)]
    over = threading.Event()

    def download() -> None:
        while not over.is_set():
            client.timed(f"/calls/{call_id}/audio.flac?download=1")

    loads = [threading.Thread(target=download) for _ in range(3)]
    for one in loads:
        one.start()
    times = [client.timed("/") for _ in range(60)]
    over.set()
    for one in loads:
        one.join()
    yield Row(
        AREA, "list page p95 with 12 event streams and 3 downloads", p95(times), "ms", "<= 100"
    )
    host, port = client.address.removeprefix("http://").split(":")
    held = []
    for number in range(500):
        one = socket.create_connection((host, int(port)), 5)
        if number % 2:
            one.sendall(b"GET / HTTP/1.1\r\nHost: ")
        held.append(one)
    slowest = max(client.timed("/") for _ in range(10))
    yield Row(
        AREA, "list page with 500 half-open connections, slowest of 10", round(slowest, 3), "s",
        "<= 1",
    )  # fmt: skip
    for one in (*held, *streams):
        one.close()


def accessible(browser: Browser, address: str, session: Path, call_id: str) -> Iterator[Row]:
    """axe over every page, in both languages and both schemes."""
    found, looked = 0, 0
    paths = ["/", "/?select=1", "/?q=nobody", "/?number=586201142", f"/calls/{call_id}", "/people"]
    paths += ["/people/new", "/settings", "/log", "/nowhere", "/live/private"]
    paths += ["/start", "/line", "/users", "/tokens", "/password", "/export"]
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
    daemon = Daemon(config, source, profile, factory)
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

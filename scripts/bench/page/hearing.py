"""How long one waits for sound: of a recording, and of the running call."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page

from firmware.control import ControlServer
from scripts.bench.page.first import PIXEL_7, visit
from scripts.bench.page.house import AREA, p95
from scripts.bench.row import Row
from scripts.screens import IDLE, box, log_in

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

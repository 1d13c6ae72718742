"""The page's process: what it takes idle and while it serves."""

from __future__ import annotations

import http.cookiejar
import re
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from firmware.archive import Archive
from firmware.simulate import simulate
from firmware.simulator.scenario import load_scenario
from scripts.bench.process import free_address, resident_mb, started, wait_for
from scripts.bench.row import Row
from web.auth import SetupCode

AREA = "web"
PASSWORD = "a quiet evening at home"
CLIENTS = 8
ROUNDS = 40


class Visitor:
    """A browser's cookie jar and forms, without the browser."""

    def __init__(self, address: str) -> None:
        self._base = f"http://{address}"
        jar = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(jar)

    def get(self, path: str, first: int | None = None) -> bytes:
        request = urllib.request.Request(self._base + path)
        if first is not None:
            request.add_header("Range", f"bytes={first}-")
        with self._opener.open(request, timeout=30) as answer:
            return bytes(answer.read())

    def post(self, path: str, **fields: str) -> None:
        token = re.search(rb'name="csrf_token" value="([^"]+)"', self.get(path))
        if token is None:
            raise ValueError(f"{path} has no form")
        data = urllib.parse.urlencode({**fields, "csrf_token": token[1].decode()}).encode()
        self._opener.open(self._base + path, data, timeout=30).close()


def _answers(address: str) -> bool:
    try:
        urllib.request.urlopen(f"http://{address}/healthz", timeout=5).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def measure() -> Iterator[Row]:
    """Memory by proportional set size: the two processes of gunicorn share most of their pages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for scenario in ("incoming-bellcore", "missed", "outgoing-dtmf", "demo"):
            simulate(load_scenario(scenario), folder / "calls")
        state = folder / "state"
        code = SetupCode.ensure(state) or ""
        address = free_address()
        words = ("-m", "web.serve", "--bind", address, "--archive", str(folder / "calls"))
        words += ("--control", str(folder / "none.sock"), "--state", str(state))
        with started(*words) as process:
            wait_for(lambda: _answers(address))
            time.sleep(3)
            yield Row(AREA, "memory idle", resident_mb(process.pid), "MB", "<= 70")
            visitor = Visitor(address)
            visitor.post("/setup", code=code, password=PASSWORD, again=PASSWORD)
            call = Archive(folder / "calls").calls(limit=1)[0]["id"]
            highest = _serve(process.pid, visitor, call)
            yield Row(AREA, f"memory serving {CLIENTS} browsers", highest, "MB", "<= 120")


def _serve(pid: int, visitor: Visitor, call: str) -> float:
    """The highest memory while browsers list, open and play."""

    def browse() -> None:
        for number in range(ROUNDS):
            visitor.get("/")
            visitor.get(f"/calls/{call}")
            visitor.get(f"/calls/{call}/audio.mp3", first=number)

    browsers = [threading.Thread(target=browse) for _ in range(CLIENTS)]
    for one in browsers:
        one.start()
    highest = 0.0
    while any(one.is_alive() for one in browsers):
        highest = max(highest, resident_mb(pid))
        time.sleep(0.1)
    return highest

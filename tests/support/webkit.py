"""Debian's WebKitGTK, driven by WebDriver: the engine of Safari, as near as Linux has it."""

from __future__ import annotations

import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from scripts.bench.process import free_address
from tests.support.sound import null_sink


class WebKit:
    """One window."""

    def __init__(self, address: str, binary: Path) -> None:
        self._address = f"http://{address}"
        options = {"binary": str(binary), "args": ["--automation"]}
        wanted = {"browserName": "MiniBrowser", "webkitgtk:browserOptions": options}
        made = self.ask("POST", "/session", capabilities={"alwaysMatch": wanted})
        self._session = f"/session/{made['sessionId']}"

    def ask(self, method: str, path: str, **body: Any) -> Any:
        """Send a command; what it gives."""
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self._address + path, data, method=method)
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.loads(answer.read())["value"]

    def open(self, address: str) -> None:
        """Load a page whole."""
        self.ask("POST", f"{self._session}/url", url=address)

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        said = f"return ({script})"
        return self.ask("POST", f"{self._session}/execute/sync", script=said, args=[])

    def click(self, selector: str) -> None:
        """Click as a person does: sound may begin by it."""
        found = self.ask("POST", f"{self._session}/element", using="css selector", value=selector)
        [element] = found.values()
        self.ask("POST", f"{self._session}/element/{element}/click")

    def until(self, script: str) -> None:
        """Wait for an expression to be true."""
        for _ in range(200):
            if self.run(script):
                return
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def close(self) -> None:
        self.ask("DELETE", self._session)


def binary() -> Path:
    """Debian's MiniBrowser, which the driver starts."""
    [found] = Path("/usr/lib").glob("*/webkit2gtk-4.1/MiniBrowser")
    return found


@contextmanager
def webkit(folder: Path) -> Iterator[WebKit]:
    """A browser on a display and a sound server of its own."""
    folder.mkdir()
    with ExitStack() as stack:
        sink = stack.enter_context(null_sink(folder))
        shown, told = os.pipe()
        display = subprocess.Popen(
            ["Xvfb", "-displayfd", str(told), "-screen", "0", "420x900x24", "-nolisten", "tcp"],
            pass_fds=[told],
            stderr=subprocess.DEVNULL,
        )
        stack.callback(_ended, display)
        os.close(told)
        with os.fdopen(shown) as said:
            number = said.readline().strip()
        address = free_address()
        own = {"DISPLAY": f":{number}", "PULSE_SERVER": f"unix:{sink.socket}"}
        own |= {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder), "LANG": "C.UTF-8"}
        own |= {"WEBKIT_DISABLE_COMPOSITING_MODE": "1", "LIBGL_ALWAYS_SOFTWARE": "1"}
        driver = subprocess.Popen(
            ["WebKitWebDriver", f"--port={address.rpartition(':')[2]}"],
            env={**os.environ, **own},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(_ended, driver)
        for _ in range(200):
            try:
                urllib.request.urlopen(f"http://{address}/status", timeout=5).close()
                break
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        driven = WebKit(address, binary())
        try:
            yield driven
        finally:
            driven.close()


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(timeout=30)

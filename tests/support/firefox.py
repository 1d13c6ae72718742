"""Debian's firefox-esr, driven by WebDriver BiDi: a second engine without another driver."""

from __future__ import annotations

import itertools
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import websocket

PREFERENCES = {
    "media.autoplay.default": 0,
    "intl.accept_languages": "en",
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
}


class Firefox:
    """One tab."""

    def __init__(self, address: str) -> None:
        self._numbers = itertools.count(1)
        self._socket = websocket.create_connection(f"{address}/session", suppress_origin=True)
        self._socket.settimeout(60)
        self.ask("session.new", capabilities={})
        self._tab = self.ask("browsingContext.getTree")["contexts"][0]["context"]

    def ask(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and wait for its answer."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == number:
                assert answer["type"] == "success", answer
                found: dict[str, Any] = answer["result"]
                return found

    def open(self, address: str) -> None:
        """Load a page whole."""
        self.ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        answer = self.ask(
            "script.evaluate",
            expression=script,
            target={"context": self._tab},
            awaitPromise=True,
            userActivation=True,
        )
        assert answer["type"] == "success", answer
        return answer["result"].get("value")

    def click(self, selector: str) -> None:
        """Click it as a script does, on behalf of a person."""
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def until(self, script: str) -> None:
        """Wait for an expression to be true, over a change of pages too."""
        for _ in range(200):
            if self.run(script):
                return
            time.sleep(0.05)
        raise AssertionError(f"never true: {script}")

    def close(self) -> None:
        self._socket.close()


@contextmanager
def firefox(folder: Path) -> Iterator[Firefox]:
    """A headless browser with a profile of its own."""
    lines = [f'user_pref("{key}", {json.dumps(value)});' for key, value in PREFERENCES.items()]
    folder.mkdir()
    (folder / "user.js").write_text("\n".join(lines))
    browser = subprocess.Popen(
        ["firefox-esr", "--headless", "--remote-debugging-port=0", "--profile", str(folder)]
        + ["--no-remote", "about:blank"],
        env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "MOZ_HEADLESS": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert browser.stderr is not None
    try:
        for line in browser.stderr:
            if found := re.search(r"BiDi listening on (ws://\S+)", line):
                break
        else:
            raise AssertionError("firefox-esr ended before it could be driven")
        driven = Firefox(found[1])
        yield driven
        driven.close()
    finally:
        browser.terminate()
        browser.communicate(timeout=30)

"""A page over a real archive, and a recorder that answers on a real socket."""

import json
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask.testing import FlaskClient

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.vault import Vault
from firmware.control import ControlServer
from web.app import create_app
from web.auth import SetupCode
from web.tokens import SCOPES, Tokens

PASSWORD = "correct horse battery"


def until(check: Callable[[], bool]) -> None:
    """Wait for what a thread does."""
    for _ in range(200):
        if check():
            return
        time.sleep(0.02)
    raise AssertionError("it never came to that")


class Page:
    """A browser without JavaScript."""

    def __init__(self, folder: Path, sealed: bool = False) -> None:
        self.folder = folder
        memory = folder / "run"
        memory.mkdir()
        vault = Vault(folder / "state", sealed, memory) if sealed else None
        self.archive = Archive(folder / "calls", vault=vault)
        self.state: dict[str, Any] = {
            "ok": True,
            "state": "idle",
            "number": None,
            "alarms": {},
            "hook": "gpio",
            "recording": False,
            "since_s": None,
            "flag_pressed_ago_s": None,
        }
        self.answers: dict[str, dict[str, Any]] = {}
        self.asked: list[dict[str, Any]] = []
        control = (memory if sealed else folder) / "c.sock"
        self.control = ControlServer(control, self.answer)
        self.app = create_app(folder / "calls", control, folder / "state")
        self.client: FlaskClient = self.app.test_client()

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(message)
        return self.answers.get(message["do"], self.state)

    def get(self, path: str, **more: Any) -> Any:
        return self.client.get(path, **more)

    def send(self, path: str, form: str = "", **fields: str) -> Any:
        """Open `form` (or `path`) and send it to `path` with its CSRF token."""
        text = self.client.get(form or path).get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', text)
        data = {"csrf_token": token[1] if token else "", **fields}
        return self.client.post(path, data=data)

    def log_in(self) -> None:
        code = SetupCode.ensure(self.folder / "state") or ""
        assert self.send("/setup", code=code, password=PASSWORD, again=PASSWORD).status_code == 302

    def access_log(self) -> list[dict[str, Any]]:
        path = self.folder / "state/access.jsonl"
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()]

    def call(self, sound: Any = None, **facts: Any) -> dict[str, Any]:
        """A recorded call of a second, or of (n,) int16 samples."""
        record = {
            "line": "1",
            "kind": "call",
            "direction": "incoming",
            "outcome": "answered",
            "number": "221234567",
            "started_at": "2026-03-04T05:06:07.000+00:00",
            "duration_s": 1.0,
            "rate": 8000,
            "answered": True,
            "preroll_s": 0.2,
            **facts,
        }
        if not record["answered"] or record.get("private"):
            return self.archive.add_row(record)
        keeper = Keeper(self.archive)
        held = keeper.begin(record)
        tone = 8000 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)
        held.write(0, tone.astype(np.int16) if sound is None else sound)
        keeper.finish(held, record)
        return self.archive.get(held.id)


@pytest.fixture
def fresh() -> Iterator[Page]:
    """A box at its first run."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        made = Page(Path(folder))
        made.control.start()
        yield made
        made.control.close()


@pytest.fixture
def page(fresh: Page) -> Page:
    """A box whose owner is logged in."""
    fresh.log_in()
    return fresh


class Program:
    """Something with a token."""

    def __init__(self, page: Page, *scopes: str) -> None:
        _, secret = Tokens(page.folder / "state/tokens.json").make("test", scopes)
        self.headers = {"Authorization": f"Bearer {secret}"}
        self.client = page.app.test_client()

    def ask(self, method: str, path: str, **more: Any) -> Any:
        return self.client.open(f"/api/v1{path}", method=method, headers=self.headers, **more)


@pytest.fixture
def program(page: Page) -> Iterator[Program]:
    yield Program(page, *SCOPES)

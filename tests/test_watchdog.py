"""systemd is told that all is well only while samples flow and are worked on."""

import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware.watchdog import Watchdog
from tests.support.box import Box, eventually


class Systemd:
    """A socket such as systemd gives."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "notify"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(self.path))
        self._socket.setblocking(False)

    def told(self) -> list[str]:
        found = []
        try:
            while True:
                found.append(self._socket.recv(100).decode())
        except BlockingIOError:
            return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture
def systemd(folder: Path) -> Iterator[Systemd]:
    made = Systemd(folder)
    yield made
    made.close()


def test_it_is_fed_once_a_second_while_samples_flow(systemd: Systemd) -> None:
    watchdog = Watchdog({"NOTIFY_SOCKET": str(systemd.path)})
    watchdog.ready()
    for period in range(200):
        watchdog.flows(period / 50, period / 50)
    assert systemd.told() == ["READY=1"] + ["WATCHDOG=1"] * 4


def test_it_is_not_fed_when_nobody_works_on_what_is_captured(systemd: Systemd) -> None:
    watchdog = Watchdog({"NOTIFY_SOCKET": str(systemd.path)})
    watchdog.flows(10.0, 4.0)
    assert systemd.told() == []


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    monkeypatch.setattr(socket, "socket", lambda *_: opened.append(_))
    watchdog = Watchdog({})
    watchdog.ready()
    watchdog.flows(10.0, 10.0)
    assert opened == []


def test_systemd_that_went_away_does_not_stop_the_recorder(folder: Path) -> None:
    Watchdog({"NOTIFY_SOCKET": str(folder / "nobody")}).ready()


def test_the_recorder_feeds_it_until_the_card_gives_nothing(
    folder: Path, systemd: Systemd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(systemd.path))
    box = Box(folder / "box")
    box.daemon.start()
    try:
        told: list[str] = []

        def fed() -> bool:
            told.extend(systemd.told())
            return "WATCHDOG=1" in told

        eventually(fed)
        assert told[0] == "READY=1"
        box.source.last_error = "The card is gone."
        eventually(lambda: box.state()["alarms"])
        systemd.told()
        time.sleep(1.5)
        assert systemd.told() == []
    finally:
        box.daemon.stop()

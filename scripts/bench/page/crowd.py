"""Many at once: streams, downloads, connections that ask for nothing, and a recorder beside."""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import numpy as np
import soundfile
from playwright.sync_api import Browser

from firmware.archive import Archive
from firmware.control import ControlClient
from scripts.bench.page.house import AREA, Client, p95
from scripts.bench.process import started, wait_for
from scripts.bench.row import Row
from scripts.household import fill
from scripts.screens import box, log_in
from tests.support.sound import compared, null_sink

CONNECTIONS = 500
RECORDED_S = 40
PLAYER = os.sched_param(10)  # it stands for the line, which never waits
RECORDER_NICE = -10  # tipring-recorder.service


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
    for one in streams:
        one.close()


@contextmanager
def half_open(address: str) -> Iterator[None]:
    """Connections that say nothing, or half a request, or half of a form."""
    host, port = address.removeprefix("http://").split(":")
    said = (
        b"",
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST /login HTTP/1.1\r\nContent-Length: 90\r\n\r\nx",
    )
    held = []
    for number in range(CONNECTIONS):
        one = socket.create_connection((host, int(port)), 5)
        one.sendall(said[number % len(said)])
        held.append(one)
    try:
        yield
    finally:
        for one in held:
            one.close()


def recording(browser: Browser) -> Iterator[Row]:
    """The real recorder on real ALSA records while the page is pressed; sample for sample."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        fill(folder / "calls")
        (folder / "tipring.toml").write_text(
            f'[archive]\ndirectory = "{folder}/calls"\nmedia = ""\n'
            f'[audio]\ndevice = "line_in"\n[line]\npins = "mock"\nhook = "vox"\n'
            f'[state]\ndirectory = "{folder}/state"\ncontrol = "{folder}/c.sock"\n'
        )
        played = np.random.default_rng(7).integers(1, 8000, RECORDED_S * 8000, dtype=np.int16)
        words = ("-m", "firmware.cli", "run", "--config", str(folder / "tipring.toml"))
        with null_sink(folder) as sink, box(folder, recorder=False) as address:
            context = browser.new_context()
            log_in(context.new_page(), address, folder)
            cookies = {one["name"]: one["value"] for one in context.cookies()}
            context.close()
            client, times = Client(address, cookies["session"]), []
            with started(*words) as recorder:
                control = ControlClient(folder / "c.sock")
                wait_for((folder / "c.sock").exists)
                time.sleep(2)
                _priority(recorder.pid, nice=RECORDER_NICE)
                _priority(sink.pid)
                player = sink.play(played)
                _priority(player.pid)
                wait_for(lambda: control.request({"do": "state"})["recording"])
                while player.poll() is None:  # each is shown out after ten seconds
                    with half_open(address):
                        times += [client.timed("/") for _ in range(30)]
                time.sleep(1)
        call = Archive(folder / "calls").calls(limit=1)[0]
        stored, _rate = soundfile.read(folder / "calls" / call["audio"], dtype="int16")
    name = f"list page p95 with {CONNECTIONS} half-open connections, a call being recorded"
    yield Row(AREA, name, round(p95(times) / 1000, 3), "s", "<= 1")
    lost, _filled = compared(played, stored)
    lost += sum(int(one["count"]) for one in call["gaps"])
    yield Row(AREA, f"samples of it lost, of {len(played)}", lost, "", "= 0")


def _priority(pid: int, nice: int | None = None) -> None:
    """Of every thread: as the unit gives it, or in real time; without root as it is."""
    with suppress(PermissionError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            if nice is None:
                os.sched_setscheduler(int(thread.name), os.SCHED_RR, PLAYER)
            else:
                os.setpriority(os.PRIO_PROCESS, int(thread.name), nice)

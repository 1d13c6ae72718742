"""A box with very many calls, and who asks it."""

from __future__ import annotations

import gzip
import json
import random
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from typing import Any

from firmware.archive.catalogue import Catalogue

AREA = "page"
CALLS = 100_000
FIRST = ["Łukasz", "Anna", "Zażółć", "Piotr", "Ewa", "Świętosława", "John", "Mary"]
LAST = ["Kowalski", "Nowak", "Wójcik", "Żółkiewska", "Smith", "Mąka"]


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
                "preroll_s": 2.0,
                "clock_source": "ntp",
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

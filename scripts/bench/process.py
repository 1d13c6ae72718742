"""A recorder and a page as processes of their own, and what they take of the machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
Found = TypeVar("Found")


class Timeout(Exception):
    """What was waited for did not come."""


def wait_for(
    check: Callable[[], Found | None], seconds: float = 30.0, pause: float = 0.01
) -> Found:
    """What `check` gives as soon as it gives something. Raises Timeout."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if found := check():
            return found
        time.sleep(pause)
    raise Timeout


@contextmanager
def started(*words: str) -> Iterator[subprocess.Popen[str]]:
    """`python WORDS`, terminated at the end."""
    process = subprocess.Popen(
        [sys.executable, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def family(pid: int) -> list[int]:
    """The process and all its descendants."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task").glob("*/children"):
        for one in child.read_text().split():
            found += family(int(one))
    return found


def resident_mb(pid: int) -> float:
    """Memory of the process and its descendants, pages they share counted once (PSS), in MB."""
    total = 0
    for one in family(pid):
        for line in Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1])
    return round(total / 1024, 1)


def processor_s(pid: int) -> float:
    """Processor time that the process has used, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def free_address() -> str:
    """A loopback address nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"

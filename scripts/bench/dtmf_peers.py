"""What hears digits in a sound: our decoder, spandsp's and multimon-ng's, on the same samples."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import soxr
from numpy.typing import NDArray

from firmware.events import DtmfDigit
from firmware.signals.dtmf import DtmfDecoder

RATE = 8000
MULTIMON_RATE = 22050
SOURCE = Path(__file__).resolve().parent / "peers" / "spandsp_dtmf.c"

Pcm = NDArray[np.int16]


def our_events(pcm: Pcm) -> list[DtmfDigit]:
    """The digits that our decoder hears, with their places."""
    decoder = DtmfDecoder()
    found = [*decoder.feed(pcm.astype(np.float32) / np.float32(32768)), *decoder.flush()]
    return [one for one in found if isinstance(one, DtmfDigit)]


def ours(pcm: Pcm) -> str:
    """The digits that our decoder hears, as text."""
    return "".join(one.digit for one in our_events(pcm))


def our_seconds(pcm: Pcm) -> float:
    """Processor seconds for all of it; the samples are floats already, as the codec gives them."""
    samples = pcm.astype(np.float32) / np.float32(32768)
    decoder = DtmfDecoder()
    began = time.process_time()
    decoder.feed(samples)
    return time.process_time() - began


class Peers:
    """spandsp (a small program compiled here) and multimon-ng, as Debian has them."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._path = Path(self._folder.name)
        self._program = self._path / "spandsp_dtmf"
        libraries = ["-lspandsp", "-ltiff", "-lm"]
        command = ["gcc", "-O2", "-o", str(self._program), str(SOURCE), *libraries]
        subprocess.run(command, check=True)

    def spandsp(self, pcm: Pcm, times: int = 1) -> tuple[str, float]:
        """The digits, and the processor seconds of one pass."""
        path = self._path / "8000.raw"
        pcm.astype("<i2").tofile(path)
        done = subprocess.run(
            [str(self._program), str(times), str(path)], check=True, capture_output=True, text=True
        )
        seconds, _, digits = done.stdout.rstrip("\n").partition(" ")
        return digits, float(seconds)

    def multimon(self, pcm: Pcm) -> tuple[str, float]:
        """The digits, and the processor seconds (start and reading included)."""
        path = self._path / "22050.raw"
        faster = soxr.resample(pcm.astype(np.float32), RATE, MULTIMON_RATE)
        np.clip(np.rint(faster), -32768, 32767).astype("<i2").tofile(path)
        before = os.times()
        command = ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", str(path)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        after = os.times()
        spent = after.children_user + after.children_system
        spent -= before.children_user + before.children_system
        return "".join(re.findall(r"DTMF: (.)", done.stdout)), spent


def right(sent: str, got: str) -> int:
    """How many digits came in their order: the longest common subsequence, bits in parallel."""
    places: dict[str, int] = {}
    for place, digit in enumerate(sent):
        places[digit] = places.get(digit, 0) | 1 << place
    every = (1 << len(sent)) - 1
    row = every
    for digit in got:
        both = row & places.get(digit, 0)
        row = ((row + both) | (row - both)) & every
    return len(sent) - row.bit_count()

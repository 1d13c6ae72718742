"""Runs spandsp's caller-ID receiver and minimodem on a file, and says which messages they got."""

from __future__ import annotations

import resource
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

RATE = 8000
SOURCES = Path(__file__).parent

Samples = NDArray[np.int16]


@dataclass(frozen=True, slots=True)
class Got:
    """Messages that a peer believed, without their checksums, and its processor seconds."""

    messages: list[bytes]
    seconds: float


def built(folder: Path, name: str = "spandsp_adsi") -> Path:
    """A driver for spandsp, compiled against Debian's library."""
    program = folder / name
    command = ["gcc", "-O2", str(SOURCES / f"{name}.c"), "-o", str(program), "-lspandsp", "-lm"]
    subprocess.run(command, check=True)
    return program


def spandsp(
    program: Path, samples: Samples, folder: Path, standard: str = "class", times: int = 1
) -> Got:
    """`standard`: class (Bell 202), clip (V.23) or jclip. Its checksum is already checked."""
    path = folder / "peer.raw"
    path.write_bytes(samples.astype("<i2").tobytes())
    command = [str(program), standard, str(times), str(path)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\n")
    messages = [bytes.fromhex(line) for line in said if line and not line.startswith("seconds")]
    [seconds] = [float(line.split()[1]) for line in said if line.startswith("seconds")]
    return Got(messages, seconds)


def minimodem(
    samples: Samples, folder: Path, start: bytes, mark: float = 1200.0, space: float = 2200.0
) -> Got:
    """minimodem knows bytes only: messages are looked for in them by how all of them start.

    `start`: the bytes that every message sent begins with; the second of them is its length.
    """
    path = folder / "peer.wav"
    soundfile.write(path, samples, RATE, subtype="PCM_16")
    command = ["minimodem", "--rx", "-q", "-8", "-f", str(path)]
    command += ["-M", f"{mark:g}", "-S", f"{space:g}", "1200"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    heard = subprocess.run(command, check=False, capture_output=True).stdout
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    messages: list[bytes] = []
    at = heard.find(start)
    while at >= 0:
        frame = heard[at : at + start[1] + 3]
        if len(frame) == start[1] + 3 and sum(frame) % 256 == 0:
            messages.append(frame[:-1])
        at = heard.find(start, at + 1)
    return Got(messages, spent)

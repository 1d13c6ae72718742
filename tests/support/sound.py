"""A private PulseAudio with a null sink: real ALSA without a sound card."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STRETCH = 8  # samples that are looked for at once
NEAR = 2**20  # samples: a minute at 16 kHz

CONFIG = """
</usr/share/alsa/alsa.conf>
pcm.line_in {{ type pulse server "unix:{socket}" device "line.monitor" }}
pcm.line_out {{ type pulse server "unix:{socket}" device "line" }}
"""


class NullSink:
    """`line_in` captures what is played into `line_out`; both are ALSA devices."""

    def __init__(self, folder: Path, rate: int) -> None:
        self.rate = rate
        self.folder = folder
        self.socket = folder / "pulse.socket"
        self.config = folder / "asound.conf"
        self.config.write_text(CONFIG.format(socket=self.socket))
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """What the server and its clients need; nothing of the user's own sound server."""
        own = {"HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
        own |= {"PULSE_RUNTIME_PATH": str(self.folder), "ALSA_CONFIG_PATH": str(self.config)}
        return {**os.environ, **own}

    @property
    def pid(self) -> int:
        """The running server's process."""
        assert self._server is not None
        return self._server.pid

    def start(self) -> None:
        """Start the server and wait until it answers."""
        sink = f"module-null-sink sink_name=line format=s16le channels=1 rate={self.rate}"
        protocol = f"module-native-protocol-unix auth-anonymous=1 socket={self.socket}"
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
            + ["--disable-shm=yes", "--log-level=error", "--load", sink, "--load", protocol],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / "pulse.log").open("ab"),
        )
        for _ in range(200):
            if self.socket.exists():
                return
            time.sleep(0.05)
        raise RuntimeError("pulseaudio did not start: " + (self.folder / "pulse.log").read_text())

    def stop(self) -> None:
        """End the server."""
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=10)
            self._server = None
            self.socket.unlink(missing_ok=True)

    def play(self, samples: NDArray[np.int16]) -> subprocess.Popen[bytes]:
        """Play a second of silence and then (n,) samples with aplay, in the background.

        PulseAudio mixes a new stream's first block after the monitor has read it: that block must
        be the silence.
        """
        path = self.folder / "played.raw"
        samples = np.concatenate((np.zeros(self.rate, np.int16), samples))
        path.write_bytes(samples.astype("<i2").tobytes())
        return subprocess.Popen(
            ["aplay", "-q", "-D", "line_out", "-t", "raw", "-f", "S16_LE", "-c", "1"]
            + ["-r", str(self.rate), str(path)],
            env=self.environment,
            stderr=subprocess.DEVNULL,
        )


@contextmanager
def null_sink(folder: Path, rate: int = 8000) -> Iterator[NullSink]:
    """A running sink; this process's ALSA is pointed at it meanwhile."""
    sink = NullSink(folder, rate)
    before = os.environ.get("ALSA_CONFIG_PATH")
    sink.start()
    os.environ["ALSA_CONFIG_PATH"] = str(sink.config)
    try:
        yield sink
    finally:
        if before is None:
            del os.environ["ALSA_CONFIG_PATH"]
        else:
            os.environ["ALSA_CONFIG_PATH"] = before
        sink.stop()


def compared(played: NDArray[np.int16], stored: NDArray[np.int16]) -> tuple[int, int]:
    """(lost, filled): played samples that are not in the recording, and silence between them.

    A player that is late on a busy machine leaves silence on the line: the recorder loses nothing
    by recording it. So the played samples are looked for in their order, stretch by stretch.
    """
    lost = filled = at = place = 0
    while at < len(played):
        found = _find(played[at : at + STRETCH], stored, place)
        if found is None:
            lost, at = lost + 1, at + 1
            continue
        filled += found - place if at else 0
        here, there = played[at:], stored[found:]
        shorter = min(len(here), len(there))
        wrong = np.flatnonzero(here[:shorter] != there[:shorter])
        same = int(wrong[0]) if len(wrong) else shorter
        at, place = at + same, found + same
    return lost, filled


def _find(wanted: NDArray[np.int16], stored: NDArray[np.int16], place: int) -> int | None:
    """Where `wanted` is next; None where it is not near."""
    near = stored[place : place + NEAR]
    for at in np.flatnonzero(near == wanted[0]):
        if np.array_equal(near[at : at + len(wanted)], wanted):
            return place + int(at)
    return None

"""Play-out through ALSA (pyalsaaudio): a card by its name, from a thread of its own.

It never stands in the way of capture: what cannot be played is said and the call goes on.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from firmware.audio.errors import AudioError, CardBusy, CardFailed, CardUnknown
from firmware.audio.frames import Samples

PERIOD_S = 0.020
PERIODS = 12  # 240 ms: a busy box leaves no hole in what is said
UNDERRUNS = 5  # one after the other: the card does not play any more
SETTLE_S = 0.005  # a PhotoMOS relay closes within 2 ms; nothing is played before


@dataclass(frozen=True, slots=True)
class Played:
    """`name` was played from `started` (monotonic s) on, `frames` of it; `error`: why not."""

    name: str
    started: float
    frames: int
    error: str = ""


Done = Callable[[Played], None]
Gate = Callable[[bool], bool]


def open_way(_on: bool) -> bool:
    """A card that is always connected to the line."""
    return True


class AlsaPlayout:
    """One sound at a time; a new one is refused while another plays.

    `gate(True)` connects the card's output to the line before the first sample, `gate(False)` parts
    them after the last; it says whether it could. It and `done` are called from the play-out's
    thread.
    """

    def __init__(
        self,
        device: str,
        rate: int,
        done: Done,
        clock: Callable[[], float] = time.monotonic,
        gate: Gate = open_way,
    ) -> None:
        self._device = device
        self._rate = rate
        self._done = done
        self._clock = clock
        self._gate = gate
        self._inbox: queue.SimpleQueue[tuple[str, Samples] | None] = queue.SimpleQueue()
        self._busy = threading.Event()
        self._silence = threading.Event()
        self._thread = threading.Thread(target=self._run, name="play-out", daemon=True)
        self._thread.start()

    def play(self, name: str, samples: Samples) -> bool:
        """Begin at once; False where another sound is playing. (n,) int16 at the card's rate."""
        if self._busy.is_set():
            return False
        self._busy.set()
        self._silence.clear()
        self._inbox.put((name, samples))
        return True

    def probe(self) -> None:
        """See whether the card can play, without a sound; `done` hears of it with no name."""
        self.play("", np.zeros(0, np.int16))

    def stop(self) -> None:
        """Be silent at once."""
        self._silence.set()

    def close(self) -> None:
        """Stop and end the thread."""
        self.stop()
        self._inbox.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        while (item := self._inbox.get()) is not None:
            name, samples = item
            try:
                played = self._played(name, samples)
            except AudioError as error:
                played = Played(name, self._clock(), 0, str(error))
            self._busy.clear()
            self._done(played)

    def _played(self, name: str, samples: Samples) -> Played:
        import alsaaudio

        pcm = self._opened(alsaaudio)
        period = round(self._rate * PERIOD_S)
        whole = -(-len(samples) // period) * period
        padded = np.zeros(whole, "<i2")
        padded[: len(samples)] = samples
        done = 0
        try:
            if whole:
                self._connect()
            started = self._clock()
            failed = 0
            while done < whole and not self._silence.is_set():
                written = pcm.write(padded[done : done + period].tobytes())
                done += max(0, written)
                failed = failed + 1 if written < 0 else 0  # an underrun: a moment of silence
                if failed > UNDERRUNS:
                    raise CardFailed(f"The sound card {self._device!r} stopped while it played.")
            if whole and done >= whole:
                pcm.drain()
            elif done:
                pcm.drop()  # what the card holds still is not played
        except alsaaudio.ALSAAudioError as error:
            raise CardFailed(f"The sound card {self._device!r} cannot play ({error}).") from error
        finally:
            pcm.close()
            self._gate(False)
        return Played(name, started, min(done, len(samples)))

    def _connect(self) -> None:
        if not self._gate(True):
            raise CardFailed(
                "Nothing can be played into the line: its switch (inject) cannot be closed. Calls"
                " are recorded; who is called is not told of it."
            )
        self._silence.wait(SETTLE_S)

    def _opened(self, alsaaudio: Any) -> Any:
        try:
            return alsaaudio.PCM(
                alsaaudio.PCM_PLAYBACK,
                alsaaudio.PCM_NORMAL,
                device=self._device,
                channels=1,
                rate=self._rate,
                format=alsaaudio.PCM_FORMAT_S16_LE,
                periodsize=round(self._rate * PERIOD_S),
                periods=PERIODS,
            )
        except alsaaudio.ALSAAudioError as error:
            text = str(error).lower()
            kind = CardBusy if "busy" in text else CardUnknown if "no such" in text else CardFailed
            raise kind(
                f"Nothing can be played into the line through {self._device!r} ({error}). Calls are"
                " recorded; who is called is not told of it."
            ) from error

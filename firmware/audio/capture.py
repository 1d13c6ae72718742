"""Capture through ALSA (pyalsaaudio): a card by its name, mono 16-bit, 20 ms periods.

The stream never ends. What the card loses (an xrun, a card pulled out) becomes a `Gap` whose length
is counted by the monotonic clock, so that stream index and time stay together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from firmware.audio.errors import AudioError, CardBusy, CardFailed, CardUnknown
from firmware.audio.frames import Gap, Period, Samples

PERIOD_S = 0.020
PERIODS = 16  # the card's buffer: 320 ms
REOPEN_S = 0.5
CLOSE_S = 2.0
DRIFT = 2e-4  # how fast the stream's clock may follow a card slower than the system's clock
OWN_RATES = (48000, 44100, 32000, 16000)


class AlsaCapture:
    """An AudioSource. Raises AudioError at construction where the card cannot be opened, unless it
    is `patient`: then it goes on trying, and `last_error` says why there is no sound.

    `device`: an ALSA PCM by name, such as "hw:CARD=Zero" or "default". A card that does not offer
    `rate` is read at its own rate and decimated by soxr, never by ALSA's linear converter: so a
    "plughw:" device is opened as the "hw:" device behind it. Of a card that offers only stereo,
    `channel` ("left" or "right") is taken.
    """

    def __init__(
        self,
        device: str,
        rate: int = 8000,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
        patient: bool = False,
        channel: str = "left",
    ) -> None:
        self.rate = rate
        self.last_error = ""
        self._device = device
        self._channel = channel
        self._channels = 1
        self._clock = clock
        self._wait = wait
        self._pcm: Any = None
        self._resampler: Any = None
        self._index = 0
        self._lost_at: float | None = None
        self._why = ""
        self._held: Samples = np.zeros(0, np.int16)
        self._began: float | None = None
        self._closed = False
        self._reading = threading.Lock()  # a PCM freed under a reader would end the process
        try:
            self._open()
        except AudioError as error:
            if not patient:
                raise
            self.last_error = str(error)
            self._lost_at, self._why = clock(), "no card at the start"

    def _open(self) -> None:
        import alsaaudio

        failure: Exception | None = None
        for rate in (self.rate, *(own for own in OWN_RATES if own > self.rate)):
            for channels in (1, 2):
                try:
                    pcm = alsaaudio.PCM(
                        alsaaudio.PCM_CAPTURE,
                        alsaaudio.PCM_NORMAL,
                        device=self._device.removeprefix("plug"),
                        channels=channels,
                        rate=rate,
                        format=alsaaudio.PCM_FORMAT_S16_LE,
                        periodsize=round(rate * PERIOD_S),
                        periods=PERIODS,
                    )
                except alsaaudio.ALSAAudioError as error:
                    failure = error
                    if "busy" in str(error).lower() or "no such" in str(error).lower():
                        raise self._named(failure, alsaaudio.cards()) from error
                    continue
                info = pcm.info()
                if (info["rate"], info["channels"]) == (rate, channels):
                    self._take(pcm, rate, channels)
                    return
                pcm.close()
                failure = failure or AudioError(f"the card does not keep to {rate} Hz")
        raise self._named(failure, alsaaudio.cards())

    def _take(self, pcm: Any, rate: int, channels: int) -> None:
        self._pcm = pcm
        self._channels = channels
        self._began = None
        self._resampler = None
        if rate != self.rate:
            import soxr

            self._resampler = soxr.ResampleStream(rate, self.rate, 1, dtype="int16", quality="HQ")

    def _named(self, error: Exception | None, cards: list[str]) -> AudioError:
        text = str(error).lower()
        known = ", ".join(cards) or "none"
        if "busy" in text:
            return CardBusy(
                f"The sound card {self._device!r} is used by another program ({error}); calls are"
                " not recorded until it is free. It is tried again and again."
            )
        if "no such" in text or "unknown" in text:
            return CardUnknown(
                f"No sound card is called {self._device!r} ({error}); calls are not recorded."
                f" Cards here: {known}."
            )
        return CardFailed(
            f"The sound card {self._device!r} cannot be used ({error}); calls are not recorded."
            f" Cards here: {known}."
        )

    def read(self) -> Period | Gap | None:
        """The next period or gap; waits for about a period; None while there is no card."""
        with self._reading:
            return self._read()

    def _read(self) -> Period | Gap | None:
        if self._closed:
            return None
        if self._pcm is None and not self._reopened():
            return None
        try:
            frames, data = self._pcm.read()
        except Exception as error:
            if type(error).__module__ != "alsaaudio":
                raise
            self._lose(str(error))
            return None
        if frames < 0:
            self._note_loss("xrun")
            return None
        if frames == 0:
            self._wait(PERIOD_S / 4)
            return None
        samples = np.frombuffer(data, "<i2")
        if self._channels == 2:
            samples = samples[self._channel == "right" :: 2]
        return self._next(samples)

    def _next(self, raw: Samples) -> Period | Gap | None:
        samples = raw if self._resampler is None else self._resampler.resample_chunk(raw)
        if len(samples) == 0:
            return None
        now = self._clock()
        begun = now - len(samples) / self.rate
        if self._lost_at is not None:
            self._held = samples
            return self._gap(begun)
        if len(self._held):
            samples = np.concatenate((self._held, samples))
            self._held = self._held[:0]
        if self._began is None:
            self._began = now - (self._index + len(samples)) / self.rate
        late = now - self._began - (self._index + len(samples)) / self.rate
        self._began += min(late, len(samples) / self.rate * DRIFT)
        period = Period(self._index, samples, self._began + self._index / self.rate)
        self._index += len(samples)
        return period

    def _gap(self, until: float) -> Gap | None:
        lost_at, self._lost_at = self._lost_at, None
        self._began = None
        count = 0 if lost_at is None else max(0, round((until - lost_at) * self.rate))
        if lost_at is None or count == 0:
            return None
        gap = Gap(self._index, count, self._why, lost_at)
        self._index += count
        return gap

    def _stream_time(self) -> float:
        """The monotonic time of the next sample, by what was read so far."""
        now = self._clock()
        return now if self._began is None else min(now, self._began + self._index / self.rate)

    def _note_loss(self, why: str) -> None:
        if self._lost_at is None:
            self._lost_at, self._why = self._stream_time(), why
            self._held = self._held[:0]

    def _lose(self, why: str) -> None:
        """The card is gone: let it go and begin to look for it."""
        self._note_loss(f"card lost: {why}")
        self.last_error = str(self._named(CardFailed(why), []))
        self._pcm.close()
        self._pcm = None

    def _reopened(self) -> bool:
        try:
            self._open()
        except AudioError as error:
            self.last_error = str(error)
            self._wait(REOPEN_S)
            return False
        self.last_error = ""
        return True

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed

    def close(self) -> None:
        """Let the card go, from any thread; a reader comes back with None first."""
        self._closed = True
        if not self._reading.acquire(timeout=CLOSE_S):
            return  # the card hangs in a read: the PCM stays, the process ends without it
        try:
            if self._pcm is not None:
                self._pcm.close()
                self._pcm = None
        finally:
            self._reading.release()

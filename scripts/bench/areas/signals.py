"""All decoders together: their cost, their memory; tones: what is told, and what is told wrongly.

Talk-off plays every asterisk-core-sounds and asterisk-moh package of Debian at three levels.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.decode import BLOCK_S
from firmware.events import AlertingTone, Tone, ToneStarted
from firmware.plans import load_plans
from firmware.signals.bank import DecoderBank
from firmware.signals.tones import ToneDecoder
from firmware.simulator.generators.levels import active_level_dbm0, amplitude, rms
from firmware.simulator.generators.tones import tone
from scripts.bench.row import Row

LANGUAGES = ("en", "es", "fr", "it", "ru")
SOUNDS = Path("/usr/share/asterisk/sounds")
MUSIC = Path("/usr/share/asterisk/moh")
PACKAGES = (
    *(
        f"asterisk-core-sounds-{name}-wav|speech that holds no tones|ls {SOUNDS}/{name}_*/*.wav"
        for name in LANGUAGES
    ),
    f"asterisk-moh-opsound-wav|music that holds no tones|ls {MUSIC}/*.wav",
    "libspandsp2|a peer: super_tone_rx|ldconfig -p | grep -q libspandsp.so.2",
)
RATE = 8000
CHUNK = 160
LEVELS = (-30.0, -20.0, -10.0)
OWN = "PL"
Sound = NDArray[np.float32]
Feeder = Callable[[Sound], object]


def measure() -> Iterator[Row]:
    """Every row of this area."""
    speech = _joined(_files("en"))
    music = _joined(sorted(MUSIC.glob("*.wav")))
    mixed = np.concatenate((speech, music[: 300 * RATE]))
    plans = load_plans(OWN)
    yield from _cost("all decoders", lambda: DecoderBank(RATE, plans, OWN).feed, mixed, (1.0, 2000))
    yield from _cost("tones", lambda: ToneDecoder(plans, OWN).feed, speech, (0.3, 8000), speech)
    yield from _cost("tones in music", lambda: ToneDecoder(plans, OWN).feed, music, (0.3, None))
    yield _memory(speech)
    yield from _right()
    for name in LANGUAGES:
        yield from _talk_off(f"speech {name}", _files(name))
    yield from _talk_off("music", sorted(MUSIC.glob("*.wav")))


def _files(language: str) -> list[Path]:
    return sorted(path for path in SOUNDS.glob(f"{language}_*/**/*.wav"))


def _joined(paths: list[Path]) -> Sound:
    return np.concatenate([soundfile.read(path, dtype="float32")[0] for path in paths])


def _spent(work: Callable[[], object]) -> float:
    """The least processor seconds of three runs."""
    runs = []
    for _ in range(3):
        began = time.thread_time()
        work()
        runs.append(time.thread_time() - began)
    return min(runs)


def _cost(
    name: str,
    make: Callable[[], Feeder],
    sound: Sound,
    goals: tuple[float | None, float | None],
    peer: Sound | None = None,
) -> Iterator[Row]:
    """In the recorder's chunks of 20 ms, and over a file in the blocks of `tipring decode`."""

    def fed(samples: Sound, size: int) -> None:
        feed = make()
        for at in range(0, len(samples), size):
            feed(samples[at : at + size])

    part = sound[: 300 * RATE]
    share = 100 * _spent(lambda: fed(part, CHUNK)) / (len(part) / RATE)
    goal = None if goals[0] is None else f"<= {goals[0]}"
    yield Row("signals", f"{name}, chunks of 20 ms", round(share, 3), "% of a core", goal)
    whole = (len(sound) / RATE) / _spent(lambda: fed(sound, round(BLOCK_S * RATE)))
    goal = None if goals[1] is None else f">= {goals[1]}"
    theirs: tuple[str | None, float | None] = (None, None)
    if peer is not None:
        samples = np.round(peer * 32767).astype(np.int16)
        spandsp = SuperTone()
        theirs = ("spandsp", round((len(peer) / RATE) / _spent(lambda: spandsp.feed(samples))))
    yield Row("signals", f"{name}, whole file", round(whole), "x real time", goal, *theirs)


def _memory(speech: Sound) -> Row:
    """Growth of the process over an hour, after five minutes to warm up."""
    bank = DecoderBank(RATE, load_plans(OWN), OWN)
    piece = speech[: 10 * 60 * RATE]
    for at in range(0, len(piece) // 2, RATE):
        bank.feed(piece[at : at + RATE])
    before = _resident()
    for _ in range(6):
        for at in range(0, len(piece), RATE):
            bank.feed(piece[at : at + RATE])
    grown = (_resident() - before) / 1024
    return Row("signals", "all decoders, memory over one hour", round(grown), "KiB more", "<= 2048")


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096


def _line(sound: NDArray[np.float64], snr: float, seed: int) -> Sound:
    """The sound behind and before silence, in white noise; level -15 dBm0."""
    silence = np.zeros(2 * RATE + 13 * seed)
    made = np.concatenate((silence, sound, np.zeros(8 * RATE)))
    noise = np.random.default_rng(seed).standard_normal(len(made))
    return (made + rms(-15.0 - snr) * noise).astype(np.float32)


def _right() -> Iterator[Row]:
    """How many of twenty tones in noise are told, once each and with their right name."""
    plans, spandsp = load_plans(OWN), SuperTone()
    for name, seconds in (("busy", 6.0), ("ringback", 12.0), ("dial", 3.0)):
        for snr in (40.0, 20.0, 10.0, 6.0, 3.0):
            ours = theirs = 0
            for seed in range(20):
                line = _line(tone(name, RATE, seconds, -15.0), snr, seed)
                decoder = ToneDecoder(plans, OWN)
                found = [*decoder.feed(line), *decoder.flush()]
                names = [one.name for one in found if isinstance(one, Tone)]
                ours += names == [name]
                theirs += spandsp.names(np.round(line * 32767).astype(np.int16)) == {name}
            yield Row(
                "signals",
                f"{name} of Poland told, SNR {snr:g} dB",
                5.0 * ours,
                "%",
                ">= 100" if snr >= 6 else None,
                "spandsp",
                5.0 * theirs,
            )
    for snr in (20.0, 12.0, 8.0, 5.0):
        told = 0
        for seed in range(50):
            decoder = ToneDecoder()
            line = _line(tone("cas", RATE, 0.08, -18.0), snr, seed)
            told += len([*decoder.feed(line), *decoder.flush()]) == 1
        goal = ">= 100" if snr >= 8 else None
        yield Row("signals", f"CAS told, SNR {snr:g} dB", 2.0 * told, "%", goal)
    for level in (-30.0, -20.0, -15.0, -10.0):
        yield _beside_speech(level)


def _beside_speech(level: float) -> Row:
    """CAS of -18 dBm0 in each tone once a second of speech: what the others call talk-down."""
    speech = _joined(_files("en"))[: 500 * RATE].astype(np.float64)
    mixed = speech * amplitude(level) / amplitude(active_level_dbm0(speech, RATE))
    alert = tone("cas", RATE, 0.08, -18.0)
    places = [second * RATE + second * 37 % CHUNK for second in range(1, 499)]
    for place in places:
        mixed[place : place + len(alert)] += alert
    decoder = ToneDecoder()
    found = [*decoder.feed(mixed.astype(np.float32)), *decoder.flush()]
    told = sum(any(abs(one.start - place) < CHUNK for one in found) for place in places)
    share = round(100 * told / len(places), 1)
    goal = ">= 99" if level <= -15 else None
    return Row("signals", f"CAS told beside speech at {level:g} dBm0", share, "%", goal)


def _talk_off(name: str, paths: list[Path]) -> Iterator[Row]:
    """Tones and alerting tones told in what holds none."""
    sounds = [soundfile.read(path, dtype="float32")[0] for path in paths]
    sounds = [sound for sound in sounds if len(sound) and np.any(sound)]
    levels = [active_level_dbm0(sound, RATE) for sound in sounds]
    plans = load_plans(OWN)
    for level in LEVELS:
        decoder, false = ToneDecoder(plans, OWN), 0
        for sound, own in zip(sounds, levels, strict=True):
            gain = np.float32(amplitude(level) / amplitude(own))
            found = decoder.feed(np.clip(sound * gain, -1, 1))
            false += sum(isinstance(one, ToneStarted | AlertingTone) for one in found)
        false += sum(isinstance(one, AlertingTone) for one in decoder.flush())
        minutes = sum(len(sound) for sound in sounds) / RATE / 60
        row = f"false tones in {name}, {minutes:.0f} min at {level:g} dBm0"
        yield Row("signals", row, false, "tones", "= 0")


class SuperTone:
    """spandsp's super_tone_rx, told the three tones of Poland with the same tolerances."""

    NAMES = ("dial", "busy", "ringback")

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libspandsp.so.2")
        kind = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_int)
        self._found: list[int] = []
        self._report = kind(lambda _user, code, _level, _delay: self._found.append(code))
        library = self._library
        for name in ("super_tone_rx_make_descriptor", "super_tone_rx_init"):
            getattr(library, name).restype = ctypes.c_void_p
        self._plan = ctypes.c_void_p(library.super_tone_rx_make_descriptor(None))
        for name in self.NAMES:
            number = library.super_tone_rx_add_tone(self._plan)
            for on, low, high in self._elements(name):
                hertz = 425 if on else 0
                library.super_tone_rx_add_element(self._plan, number, hertz, 0, low, high)

    @staticmethod
    def _elements(name: str) -> list[tuple[bool, int, int]]:
        """Whether it sounds, and the least and longest milliseconds of each element."""
        if name == "dial":
            return [(True, 1240, 0)]
        if name == "busy":
            return [(True, 425, 575), (False, 425, 575)]
        return [(True, 875, 1125), (False, 3575, 4425)]

    def feed(self, samples: NDArray[np.int16]) -> list[int]:
        """The codes that a fresh receiver reports."""
        self._found.clear()
        state = ctypes.c_void_p(
            self._library.super_tone_rx_init(None, self._plan, self._report, None)
        )
        at = ctypes.c_void_p(samples.ctypes.data)
        self._library.super_tone_rx(state, at, len(samples))
        self._library.super_tone_rx_free(state)
        return list(self._found)

    def names(self, samples: NDArray[np.int16]) -> set[str]:
        """The tones told; how often each is told does not matter here."""
        return {self.NAMES[code] for code in self.feed(samples) if 0 <= code < len(self.NAMES)}

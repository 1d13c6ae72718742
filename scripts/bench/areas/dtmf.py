"""DTMF beside spandsp and multimon-ng on the same samples in the same run; docs/dtmf-snr.svg."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.signals.dtmf import DtmfDecoder
from firmware.simulator.generators import dtmf, impairments, levels, line, tones
from scripts.bench.curve import curve_svg
from scripts.bench.dtmf_peers import RATE, Pcm, Peers, our_events, our_seconds, ours, right
from scripts.bench.row import Row

LANGUAGES = ("en", "es", "fr", "it", "ru")
VOICES = (*(f"asterisk-core-sounds-{one}-wav" for one in LANGUAGES), "asterisk-moh-opsound-wav")
PACKAGES = (
    "gcc|compiling the driver of spandsp|command -v gcc",
    "libspandsp-dev|spandsp, a peer|test -e /usr/include/spandsp.h",
    "multimon-ng|a peer|command -v multimon-ng",
    *(f"{one}|voices and music, which are no digits|dpkg -s {one}" for one in VOICES),
)
PICTURE = Path(__file__).resolve().parents[3] / "docs" / "dtmf-snr.svg"
LEVEL = -10.0
GOALS_AT_SNR = {0: ">= 99.9", -2: ">= 99"}
Sound = NDArray[np.float64]


def measure() -> Iterator[Row]:
    """Every row about digits of the table of figures, and more conditions of the issue."""
    peers = Peers()
    voices = _voices()
    yield from _noise(peers)
    yield from _rules(peers)
    yield from _company(peers, voices)
    yield from _talk_off(peers, voices)
    yield from _speed(peers, voices)


def _sent(count: int, random: np.random.Generator, **how: float) -> tuple[str, Sound]:
    digits = "".join(random.choice(list(dtmf.DIGITS), count))
    silence = np.zeros(RATE // 5)
    options = {"on_ms": 50.0, "off_ms": 50.0, "level_dbm0": LEVEL} | how
    return digits, np.concatenate((silence, dtmf.sequence(digits, RATE, **options), silence))


def _rows(
    peers: Peers, name: str, sent: str, sound: Sound, goal: str | None, most: str | None = None
) -> Iterator[Row]:
    """Percent of digits right beside each peer; `most`: the goal for digits heard in all."""
    pcm = levels.to_int16(sound)
    got, many = ours(pcm), 100 / len(sent)
    theirs = {"spandsp": peers.spandsp(pcm)[0], "multimon-ng": peers.multimon(pcm)[0]}
    for peer, heard in theirs.items():
        value = round(right(sent, got) * many, 3)
        yield Row("dtmf", name, value, "% right", goal, peer, round(right(sent, heard) * many, 3))
        if most is not None:
            count, of_peer = round(len(got) * many, 3), round(len(heard) * many, 3)
            yield Row("dtmf", f"{name}, heard at all", count, "%", most, peer, of_peer)


def _noise(peers: Peers) -> Iterator[Row]:
    random = np.random.default_rng(10)
    curves: dict[str, list[tuple[float, float]]] = {"Tipring": [], "spandsp": [], "multimon-ng": []}
    wrong = 0
    for snr in (10, 8, 6, 4, 2, 0, -2, -4, -6, -8):
        sent, sound = _sent(4000 if snr in GOALS_AT_SNR else 1000, random)
        noisy = sound + line.noise(len(sound), LEVEL - snr, random)
        for row in _rows(peers, f"50/50 ms at SNR {snr} dB", sent, noisy, GOALS_AT_SNR.get(snr)):
            yield row
            if row.peer and row.peer_value is not None:
                curves[row.peer].append((snr, row.peer_value))
        curves["Tipring"].append((snr, row.value))
        wrong += _wrong(sent, noisy)
    yield Row("dtmf", "wrong digits in noise, 10 to -8 dB", wrong, "digits", "<= 0")
    PICTURE.parent.mkdir(exist_ok=True)
    title = "DTMF digits right in white noise (50 ms tone, 50 ms pause)"
    PICTURE.write_text(curve_svg(title, "SNR over 0-4 kHz in dB", curves))


def _wrong(sent: str, sound: Sound) -> int:
    """How many digits were told that were not sent, or not there."""
    told = our_events(levels.to_int16(sound))
    places = [((one.start + one.end) / 2 / RATE - 0.2) / 0.1 for one in told]
    return sum(
        not 0 <= place < len(sent) or sent[int(place)] != one.digit
        for place, one in zip(places, told, strict=True)
    )


def _rules(peers: Peers) -> Iterator[Row]:
    random = np.random.default_rng(11)
    all_of, none, once = ">= 100", "<= 0", "<= 100"
    for twist in (-10, -8, -6, -4, 0, 4, 6):
        yield from _rows(peers, f"twist {twist:+} dB", *_sent(200, random, twist_db=twist), all_of)
    for twist in (-14, 14):
        sent, sound = _sent(200, random, twist_db=twist)
        yield from _rows(peers, f"twist {twist:+} dB, to be rejected", sent, sound, none)
    for share in (1.0, 1.5, 1.8):
        for sign in (-1, 1):
            sent, sound = _sent(200, random, deviation=sign * share / 100)
            yield from _rows(peers, f"{sign * share:+} % off", sent, sound, all_of, once)
    for sign in (-1, 1):
        sent, sound = _sent(200, random, deviation=sign * 0.035)
        yield from _rows(peers, f"{sign * 3.5:+} % off, to be rejected", sent, sound, none)
    for length in (50, 40, 35, 30, 25):
        sent, sound = _sent(400, random, on_ms=length, off_ms=length)
        goal = all_of if length >= 35 else None
        yield from _rows(peers, f"tone and pause {length} ms", sent, sound, goal, once)
    for length in (22, 19, 15):
        sent, sound = _sent(400, random, on_ms=length, off_ms=length)
        name = f"tone and pause {length} ms, to be rejected"
        yield from _rows(peers, name, sent, sound, none, none)
    for level in (0, -25, -40, -45):
        yield from _rows(
            peers, f"level {level} dBm0", *_sent(200, random, level_dbm0=level), all_of
        )
    sent, sound = _sent(200, random, level_dbm0=-55)
    yield from _rows(peers, "level -55 dBm0, to be rejected", sent, sound, none)


def _each(sound: Sound, count: int, change: Callable[[Sound], Sound]) -> Sound:
    """Every digit with its pause (130 ms) changed on its own."""
    step, first = round(0.130 * RATE), RATE // 5
    parts = [change(sound[first + step * k : first + step * (k + 1)]) for k in range(count)]
    return np.concatenate((sound[:first], *parts, sound[first + step * count :]))


def _company(peers: Peers, voices: dict[str, Sound]) -> Iterator[Row]:
    random = np.random.default_rng(12)

    def beside(other: Callable[[int], Sound]) -> tuple[str, Sound]:
        sent, sound = _sent(400, random)
        return sent, sound + other(len(sound))[: len(sound)]

    hum = beside(lambda n: line.hum(n, RATE, LEVEL))
    yield from _rows(peers, "hum as strong as the digits", *hum, ">= 100", "<= 100")
    for plan, each in (("pl", LEVEL), ("us", LEVEL - 3), ("uk", LEVEL - 3)):
        made = beside(lambda n, p=plan, e=each: tones.tone("dial", RATE, n / RATE + 1, e, p))  # type: ignore[misc]
        yield from _rows(peers, f"dial tone ({plan}) as strong", *made, ">= 100", "<= 100")
    for name, package in (("speech", VOICES[0]), ("music", VOICES[-1])):
        for below in (20, 15, 12, 9):
            scale = 10 ** ((LEVEL - below + 20) / 20)
            made = beside(lambda n, s=scale, p=package: s * voices[p][RATE * 60 :][:n])  # type: ignore[misc]
            goal = ">= 99" if below >= 12 else None
            yield from _rows(peers, f"{name} {below} dB below the digits", *made, goal, "<= 100")
    for delay, weaker in ((5, -10), (16, -12), (30, -15), (40, -20)):
        sent, sound = _sent(400, random)
        made = sent, impairments.echoed(sound, RATE, delay, weaker)
        yield from _rows(peers, f"echo {delay} ms, {weaker} dB", *made, ">= 100", "<= 100")
    for over in (6, 12, 20):
        sent, sound = _sent(400, random, level_dbm0=0)
        yield from _rows(
            peers, f"clipped {over} dB", sent, impairments.clipped(sound, over), ">= 100"
        )
    for level in (0, -40):
        sent, sound = _sent(400, random, level_dbm0=level)
        yield from _rows(peers, f"A-law, {level} dBm0", sent, impairments.a_law(sound), ">= 100")
    for name, change in (
        ("10 ms silent", lambda one: impairments.interrupted(one, RATE, random.uniform(0, 70), 10)),
        ("10 ms lost", lambda one: impairments.dropped(one, RATE, random.uniform(0, 70), 10)),
    ):
        sent, sound = _sent(400, random, on_ms=80)
        made = sent, _each(sound, 400, change)
        yield from _rows(peers, f"{name} in each digit of 80 ms", *made, ">= 99.5", "<= 100")


def _voices() -> dict[str, Sound]:
    """All sounds of each package end to end, each file brought to -20 dBm0 while active."""
    found: dict[str, Sound] = {}
    for package in VOICES:
        done = subprocess.run(["dpkg", "-L", package], check=True, capture_output=True, text=True)
        parts: list[Sound] = []
        for path in sorted(one for one in done.stdout.split() if one.endswith(".wav")):
            if not Path(path).is_file():
                continue
            samples, rate = soundfile.read(path, dtype="float64")
            if rate != RATE or samples.ndim != 1:
                raise ValueError(f"{path}: {rate} Hz, {samples.ndim} dimensions")
            gain = -20.0 - levels.active_level_dbm0(samples, RATE)
            parts += [samples * 10 ** (gain / 20), np.zeros(RATE // 5)]
        found[package] = np.concatenate(parts)
    return found


def _talk_off(peers: Peers, voices: dict[str, Sound]) -> Iterator[Row]:
    for package, sound in voices.items():
        minutes = len(sound) / RATE / 60
        for level in (-30, -20, -10):
            pcm = levels.to_int16(sound * 10 ** ((level + 20) / 20))
            name = f"false digits in {package} ({minutes:.0f} min) at {level} dBm0"
            false = len(ours(pcm))
            theirs = len(peers.spandsp(pcm)[0])
            yield Row("dtmf", name, false, "digits", "<= 0", "spandsp", theirs)
            theirs = len(peers.multimon(pcm)[0])
            yield Row("dtmf", name, false, "digits", "<= 0", "multimon-ng", theirs)


def _calls(voices: dict[str, Sound]) -> Pcm:
    """Ten calls of three minutes: a number of nine digits dialled, talk, and pauses as in talk."""
    random = np.random.default_rng(13)
    talk = voices[VOICES[0]]
    parts: list[Sound] = []
    for call in range(10):
        _, dialled = _sent(9, random, on_ms=80, off_ms=80)
        first = call * 120 * RATE
        parts += [np.zeros(2 * RATE), dialled]
        for turn in range(6):
            at = first + 20 * RATE * turn
            parts += [talk[at : at + 20 * RATE], np.zeros(10 * RATE)]
    sound = np.concatenate(parts)
    return levels.to_int16(sound + line.noise(len(sound), -60, random))


def _speed(peers: Peers, voices: dict[str, Sound]) -> Iterator[Row]:
    random = np.random.default_rng(14)
    prompts = levels.to_int16(np.concatenate([voices[one] for one in VOICES])[: 1800 * RATE])
    digits = levels.to_int16(_sent(6000, random)[1])
    noise = levels.to_int16(line.noise(600 * RATE, -30, random))
    for name, pcm, goal in (
        ("calls: dialling, talk, pauses", _calls(voices), ">= 1.0"),
        ("recorded prompts end to end", prompts, ">= 1.0"),
        ("noise", noise, ">= 1.0"),
        ("digits and nothing else, 50/50 ms", digits, None),
    ):
        audio = len(pcm) / RATE
        mine, theirs = [], []
        for _ in range(7):  # in turn, so that both suffer the same from what else is running
            mine.append(our_seconds(pcm))
            theirs.append(peers.spandsp(pcm)[1])
        here, there = audio / min(mine), audio / min(theirs)
        yield Row(
            "dtmf", f"speed, {name}", round(here), "x real time", None, "spandsp", round(there)
        )
        yield Row("dtmf", f"speed over spandsp's, {name}", round(here / there, 2), "x", goal)
        multimon = audio / max(min(peers.multimon(pcm)[1] for _ in range(3)), 1e-3)
        yield Row(
            "dtmf",
            f"speed, {name}",
            round(here),
            "x real time",
            None,
            "multimon-ng",
            round(multimon),
        )
    yield _streamed(_calls(voices))
    yield _slowest()


def _streamed(pcm: Pcm) -> Row:
    """The share of a core that periods of 20 ms cost."""
    samples = pcm.astype(np.float32) / np.float32(32768)
    periods = [samples[place : place + 160] for place in range(0, len(samples), 160)]
    spent = []
    for _ in range(3):
        decoder = DtmfDecoder()
        began = time.process_time()
        for period in periods:
            decoder.feed(period)
        spent.append(time.process_time() - began)
    share = 100 * min(spent) / (len(pcm) / RATE)
    return Row("dtmf", "in periods of 20 ms, share of a core", round(share, 3), "%", "<= 0.3")


def _slowest() -> Row:
    """The longest processor time that 20 ms of anything took; the least of five passes."""
    random = np.random.default_rng(15)
    sound = np.concatenate(
        (
            _sent(100, random, on_ms=35, off_ms=35)[1],
            line.noise(10 * RATE, -3, random),
            np.sign(np.sin(2 * np.pi * 697 * np.arange(RATE) / RATE)),
            np.full(RATE, np.nan),
            dtmf.pair("5", RATE, 3000),
        )
    ).astype(np.float32)
    worst = []
    for _ in range(5):
        decoder, longest = DtmfDecoder(), 0.0
        for place in range(0, len(sound), 160):
            began = time.process_time()
            decoder.feed(sound[place : place + 160])
            longest = max(longest, time.process_time() - began)
        worst.append(longest)
    return Row("dtmf", "longest for 20 ms of anything", round(1000 * min(worst), 2), "ms", "<= 10")

"""Caller ID by FSK against spandsp and minimodem: the same files in the same run.

TIPRING_BENCH_LONG=1 sends 100,000 noisy messages instead of 5,000.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from firmware.events import CallerId
from firmware.signals.caller_id import CallerIdDecoder
from firmware.signals.halve import Halver
from firmware.simulator.generators import caller_id as exchange
from firmware.simulator.generators.fsk import BELLCORE, V23, Modulation, burst_bits, modulate
from firmware.simulator.generators.levels import rms
from scripts.bench.curve import curve_svg
from scripts.bench.peers import caller_id as peers
from scripts.bench.row import Row

LANGUAGES = ("en", "es", "fr", "it", "ru")
SOUNDS = Path("/usr/share/asterisk")
PACKAGES = (
    "gcc|the drivers of the peers|command -v gcc",
    "libspandsp-dev|spandsp, a peer|test -e /usr/include/spandsp.h",
    "minimodem|a peer|command -v minimodem",
    *(
        f"asterisk-{name}-{form}|sound that is no caller ID|dpkg -s asterisk-{name}-{form}"
        for name in (*(f"core-sounds-{language}" for language in LANGUAGES), "moh-opsound")
        for form in ("wav", "gsm", "g722")
    ),
)
PICTURE = Path(__file__).parents[3] / "docs" / "caller-id-snr.svg"
RATE = 8000
LEVEL = -13.5
MESSAGES = 200
SNRS = (13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
GOALS = {8: ">= 99", 5: ">= 50"}
START = bytes([0x80, 35, 0x01, 0x08])
NAMES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ "
LONG = bool(os.environ.get("TIPRING_BENCH_LONG"))

Floats = NDArray[np.float32]


def measure() -> Iterator[Row]:
    """Every caller-ID row of the table, and what else the owner may rely on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        program = peers.built(folder)
        yield from _success(program, folder)
        yield from _tolerance()
        yield from _wrong(program, folder)
        yield from _speed(program, folder)
        yield from _live()
        yield from _talk_off(folder)


def _message(random: np.random.Generator) -> bytes:
    """38 bytes: date and time, ten digits, eleven letters."""
    when = "".join(f"{random.integers(1, top):02d}" for top in (13, 29, 24, 60))
    number = "".join(str(digit) for digit in random.integers(0, 10, 10))
    name = "".join(NAMES[place] for place in random.integers(0, len(NAMES), 11))
    return exchange.mdmf(when, number, name)


def _sent(
    message: bytes, modulation: Modulation, snr: float, random: np.random.Generator, pause: float
) -> Floats:
    """A quarter of a second of noise, the burst in noise, `pause` seconds of noise."""
    burst = modulate(burst_bits(message), RATE, modulation, LEVEL)
    before, behind = RATE // 4, round(pause * RATE)
    spread = rms(LEVEL) * 10 ** (-snr / 20)
    sound = random.standard_normal(before + len(burst) + behind, np.float32) * np.float32(spread)
    sound[before : before + len(burst)] += burst
    return sound


def _heard(samples: NDArray[np.int16]) -> list[CallerId]:
    decoder = CallerIdDecoder()
    found = decoder.feed(samples.astype(np.float32) / 32768) + decoder.flush()
    return [one for one in found if isinstance(one, CallerId)]


def _believed(samples: NDArray[np.int16]) -> list[bytes]:
    """Messages told as right, without their checksums."""
    return [
        bytes.fromhex(one.raw_hex)[:-1]
        for one in _heard(samples)
        if one.number_absent != "not decoded"
    ]


def _pcm(sound: Floats) -> NDArray[np.int16]:
    return np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)


def _success(program: Path, folder: Path) -> Iterator[Row]:
    random = np.random.default_rng(1)
    curves: dict[str, list[tuple[float, float]]] = {"Tipring": [], "minimodem": [], "spandsp": []}
    for snr in SNRS:
        sent = [_message(random) for _ in range(MESSAGES)]
        line = _pcm(np.concatenate([_sent(one, BELLCORE, snr, random, 0.5) for one in sent]))
        got = {
            "Tipring": _believed(line),
            "spandsp": peers.spandsp(program, line, folder).messages,
            "minimodem": peers.minimodem(line, folder, START).messages,
        }
        bare = {one[:-1] for one in sent}
        right = {who: 100 * len(bare & set(told)) / MESSAGES for who, told in got.items()}
        for who, share in right.items():
            curves[who].append((snr, share))
        for peer in ("spandsp", "minimodem"):
            name = f"Bellcore MDMF, 38 bytes, right at {snr} dB ({MESSAGES} messages)"
            yield Row("caller_id", name, right["Tipring"], "%", GOALS.get(snr), peer, right[peer])
    title = "Caller ID: 38-byte messages read whole and right"
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(curve_svg(title, "signal to noise in 0-4 kHz, dB", curves))


def _tolerance() -> Iterator[Row]:
    """Exchanges that are off: of 100 messages at 15 dB nearly every one has to be right."""
    cases = {
        "V.23": (V23, 0.0, 300, 180, 0),
        "tones and baud +2 %": (Modulation(1224.0, 2244.0, 1224.0), 0.0, 300, 180, 0),
        "tones -1 %, baud +2 %": (Modulation(1188.0, 2178.0, 1224.0), 0.0, 300, 180, 0),
        "V.23, tones and baud -2 %": (Modulation(1274.0, 2058.0, 1176.0), 0.0, 300, 180, 0),
        "space 10 dB weaker": (BELLCORE, -10.0, 300, 180, 0),
        "space 10 dB stronger": (BELLCORE, 10.0, 300, 180, 0),
        "Type II: no seizure, 80 marks": (BELLCORE, 0.0, 0, 80, 0),
        "UK: 96 bits of seizure, 55 marks": (V23, 0.0, 96, 55, 0),
        "ten marks between bytes": (BELLCORE, 0.0, 300, 180, 10),
    }
    random = np.random.default_rng(2)
    for name, (modulation, twist, seizure, mark, stuffing) in cases.items():
        sent = [_message(random) for _ in range(100)]
        parts: list[Floats] = []
        for one in sent:
            bits = burst_bits(one, seizure, mark, stuffing)
            burst = modulate(bits, RATE, modulation, LEVEL, twist)
            quiet = np.zeros(RATE // 2)
            noise = np.sqrt(np.mean(np.square(burst)) / 10**1.5)
            sound = np.concatenate((quiet, burst, quiet))
            sound = sound + random.normal(0, noise, len(sound))
            parts.append(sound.astype(np.float32))
        told = set(_believed(_pcm(np.concatenate(parts))))
        right = len({one[:-1] for one in sent} & told)
        yield Row("caller_id", f"right at 15 dB, {name}", right, "%", ">= 99")


def _wrong(program: Path, folder: Path) -> Iterator[Row]:
    """Messages at 0-12 dB: none may be told that was not sent."""
    count, batch = (100_000 if LONG else 5_000), 250
    random = np.random.default_rng(3)
    wrong = dict.fromkeys(("Tipring", "spandsp", "minimodem"), 0)
    for number in range(count // batch):
        modulation, standard = ((BELLCORE, "class"), (V23, "clip"))[number % 2]
        sent = [_message(random) for _ in range(batch)]
        parts = [_sent(one, modulation, random.uniform(0, 12), random, 0.5) for one in sent]
        line = _pcm(np.concatenate(parts))
        bare = {one[:-1] for one in sent}
        tones = (modulation.mark_hz, modulation.space_hz)
        got = {
            "Tipring": _believed(line),
            "spandsp": peers.spandsp(program, line, folder, standard).messages,
            "minimodem": peers.minimodem(line, folder, START, *tones).messages,
        }
        for who, told in got.items():
            wrong[who] += sum(one not in bare for one in told)
    for peer in ("spandsp", "minimodem"):
        name = f"wrong messages told as right, of {count} at 0-12 dB"
        yield Row("caller_id", name, wrong["Tipring"], "", "= 0", peer, wrong[peer])


def _fastest(line: Floats, times: int = 5) -> float:
    best = float("inf")
    for _ in range(times):
        decoder = CallerIdDecoder()
        began = time.process_time()
        decoder.feed(line)
        decoder.flush()
        best = min(best, time.process_time() - began)
    return best


def _speed(program: Path, folder: Path) -> Iterator[Row]:
    random = np.random.default_rng(4)
    for name, pause, goal in (
        ("a message every 10 s", 8.6, ">= 1.0"),
        ("messages end to end", 0.3, None),
    ):
        sent = [_message(random) for _ in range(100)]
        line = np.concatenate([_sent(one, BELLCORE, 35.0, random, pause) for one in sent])
        audio, ours = len(line) / RATE, _fastest(line)
        one = peers.spandsp(program, _pcm(line), folder, times=5)
        two = peers.minimodem(_pcm(line), folder, START)
        yield Row("caller_id", f"speed, {name}", round(one.seconds / ours, 2), "x spandsp", goal)
        for peer, got in (("spandsp", one), ("minimodem", two)):
            fast, theirs = round(audio / ours), round(audio / got.seconds)
            yield Row("caller_id", f"speed, {name}", fast, "x real time", None, peer, theirs)


def _live() -> Iterator[Row]:
    """20 ms at a time: an idle line, the longest feed, and how late a message is told."""
    random = np.random.default_rng(5)
    idle = random.standard_normal(120 * RATE, np.float32) * np.float32(rms(-60.0))
    decoder = CallerIdDecoder()
    began = time.process_time()
    for at in range(0, len(idle), 160):
        decoder.feed(idle[at : at + 160])
    share = 100 * (time.process_time() - began) / 120
    yield Row("caller_id", "idle line, 20 ms chunks", round(share, 3), "% of a core", "<= 0.3")
    longest = max(_longest(sound) for sound in _hard_to_hear(random))
    yield Row("caller_id", "longest feed of 20 ms", round(1000 * longest, 2), "ms", "<= 10")
    late = max(_lateness(snr, random) for snr in (30.0, 10.0, 6.0, 5.0) for _ in range(10))
    yield Row("caller_id", "told after the end of the message", round(1000 * late), "ms", "<= 300")


def _hard_to_hear(random: np.random.Generator) -> Iterator[Floats]:
    """What makes the decoder work: long bursts, endless data, many marks, loud squares."""
    text = bytes(random.integers(32, 127, 240, dtype=np.uint8))
    for stuffing, snr in ((0, 6.0), (9, 6.0), (9, 30.0)):
        bits = burst_bits(exchange.raw_mdmf([(0x50, text)]), stuffing=stuffing)
        burst = modulate(bits, RATE, BELLCORE, LEVEL)
        noise = random.normal(0, rms(LEVEL) * 10 ** (-snr / 20), len(burst) + RATE)
        noise[: len(burst)] += burst
        yield noise.astype(np.float32)
    many = np.concatenate([burst_bits(text[:20], 20, 80) for _ in range(20)])
    endless = np.concatenate((np.ones(200, np.uint8), random.integers(0, 2, 12_000, np.uint8)))
    for bits in (many, endless):
        burst = modulate(bits, RATE, V23, LEVEL)
        yield (burst + random.normal(0, 0.02, len(burst))).astype(np.float32)
    square = np.sign(np.sin(2 * np.pi * 1250 * np.arange(10 * RATE) / RATE))
    yield square.astype(np.float32)


def _longest(sound: Floats) -> float:
    """Processor seconds of the longest feed; of three runs the best, as others use the machine."""
    runs: list[list[float]] = []
    for _ in range(3):
        decoder, spent = CallerIdDecoder(), []
        for at in range(0, len(sound), 160):
            began = time.process_time()
            decoder.feed(sound[at : at + 160])
            spent.append(time.process_time() - began)
        runs.append(spent)
    return float(np.min(runs, axis=0).max())


def _lateness(snr: float, random: np.random.Generator) -> float:
    """Seconds of sound from the end of a message to the chunk in which it was told."""
    message = _message(random)
    sound = _sent(message, BELLCORE, snr, random, 1.0)
    decoder = CallerIdDecoder()
    for at in range(0, len(sound), 160):
        if decoder.feed(sound[at : at + 160]):
            return (at + 160 - (len(sound) - RATE)) / RATE
    return float("inf")


def _talk_off(folder: Path) -> Iterator[Row]:
    """Every recording of Debian's asterisk sounds, as it is coded in each package."""
    told, seconds = 0, 0.0
    for sound in _recordings(folder):
        effective = float(np.sqrt(np.mean(np.square(sound)))) + 1e-9
        for level in (-30.0, -20.0, -10.0):
            decoder = CallerIdDecoder()
            played = np.clip(sound * np.float32(rms(level) / effective), -1, 1)
            told += len(decoder.feed(played) + decoder.flush())
            seconds += len(sound) / RATE
    hours = round(seconds / 3600, 1)
    name = f"false caller IDs in {hours:g} h of speech and music played"
    yield Row("caller_id", name, told, "", "= 0")


def _recordings(folder: Path) -> Iterator[Floats]:
    g722 = peers.built(folder, "spandsp_g722")
    seen: set[Path] = set()
    for path in sorted(SOUNDS.rglob("*")):
        real = path.resolve()
        if real in seen or not real.is_file() or real.stat().st_size < 400:
            continue
        seen.add(real)
        if real.suffix == ".wav":
            yield soundfile.read(real, dtype="float32")[0]
        elif real.suffix == ".gsm":
            form = {"samplerate": RATE, "channels": 1, "format": "RAW", "subtype": "GSM610"}
            yield soundfile.read(real, dtype="float32", **form)[0]
        elif real.suffix == ".g722":
            wide = subprocess.run([str(g722), str(real)], check=True, capture_output=True).stdout
            yield Halver().feed(np.frombuffer(wide, "<i2").astype(np.float32) / 32768)

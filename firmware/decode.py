"""Every signal in a sound file, one row each: what `tipring decode` prints."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from firmware.events import AlertingTone, CallerId, DtmfDigit, Signal, Tone, ToneStarted
from firmware.plans import load_plans
from firmware.signals.bank import DecoderBank

RATE = 8000
BLOCK_S = 4.0  # longer stretches leave the cache: three times slower


class DecodeError(Exception):
    """A file that is no sound file, or cannot be read."""


def _blocks(path: Path) -> Iterator[tuple[int, np.ndarray[Any, np.dtype[np.float32]]]]:
    """(rate, mono float32 block) pairs; a file with a raw ending is 8 kHz signed 16-bit."""
    import soundfile

    raw = path.suffix.lower() in {".raw", ".s16", ".pcm", ".sln"}
    form = {"samplerate": RATE, "channels": 1, "format": "RAW", "subtype": "PCM_16"} if raw else {}
    try:
        with soundfile.SoundFile(path, **form) as sound:
            for block in sound.blocks(round(sound.samplerate * BLOCK_S), dtype="float32"):
                mono = block if block.ndim == 1 else block.mean(axis=1)
                yield sound.samplerate, np.ascontiguousarray(mono, np.float32)
    except (soundfile.LibsndfileError, OSError) as error:
        raise DecodeError(f"{path}: not a sound file that can be read: {error}") from error


def _row(path: Path, signal: Signal) -> dict[str, Any]:
    row: dict[str, Any] = {
        "file": str(path),
        "start_s": round(signal.start / RATE, 4),
        "end_s": round(signal.end / RATE, 4),
    }
    match signal:
        case DtmfDigit():
            row |= {"kind": "dtmf", "digit": signal.digit}
            row |= {"level_dbm0": round(signal.level_dbm0, 1)}
        case CallerId():
            row |= {
                "kind": "caller_id",
                "standard": signal.standard,
                "message": signal.kind,
                "parameters": [list(pair) for pair in signal.parameters],
                "number": signal.number,
                "name": signal.name,
                "time": signal.when,
                "number_absent": signal.number_absent,
                "name_absent": signal.name_absent,
                "raw_hex": signal.raw_hex,
            }
        case Tone():
            row |= {"kind": "tone", "name": signal.name, "plan": signal.plan}
            row |= {"level_dbm0": round(signal.level_dbm0, 1)}
        case AlertingTone():
            row |= {"kind": "cas", "level_dbm0": round(signal.level_dbm0, 1)}
    return row


def decode(path: Path, country: str | None = None) -> Iterator[dict[str, Any]]:
    """Rows in the order in which the signals end; a tone once it is over. Raises DecodeError.

    `country`: whose tone plan decides where several fit.
    """
    for signal in _signals(path, country):
        if not isinstance(signal, ToneStarted):
            yield _row(path, signal)


def _signals(path: Path, country: str | None) -> Iterator[Signal]:
    bank = DecoderBank(RATE, load_plans(country), country)
    resampler: Any = None
    for rate, block in _blocks(path):
        if rate != RATE:
            if resampler is None:
                import soxr

                resampler = soxr.ResampleStream(rate, RATE, 1, dtype="float32")
            block = resampler.resample_chunk(block)
        yield from bank.feed(block)
    if resampler is not None:
        tail = resampler.resample_chunk(np.zeros(0, np.float32), last=True)
        yield from bank.feed(tail)
    yield from bank.flush()

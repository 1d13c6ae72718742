"""A recorder with its consent desk on a line of noise, on a clock of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.people import People, Person
from firmware.audio.frames import Period, Samples
from firmware.config import Config, ConsentConfig, StateConfig
from firmware.consent_desk import ConsentDesk
from firmware.consent_terms import TermsBook
from firmware.events import (
    CallerId,
    Heard,
    OffHook,
    OnHook,
    PulseDigit,
    RingBurst,
)
from firmware.recorder import Recorder

RATE, STEP = 8000, 160
DOCTOR = "226304075"


class Line:
    """A recorder with its consent desk; what it plays is on the line 40 ms later."""

    def __init__(self, folder: Path, **chosen: Any) -> None:
        self.root = folder
        consent = replace(ConsentConfig(), **chosen)
        state = StateConfig(str(folder / "state"))
        self.config = replace(Config(), consent=consent, state=state)
        self.archive = Archive(folder)
        self.messages: list[dict[str, Any]] = []
        self.first = 0
        self.sounds: list[tuple[int, Samples]] = []
        self.deaf = False
        self.noise = np.random.default_rng(5)
        self.wrote: list[str] = []
        self.begin()

    def begin(self) -> None:
        """Start a recorder, as after a crash of the one before."""
        book = TermsBook(self.config, self.root, RATE)
        self.desk = ConsentDesk(self.config, book.terms, self.start, self.stop, lambda: self.now)
        self.book = book
        keeper = Keeper(self.archive, clock=lambda: self.now, listen=self.desk.listen)
        self.recorder = Recorder(
            *(self.config, self.archive, RATE, self.messages.append),
            keeper=keeper,
            boot_id="boot",
            consent=self.desk,
        )
        keeper.start("boot")

    @property
    def now(self) -> float:
        return self.first / RATE

    def start(self, _name: str, samples: Samples) -> bool:
        if not self.deaf:
            self.sounds.append((self.first + 320, samples))
        return True

    def stop(self) -> None:
        at = self.first
        self.sounds = [(first, sound[: max(0, at - first)]) for first, sound in self.sounds]

    def run(self, seconds: float, sound: Samples | None = None) -> None:
        for number in range(round(seconds * RATE / STEP)):
            samples = self.noise.normal(0, 200, STEP)
            for first, played in self.sounds:
                part = played[max(0, self.first - first) : max(0, self.first + STEP - first)]
                at = max(0, first - self.first)
                samples[at : at + len(part)] += part
            if sound is not None:
                part = sound[number * STEP : (number + 1) * STEP]
                samples[: len(part)] += part
            self.recorder.on_audio(Period(self.first, samples.astype(np.int16), self.now))
            self.first += STEP

    def ring(self, number: str | None = None) -> None:
        self.run(3)
        self.recorder.on_line(RingBurst(self.now, 1.0, 25.0))
        self.run(1)
        message = CallerId(0, 1, "etsi-v23", number=number, number_absent="withheld")
        self.recorder._happen(Heard(self.now, message))
        self.run(1)

    def lift(self) -> None:
        self.recorder.on_line(OffHook(self.now))

    def hang_up(self) -> dict[str, Any]:
        """The call as it is entered."""
        self.recorder.on_line(OnHook(self.now))
        self.run(1)
        return self.archive.calls()[0]

    def dial(self, digits: str) -> None:
        for digit in digits:
            self.recorder.on_line(PulseDigit(self.now, digit))
            self.run(0.6)

    def audio_files(self) -> list[Path]:
        return [one for one in self.root.rglob("*") if one.suffix in (".wav", ".flac")]


def never(folder: Path, number: str = DOCTOR, rule: str = "never") -> None:
    People(folder / "people.json").put(Person("", "Dr Anna", (number,), rule))

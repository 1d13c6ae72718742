"""What the running recorder plays into the line: the terms of consent, the desk and the card."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.audio.frames import Samples
from firmware.audio.playout import AlsaPlayout, Gate
from firmware.config import Config
from firmware.consent_desk import WHY_NOT, ConsentDesk
from firmware.consent_terms import TermsBook

ASKED_S = 1.0


class Asked:
    """The owner wants the announcement; who asks waits for the reply, but not for long."""

    def __init__(self, at: float) -> None:
        self._at = at
        self.reply: queue.SimpleQueue[str] = queue.SimpleQueue()

    def answer(self, now: float, announce: Callable[[float], str]) -> None:
        """Have it played, unless nobody waits for it any more."""
        if now - self._at < ASKED_S:
            self.reply.put(announce(now))


class LineOut:
    """`tell` takes what the recorder's own thread shall hear of: terms, troubles, sounds that are
    over, and who asks for an announcement. Raises UnknownPlace for a place of `of_the_file`.

    `config` is `of_the_file` with what the owner chose on the page; `root`: the archive's folder.
    """

    def __init__(
        self,
        of_the_file: Config,
        config: Config,
        root: Path,
        rate: int,
        tell: Callable[[Any], None],
        clock: Callable[[], float],
        gate: Gate,
    ) -> None:
        self._tell = tell
        self._terms = TermsBook(of_the_file, root, rate)
        self._terms.choose(config)
        self._terms.refresh()
        self._card: AlsaPlayout | None = None
        if config.consent.playout:
            self._card = AlsaPlayout(config.consent.playout, rate, tell, clock, gate)
        self.desk = ConsentDesk(config, self._terms.terms, self._play, self._be_silent, clock)

    def start(self) -> None:
        """See whether the card can play; what is wrong with it is told."""
        if self._card is not None:
            self._card.probe()

    def close(self) -> None:
        """Be silent, and let the card go."""
        if self._card is not None:
            self._card.close()

    def choose(self, config: Config) -> None:
        """The owner chose anew: it holds after the next `look`."""
        self._terms.choose(config)

    def look(self) -> None:
        """See what has changed in the terms; never on the recorder's own thread."""
        before = self._terms.terms
        for trouble in self._terms.refresh():
            self._tell(trouble)
        if self._terms.terms is not before:
            self._tell(self._terms.terms)

    def ask(self, now: float) -> dict[str, Any]:
        """Have the announcement played into the running call: the answer to who wants it."""
        asked = Asked(now)
        self._tell(asked)
        try:
            why = asked.reply.get(timeout=ASKED_S)
        except queue.Empty:
            why = "late"
        return {"ok": False, "code": why, "error": WHY_NOT[why]} if why else {"ok": True}

    def _play(self, name: str, samples: Samples) -> bool:
        return self._card is not None and self._card.play(name, samples)

    def _be_silent(self) -> None:
        if self._card is not None:
            self._card.stop()

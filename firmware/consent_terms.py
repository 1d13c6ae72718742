"""The terms of consent that hold now: what the owner chose, and his rules for numbers.

Read beside the recorder's work; of a broken file the last good state stands.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from firmware.archive.keeper import Trouble
from firmware.archive.people import PEOPLE, PeopleBroken, number_rules
from firmware.audio import announce
from firmware.audio.errors import AudioError
from firmware.audio.frames import Samples
from firmware.calls.consent import HOLD, NEVER, ConsentSettings, plan
from firmware.calls.number_rules import NumberRules
from firmware.choices import OWN_SOUND
from firmware.config import Config, ConsentConfig
from firmware.law import UnknownPlace, rule_for

SIDES: Mapping[str, frozenset[str] | None] = {
    "rule": None,
    "none": frozenset(),
    "incoming": frozenset({"incoming"}),
    "outgoing": frozenset({"outgoing"}),
    "both": frozenset({"incoming", "outgoing"}),
}
NUMBERS_BROKEN = "number-rules"
PLACE_UNKNOWN = "consent-place"
SOUND_BROKEN = "announcement-file"
NOT_ARMED = "not-armed"
EXAMPLE = "+48226304075"
OWN = "own"

Stamp = tuple[int, int, int] | None


@dataclass(frozen=True, eq=False, slots=True)
class Terms:
    """`announcement`, `beep`: (n,) int16 at the card's rate; `trouble`: why the owner's own
    announcement is not the one that is played, or "". `numbers`: never or hold."""

    settings: ConsentSettings
    announcement: Samples
    beep: Samples
    numbers: NumberRules
    trouble: str = ""


def settings_of(config: ConsentConfig, country: str) -> ConsentSettings:
    """The owner's choices; `country`: of the line, for its numbers. Raises UnknownPlace."""

    def numbers(text: str) -> tuple[str, ...]:
        return tuple(one.strip() for one in text.split(",") if one.strip())

    return ConsentSettings(
        rule=rule_for(config.place),
        business=config.use == "business",
        announce=SIDES[config.announce],
        beep=SIDES[config.beep] or frozenset(),
        always=numbers(config.always_announced),
        never_announced=numbers(config.never_announced),
        never_recorded=numbers(config.never_recorded),
        confirmed=config.armed == "yes",
        country=country,
    )


def terms_of(config: Config, rate: int, numbers: NumberRules, own: Path | None = None) -> Terms:
    """What holds by this configuration. `own`: where "own" as an announcement lies.

    Raises UnknownPlace.
    """
    wanted = config.consent
    sound, trouble = _sound(wanted.announcement, own, rate, wanted.playout_gain_db)
    settings = settings_of(wanted, config.line.country)
    beep = announce.beep(rate, wanted.playout_gain_db)
    return Terms(settings, sound, beep, numbers, trouble)


def _sound(name: str, own: Path | None, rate: int, gain_db: float) -> tuple[Samples, str]:
    if name in announce.LANGUAGES:
        return announce.announcement(name, rate, gain_db), ""
    path = own if name == OWN and own is not None else Path(name)
    try:
        return announce.own_announcement(path, rate, gain_db), ""
    except AudioError as error:
        why = f"{error} The English announcement is played instead."
        return announce.announcement("en", rate, gain_db), why


class TermsBook:
    """`terms` is what holds now; `refresh` looks whether anything has changed, on any thread but
    the recorder's. Raises UnknownPlace at construction.

    Contacts lie in `root`, the archive's folder, and the announcement that the owner gave on the
    page in the state folder.
    """

    def __init__(self, config: Config, root: Path, rate: int) -> None:
        self._config = config
        self._people = root / PEOPLE
        self._own = Path(config.state.directory) / OWN_SOUND
        self._rate = rate
        self._lock = threading.Lock()
        self._seen: tuple[ConsentConfig, Stamp, Stamp] | None = None
        self._numbers = NumberRules()
        self._troubles: dict[str, str] = {}
        self.terms = terms_of(config, rate, self._numbers, self._own)
        self.refresh()

    def choose(self, config: Config) -> None:
        """The owner chose anew: it holds after the next `refresh`."""
        self._config = config

    def refresh(self) -> list[Trouble]:
        """Read what has changed; what is wrong with it, or that nothing is any more."""
        with self._lock:
            config = self._config
            seen = (config.consent, _stamp(self._people), _stamp(self._own))
            if seen != self._seen:
                self._seen = seen
                self._keep(NUMBERS_BROKEN, self._read_numbers)
                self._keep(PLACE_UNKNOWN, lambda: self._make(config))
            return [Trouble(kind, why) for kind, why in self._troubles.items()]

    def _keep(self, kind: str, read: Callable[[], None]) -> None:
        try:
            read()
            self._troubles[kind] = ""
        except (PeopleBroken, UnknownPlace) as error:
            self._troubles[kind] = f"{error} What was read last still holds."

    def _read_numbers(self) -> None:
        found = number_rules(self._people)
        ordered = [pair for pair in found if pair[1] == HOLD]
        ordered += [pair for pair in found if pair[1] == NEVER]  # of the two, never counts
        self._numbers = NumberRules.of(ordered, self._config.line.country)

    def _make(self, config: Config) -> None:
        self.terms = terms_of(config, self._rate, self._numbers, self._own)
        plan(self.terms.settings, "incoming", EXAMPLE)  # the library of numbers is loaded here
        self._troubles[SOUND_BROKEN] = self.terms.trouble
        refused = plan(self.terms.settings, "incoming", None)
        self._troubles[NOT_ARMED] = _not_armed(self.terms) if refused.refused else ""


def _not_armed(terms: Terms) -> str:
    rule = terms.settings.rule
    return (
        f"Calls are not recorded. {rule.name}: {rule.statute}. Set up the announcement and confirm"
        " it on the page, under Recording and consent."
    )


def _stamp(path: Path) -> Stamp:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_ino, found.st_size)

"""The consent desk: from the events of a line to sounds, keys and the call's ledger."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.audio import announce
from firmware.audio.frames import Samples
from firmware.audio.playout import Played
from firmware.calls.number_rules import NumberRules
from firmware.config import Config, ConfigError, ConsentConfig, load
from firmware.consent_desk import WHY_NOT, ConsentDesk
from firmware.consent_ledger import not_heard
from firmware.consent_terms import terms_of
from firmware.events import (
    DtmfDigit,
    FlagPressed,
    Heard,
    HookFlash,
    LineReversal,
    OffHook,
    OnHook,
    PrivatePressed,
    RingBurst,
)
from firmware.law import UnknownPlace


class Line:
    """What the desk plays falls into the recording at the time it is played."""

    def __init__(self, **chosen: object) -> None:
        self.now = 100.0
        self.began = 98.0
        self.recording = np.random.default_rng(1).normal(0, 100, 30 * 8000).astype(np.int16)
        self.deaf = False
        self.silenced = 0
        consent = replace(ConsentConfig(playout="line_out"), **chosen)  # type: ignore[arg-type]
        config = replace(Config(), consent=consent)
        self.terms = terms_of(config, 8000, NumberRules())
        self.desk = ConsentDesk(config, self.terms, self.start, self.stop, lambda: self.now)

    def start(self, _name: str, samples: Samples) -> bool:
        if not self.deaf:
            at = round((self.now - self.began) * 8000)
            self.recording[at : at + len(samples)] += samples
        return True

    def stop(self) -> None:
        self.silenced += 1

    def answer(self) -> None:
        self.desk.take(RingBurst(self.now - 1, 1.0, 25.0))
        self.desk.take(OffHook(self.now))

    def ledger(
        self, way: str = "incoming", number: str | None = None
    ) -> tuple[dict[str, Any], str]:
        """What the call's record keeps once its recording was heard, and the alarm."""
        for one in self.desk.playings():
            one.expected = round((one.at - self.began) * 8000)
        kept = self.desk.ledger(self.desk.plan(way, number), [])
        record = {"consent": kept, "rate": 8000, "audio": "x.flac", "outcome": "answered"}
        if (check := self.desk.listen(record)) is not None:
            for at in range(0, len(self.recording), 65536):
                check.hear(at, self.recording[at : at + 65536])
            record |= check.facts()
        return dict(record["consent"]), not_heard(record)  # type: ignore[call-overload]


def test_an_office_in_poland_announces_and_the_ledger_says_from_where_to_where() -> None:
    line = Line(use="business")
    assert line.desk.plan("incoming", None).record
    line.answer()
    kept, alarm = line.ledger()
    assert alarm == ""
    [played] = kept["played"]
    sound = announce.announcement("pl", 8000)
    assert (played["from"], played["to"]) == (16000, 16000 + len(sound))
    assert played["audible"]
    assert kept["place"] == "PL"
    assert "267" in str(kept["statute"])


def test_what_cannot_be_heard_raises_the_alarm() -> None:
    line = Line(use="business")
    line.deaf = True
    line.answer()
    kept, alarm = line.ledger()
    assert "announcement cannot be heard" in alarm
    assert not kept["played"][0]["audible"]


def test_a_card_that_fails_is_in_the_ledger() -> None:
    line = Line(announce="both")
    line.deaf = True
    line.answer()
    line.desk.played(Played("announcement", line.now + 0.1, 0, "the card is gone"))
    kept, alarm = line.ledger()
    assert kept["played"][0]["error"] == "the card is gone"
    assert alarm


def test_without_a_card_to_play_the_owner_is_told() -> None:
    line = Line(use="business", playout="")
    line.answer()
    assert line.desk.announce_now(line.now) == "no-card"
    assert "told nothing" in line.ledger()[1]


def test_a_home_in_poland_plays_nothing_and_needs_nothing() -> None:
    line = Line(playout="")
    line.answer()
    kept, alarm = line.ledger()
    assert (kept["played"], kept["announce"], alarm) == ([], False, "")


def test_beeps_follow_the_clock() -> None:
    line = Line(beep="both")
    line.answer()
    assert line.desk.deadline() == 115.0
    line.now = 115.0
    line.desk.tick(115.0)
    kept, alarm = line.ledger()
    assert [one["what"] for one in kept["played"]] == ["beep"]
    assert alarm == ""
    line.desk.take(OnHook(120.0))
    assert line.silenced == 1


def test_a_number_that_is_never_recorded_is_not_recorded_once_it_is_known() -> None:
    line = Line(never_recorded="22 630 40 75, 600100200", announce="both")
    assert line.desk.plan("outgoing", "2263040").record
    assert not line.desk.plan("outgoing", "226304075").record
    kept, alarm = line.ledger("outgoing", "226304075")
    assert (kept["why"], kept["refused"]) == ("never-recorded-number", "never-recorded")
    assert alarm == ""


def test_keys_of_the_own_telephone_become_the_buttons_events() -> None:
    line = Line(keys="on", announce="none")
    line.answer()
    heard = []
    for number, digit in enumerate("*7*8*9"):
        line.now = 105.0 + number
        heard += line.desk.take(Heard(line.now, DtmfDigit(0, 1, digit, -6.0)))
    assert heard == [FlagPressed(106.0), PrivatePressed(108.0)]
    assert [one["what"] for one in line.ledger()[0]["played"]] == ["announcement"]


def test_keys_are_off_by_default() -> None:
    line = Line()
    line.answer()
    for digit in "*8":
        assert line.desk.take(Heard(110.0, DtmfDigit(0, 1, digit, -6.0))) == []


def test_an_outgoing_call_is_announced_at_the_line_reversal() -> None:
    line = Line(announce="outgoing")
    line.desk.take(OffHook(line.now))
    line.now = 110.0
    line.desk.take(LineReversal(110.0))
    assert line.desk.plan("outgoing", "221234567").announce
    kept, alarm = line.ledger("outgoing", "221234567")
    assert kept["played"][0]["from"] == 12 * 8000
    assert alarm == ""


def test_a_wav_that_cannot_be_played_is_told_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "own.wav"
    path.write_bytes(b"no sound")
    line = Line(announcement=str(path), announce="both")
    assert "English announcement is played instead" in line.terms.trouble
    line.answer()
    assert line.ledger()[1] == ""


def test_an_unknown_place_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnknownPlace):
        Line(place="XX")
    path = tmp_path / "c.toml"
    path.write_text('[consent]\nkey_flag = "7"')
    with pytest.raises(ConfigError, match=r"consent.key_flag: expected \* and a digit"):
        load(path)


def test_who_may_not_announce_now_is_told_why() -> None:
    line = Line()
    assert line.desk.announce_now(99.0) == "no-call"
    line.answer()
    line.desk.take(HookFlash(line.now, 0.1))
    assert line.desk.announce_now(line.now + 1) == "doubt"
    assert line.desk.announce_now(line.now + 21) == ""
    line.desk.refuse(line.now + 22)
    assert line.desk.announce_now(line.now + 22) == "refused"
    assert all(why in WHY_NOT for why in ("no-call", "doubt", "no-card", "busy", "refused"))


def test_an_announcement_that_a_hang_up_broke_off_is_still_found() -> None:
    line = Line(use="business")
    line.answer()
    line.desk.take(OnHook(line.now + 1.2))
    line.recording = line.recording[: round((line.now + 1.2 - line.began) * 8000)]
    kept, alarm = line.ledger()
    assert kept["played"][0]["from"] == 16000
    assert alarm == ""


def test_nobody_is_told_of_an_announcement_into_a_call_that_was_not_answered() -> None:
    kept = {"recorded": True, "announce": True, "played": []}
    record = {"consent": kept, "audio": "x.flac", "outcome": "unknown"}
    assert "told nothing" in not_heard(record)
    assert not_heard({**record, "outcome": "busy"}) == ""
    assert not_heard({**record, "audio": None}) == ""


def test_a_new_announcement_does_not_make_the_last_call_one_without() -> None:
    line = Line(use="business")
    line.answer()
    line.desk.take(OnHook(line.now + 5))
    config = replace(Config(), consent=replace(ConsentConfig(), announcement="en"))
    line.desk.renew(terms_of(config, 8000, NumberRules()))
    assert line.ledger()[0]["played"][0]["audible"]

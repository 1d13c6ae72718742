"""Consent: what the rules say, when the box speaks, and which keys it obeys."""

from pathlib import Path

import pytest

from firmware.calls.announcer import (
    BEEP_EVERY_S,
    WAITING_S,
    Announcer,
    PlayAnnouncement,
    PlayBeep,
    StopPlaying,
)
from firmware.calls.consent import ConsentSettings, Must, plan
from firmware.calls.keys import KeyCodes
from firmware.events import (
    AlertingTone,
    DtmfDigit,
    Heard,
    HookFlash,
    LineReversal,
    OffHook,
    OnHook,
    RingBurst,
    Tone,
)
from firmware.law import FOLDER, UnknownPlace, load_rules, rule_for

RULES = load_rules()
BOTH = frozenset({"incoming", "outgoing"})


def settings(place: str = "PL", **more: object) -> ConsentSettings:
    return ConsentSettings(RULES[place], **more)  # type: ignore[arg-type]


def test_every_row_has_a_statute_and_a_source_and_says_it_is_no_advice() -> None:
    states = {place for place in RULES if place.startswith("US-")}
    assert len(states) == 51
    assert {"PL", "DE", "GB", "FR", "IT", "ES", "NL", "SE", "CZ", "SK", "UA", "US"} <= set(RULES)
    for rule in RULES.values():
        assert rule.statute
        assert rule.source
        assert rule.business_statute
    for path in FOLDER.glob("*.toml"):
        assert "NOT LEGAL ADVICE" in path.read_text()


def test_nothing_claims_that_a_recording_is_lawful_or_that_the_fcc_wants_a_beep() -> None:
    root = Path(__file__).parents[2] / "firmware"
    for path in [*root.rglob("*.py"), *root.rglob("*.toml"), *root.rglob("*.html")]:
        text = path.read_text("utf-8").lower()
        assert "required by the fcc" not in text
        for claim in ("makes it legal", "makes it lawful", "makes the recording lawful"):
            assert claim not in text


def test_where_lists_differ_the_stricter_one_stands() -> None:
    for state in ("US-CT", "US-DE", "US-MI", "US-NV", "US-VT"):
        assert RULES[state].must is Must.ALL
        assert "differ" in RULES[state].note


def test_of_two_places_the_stricter_counts() -> None:
    assert rule_for("US-NY", "US-CA").place == "US-CA"
    assert rule_for("PL", "DE").place == "DE"
    with pytest.raises(UnknownPlace, match="'XX'"):
        rule_for("PL", "XX")


def test_a_home_in_poland_records_without_an_announcement() -> None:
    made = plan(settings(), "incoming", "221234567")
    assert (made.record, made.announce, made.beep) == (True, False, False)


def test_an_office_in_poland_announces() -> None:
    made = plan(settings(business=True), "incoming", None)
    assert (made.record, made.announce) == (True, True)
    assert "business" in made.why


def test_germany_is_not_armed_until_an_announcement_is_set_up() -> None:
    assert not plan(settings("DE"), "incoming", None).record
    armed = plan(settings("DE", confirmed=True), "incoming", None)
    assert (armed.record, armed.announce) == (True, True)
    half = settings("DE", confirmed=True, announce=frozenset({"incoming"}))
    assert plan(half, "incoming", None).record
    assert not plan(half, "outgoing", None).record


def test_the_owner_chooses_by_direction_and_number() -> None:
    own = settings(announce=frozenset({"incoming"}), always=("600100200",), never_announced=("22",))
    assert plan(own, "incoming", "1").announce
    assert not plan(own, "outgoing", "1").announce
    assert plan(own, "outgoing", "+48600100200").announce
    assert not plan(own, "incoming", "22").announce


def test_numbers_of_doctors_and_lawyers_are_never_recorded() -> None:
    own = settings(never_recorded=("+48 22 111 22 33",), announce=BOTH)
    made = plan(own, "incoming", "221112233")
    assert (made.record, made.announce, made.why) == (False, False, "never-recorded-number")
    assert plan(own, "incoming", "221112234").record
    assert plan(own, "incoming", None).record


def answered(announcer: Announcer, at: float = 10.0) -> list[object]:
    announcer.handle(RingBurst(at - 1, 1.0, 25.0))
    return list(announcer.handle(OffHook(at)))


def test_an_incoming_call_is_announced_at_its_answer_and_once() -> None:
    announcer = Announcer(settings(announce=BOTH, beep=BOTH))
    assert answered(announcer) == [PlayAnnouncement(10.0)]
    assert announcer.deadline() == 10.0 + BEEP_EVERY_S
    assert announcer.tick(24.9) == []
    assert announcer.tick(25.0) == [PlayBeep(25.0)]
    assert announcer.deadline() == 40.0
    assert announcer.handle(OnHook(50.0)) == [StopPlaying(50.0)]
    assert announcer.deadline() is None
    assert answered(announcer, 100.0) == [PlayAnnouncement(100.0)]


def test_an_outgoing_call_is_announced_when_the_exchange_says_it_was_answered() -> None:
    announcer = Announcer(settings(announce=BOTH))
    assert announcer.handle(OffHook(1.0)) == []
    assert announcer.handle(Heard(8.0, Tone(0, 1, "ringback", "pl"))) == []
    assert announcer.tick(60.0) == []
    assert announcer.handle(LineReversal(61.0)) == [PlayAnnouncement(61.0)]
    assert announcer.handle(LineReversal(90.0)) == []


def test_without_a_sure_answer_nothing_is_played_unless_the_owner_asks() -> None:
    announcer = Announcer(settings(announce=BOTH, beep=BOTH))
    announcer.handle(OffHook(1.0))
    assert announcer.tick(120.0) == []
    assert announcer.announce_now(121.0) == [PlayAnnouncement(121.0)]
    assert Announcer(settings()).announce_now(1.0) == []


@pytest.mark.parametrize("event", [Heard(20.0, AlertingTone(0, 1, -20.0)), HookFlash(20.0, 0.1)])
def test_nothing_is_played_into_a_call_waiting_call(event: object) -> None:
    announcer = Announcer(settings(announce=BOTH, beep=BOTH))
    answered(announcer)
    assert announcer.handle(event) == [StopPlaying(20.0)]  # type: ignore[arg-type]
    assert announcer.tick(25.0) == []
    assert announcer.announce_now(30.0) == []
    assert announcer.tick(20.0 + WAITING_S) == [PlayBeep(40.0)]


def test_a_ring_that_stopped_long_ago_does_not_make_a_call_incoming() -> None:
    announcer = Announcer(settings(announce=BOTH))
    announcer.handle(RingBurst(1.0, 1.0, 25.0))
    assert announcer.handle(OffHook(60.0)) == []


def test_off_by_default_at_home_in_poland() -> None:
    announcer = Announcer(settings())
    assert answered(announcer) == []
    assert announcer.deadline() is None


CODES = {"flag": "*7", "private": "*8", "announce": "*9"}


def pressed(keys: KeyCodes, digits: str, at: float = 20.0, level: float = -6.0) -> list[str]:
    heard = []
    for number, digit in enumerate(digits):
        meaning = keys.heard(at + 0.4 * number, DtmfDigit(0, 1, digit, level))
        heard += [meaning] if meaning else []
    return heard


def test_codes_of_the_own_telephone_are_obeyed() -> None:
    keys = KeyCodes(CODES)
    keys.begin(0.0, dialling=False)
    assert pressed(keys, "*7") == ["flag"]
    assert pressed(keys, "*8", 30.0) == ["private"]
    assert pressed(keys, "1*9", 40.0) == ["announce"]
    assert pressed(keys, "**7", 50.0) == ["flag"]


def test_they_are_off_by_default() -> None:
    keys = KeyCodes()
    keys.begin(0.0, dialling=False)
    assert pressed(keys, "*7*8*9") == []


def test_the_far_ends_digits_do_nothing_where_their_level_tells_them() -> None:
    keys = KeyCodes(CODES)
    keys.begin(0.0, dialling=False)
    assert pressed(keys, "*8", level=-18.0) == []
    assert keys.heard(30.0, DtmfDigit(0, 1, "*", -6.0)) is None
    assert keys.heard(30.4, DtmfDigit(0, 1, "7", -18.0)) is None


def test_a_service_code_of_the_network_is_no_command() -> None:
    keys = KeyCodes(CODES)
    keys.begin(0.0, dialling=True)
    assert pressed(keys, "*70", 1.0) == []
    assert pressed(keys, "221234567", 3.0) == []
    assert pressed(keys, "*7", 30.0) == ["flag"]


def test_a_code_that_takes_too_long_is_none() -> None:
    keys = KeyCodes(CODES)
    keys.begin(0.0, dialling=False)
    assert keys.heard(20.0, DtmfDigit(0, 1, "*", -6.0)) is None
    assert keys.heard(24.0, DtmfDigit(0, 1, "7", -6.0)) is None

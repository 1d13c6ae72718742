"""Whether an outgoing call was answered, as the tones of the exchange tell; what they do not
tell is unknown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from firmware.calls.call import Call, Outcome
from firmware.calls.decisions import Decision, Finished, StartRecording, StopRecording
from firmware.calls.machine import CallMachine, CallSettings
from firmware.events import (
    DtmfDigit,
    Heard,
    LineEvent,
    LineReversal,
    OffHook,
    OnHook,
    PrivatePressed,
    PulseDigit,
    RingBurst,
    Tone,
    ToneStarted,
)


def digits(first: float, dialled: str = "226304075") -> list[Heard]:
    return [
        Heard(first + 0.2 * n, DtmfDigit(0, 1, digit, -10.0), first + 0.2 * n + 0.1)
        for n, digit in enumerate(dialled)
    ]


def tone(name: str, start: float, end: float | None = None, certain: float = 2.0) -> list[Heard]:
    """Told when certain, and, with an `end`, when it is over."""
    told = [Heard(start, ToneStarted(0, 1, name, "PL", -20.0), start + certain)]
    if end is not None:
        told.append(Heard(start, Tone(0, 1, name, "PL", -20.0), end))
    return told


def outcome(*events: LineEvent | Heard, vox: bool = False) -> Call:
    machine = CallMachine(CallSettings(hook_seen=not vox))
    made = [decision for event in (OffHook(0.0), *events) for decision in machine.handle(event)]
    [call] = [one.call for one in made if isinstance(one, Finished)]
    return call


def told(call: Call) -> tuple[Outcome, bool | None]:
    return call.outcome, call.answered


DIAL = tone("dial", 0.3, 2.0)


def test_ringback_until_the_hang_up_is_no_answer() -> None:
    call = outcome(*DIAL, *digits(2), *tone("ringback", 6), OnHook(31))
    assert told(call) == (Outcome.NO_ANSWER, False)


def test_ringback_that_stopped_before_talk_is_an_answer() -> None:
    call = outcome(*DIAL, *digits(2), *tone("ringback", 6, 17), OnHook(61))
    assert told(call) == (Outcome.ANSWERED, True)


def test_a_call_hung_up_just_after_ringback_stopped_or_was_talked_over_cannot_be_told() -> None:
    call = outcome(*DIAL, *digits(2), *tone("ringback", 6, 17), OnHook(21.8))
    assert told(call) == (Outcome.UNKNOWN, None)


def test_ringback_that_goes_on_under_talk_is_one_tone_and_no_answer() -> None:
    call = outcome(*digits(2, "1"), *tone("ringback", 6, 12), *tone("ringback", 16), OnHook(31))
    assert told(call) == (Outcome.NO_ANSWER, False)
    assert [one for one in call.tones if one["kind"] == "ringback"] == [
        {"kind": "ringback", "plan": "PL", "offset": 6.0}
    ]
    answered = (*tone("ringback", 6, 12), *tone("ringback", 16, 17))
    call = outcome(*digits(2, "1"), *answered, OnHook(60))
    assert told(call) == (Outcome.ANSWERED, True)
    assert [one.get("duration") for one in call.tones if one["kind"] == "ringback"] == [11.0]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("busy", Outcome.BUSY),
        ("reorder", Outcome.CONGESTION),
        ("sit", Outcome.UNOBTAINABLE),
    ],
)
def test_what_the_exchange_refuses_has_its_name(name: str, expected: Outcome) -> None:
    assert told(outcome(*DIAL, *digits(2), *tone(name, 6), OnHook(12))) == (expected, False)


def test_busy_after_ringback_that_rang_out_is_no_answer() -> None:
    call = outcome(*digits(2), *tone("ringback", 6, 67), *tone("busy", 67.5), OnHook(75))
    assert told(call) == (Outcome.NO_ANSWER, False)


def test_busy_after_ringback_and_talk_is_an_answered_call_whose_far_end_hung_up() -> None:
    call = outcome(*digits(2), *tone("ringback", 6, 17), *tone("busy", 80), OnHook(90))
    assert told(call) == (Outcome.ANSWERED, True)


def test_busy_a_few_seconds_after_ringback_cannot_be_told() -> None:
    call = outcome(*digits(2), *tone("ringback", 6, 17), *tone("busy", 20.5), OnHook(30))
    assert told(call) == (Outcome.UNKNOWN, None)


def test_busy_long_after_the_digits_without_ringback_cannot_be_told() -> None:
    assert told(outcome(*digits(2), *tone("busy", 90), OnHook(95))) == (Outcome.UNKNOWN, None)


def test_a_call_in_which_no_tone_was_heard_cannot_be_told() -> None:
    assert told(outcome(*digits(2), OnHook(60))) == (Outcome.UNKNOWN, None)
    assert told(outcome(OnHook(60))) == (Outcome.UNKNOWN, None)


def test_dial_tone_until_the_hang_up_means_that_nothing_was_dialled() -> None:
    assert told(outcome(*tone("dial", 0.3), OnHook(5))) == (Outcome.NOT_DIALLED, False)
    given_up = outcome(*tone("dial", 0.3, 15), *tone("busy", 15.2), OnHook(25))
    assert told(given_up) == (Outcome.NOT_DIALLED, False)


def test_a_reversal_after_the_digits_is_an_answer_and_one_before_is_not() -> None:
    assert told(outcome(*digits(2), LineReversal(9), OnHook(12))) == (Outcome.ANSWERED, True)
    early = outcome(LineReversal(0.5), *digits(2), *tone("ringback", 6), OnHook(30))
    assert told(early) == (Outcome.NO_ANSWER, False)


def test_an_answering_fax_machine_is_an_answer() -> None:
    assert told(outcome(*digits(2), *tone("ced", 9), OnHook(40))) == (Outcome.ANSWERED, True)


def test_pulse_dialled_calls_are_told_alike() -> None:
    dialled = [PulseDigit(2.0 + n, digit) for n, digit in enumerate("226304")]
    call = outcome(*DIAL, *dialled, *tone("busy", 10), OnHook(15))
    assert told(call) == (Outcome.BUSY, False)
    assert call.number == "226304"


def test_keys_after_the_answer_are_no_part_of_the_number() -> None:
    call = outcome(*digits(2, "800"), *tone("ringback", 4, 9), *digits(15, "1234"), OnHook(60))
    assert call.number == "800"
    assert [one["digit"] for one in call.tones if one["kind"] == "dtmf"] == list("8001234")


def test_an_incoming_call_that_is_lifted_is_answered_whatever_tones_come() -> None:
    machine = CallMachine()
    events = [RingBurst(1.0, 1.0, 25.0), OffHook(3.0), *tone("busy", 30), OnHook(40.0)]
    made = [decision for event in events for decision in machine.handle(event)]
    [call] = [one.call for one in made if isinstance(one, Finished)]
    assert told(call) == (Outcome.ANSWERED, True)


def test_a_private_call_stays_private_and_keeps_whether_it_was_answered() -> None:
    call = outcome(*digits(2), *tone("ringback", 6, 17), PrivatePressed(30), OnHook(40))
    assert told(call) == (Outcome.PRIVATE, True)


def test_tones_are_in_the_record_once_with_their_duration() -> None:
    call = outcome(*DIAL, *digits(2, "1"), *tone("ringback", 6, 17), OnHook(61))
    assert [one for one in call.tones if one["kind"] != "dtmf"] == [
        {"kind": "dial", "plan": "PL", "offset": 0.3, "duration": 1.7},
        {"kind": "ringback", "plan": "PL", "offset": 6.0, "duration": 11.0},
    ]


def run(machine: CallMachine, *events: LineEvent | Heard) -> list[Decision]:
    return [decision for event in events for decision in machine.handle(event)]


def test_without_hook_detection_busy_tone_ends_the_call() -> None:
    machine = CallMachine(CallSettings(hook_seen=False))
    made = run(machine, OffHook(0.0), *digits(2), *tone("ringback", 6, 17), *tone("busy", 80))
    [call] = [one.call for one in made if isinstance(one, Finished)]
    assert told(call) == (Outcome.ANSWERED, True)
    assert [one.time for one in made if isinstance(one, StopRecording)] == [82.0]
    assert machine.state == "idle"


def test_the_busy_tone_that_ended_a_call_is_no_new_call_but_what_follows_it_is() -> None:
    machine = CallMachine(CallSettings(hook_seen=False))
    began, over = tone("busy", 80, 95)
    run(machine, OffHook(0.0), began)
    assert run(machine, OffHook(82.5), OffHook(83.0)) == []
    run(machine, over, OffHook(96.0))
    assert machine.state == "incall"


def test_with_hook_detection_busy_tone_ends_nothing() -> None:
    machine = CallMachine()
    run(machine, OffHook(0.0), *tone("busy", 80))
    assert machine.state == "incall"


NAMES = ["dial", "ringback", "busy", "reorder", "sit", "ced"]
EVENTS = st.one_of(
    st.sampled_from([OffHook, OnHook, LineReversal, PrivatePressed]).map(lambda kind: [kind]),
    st.sampled_from(NAMES).map(lambda name: [ToneStarted, name]),
    st.sampled_from(NAMES).map(lambda name: [Tone, name]),
    st.sampled_from("0123456789").map(lambda digit: [DtmfDigit, digit]),
)


def made_at(what: list[object], now: float) -> LineEvent | Heard:
    kind = what[0]
    if kind is DtmfDigit:
        return Heard(now, DtmfDigit(0, 1, str(what[1]), -10.0), now + 0.1)
    if kind in (ToneStarted, Tone):
        return Heard(now, kind(0, 1, str(what[1]), "PL", -20.0), now)  # type: ignore[operator]
    return kind(now)  # type: ignore[operator,no-any-return]


@given(st.lists(st.tuples(EVENTS, st.floats(0.01, 20)), max_size=50), st.booleans())
def test_whatever_tones_come_every_recording_ends_in_one_call_with_an_honest_answer(
    steps: list[tuple[list[object], float]], hook_seen: bool
) -> None:
    machine, again = (CallMachine(CallSettings(hook_seen=hook_seen)) for _ in range(2))
    now, made, other = 0.0, [], []
    for what, wait in steps:
        now += wait
        made += machine.handle(made_at(what, now))
        other += again.handle(made_at(what, now))
    made += machine.shutdown(now + 1)
    other += again.shutdown(now + 1)
    assert made == other
    starts = [one.time for one in made if isinstance(one, StartRecording)]
    calls = [one.call for one in made if isinstance(one, Finished)]
    assert [call.off_hook for call in calls] == starts
    for call in calls:
        assert call.ended is not None and call.off_hook is not None
        assert call.ended >= call.off_hook
        if call.outcome is Outcome.ANSWERED:
            assert call.answered is True
        if call.outcome is Outcome.UNKNOWN:
            assert call.answered is None
        if call.outcome in (Outcome.BUSY, Outcome.NO_ANSWER, Outcome.NOT_DIALLED):
            assert call.answered is False

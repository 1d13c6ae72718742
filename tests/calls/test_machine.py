"""What the state machine makes of a line."""

from hypothesis import given
from hypothesis import strategies as st

from firmware.calls.call import Direction, Outcome
from firmware.calls.decisions import (
    ClearAlarm,
    Decision,
    EraseRecording,
    Finished,
    FlagLast,
    Missed,
    RaiseAlarm,
    StartRecording,
)
from firmware.calls.machine import CallMachine, CallSettings
from firmware.events import (
    CallerId,
    DtmfDigit,
    FlagPressed,
    Heard,
    HookFlash,
    LineCut,
    LineEvent,
    LineRestored,
    OffHook,
    OnHook,
    PrivatePressed,
    PulseDigit,
    RingBurst,
    RingStarted,
)


def play(machine: CallMachine, *events: LineEvent | Heard) -> list[Decision]:
    return [decision for event in events for decision in machine.handle(event)]


def calls_of(decisions: list[Decision]) -> list[object]:
    return [made.call for made in decisions if isinstance(made, Finished | Missed)]


def caller(number: str | None, absent: str | None = None) -> CallerId:
    return CallerId(0, 1, "bellcore-mdmf", number=number, number_absent=absent)


def test_a_ring_before_off_hook_means_incoming_and_the_number_is_there_before_it() -> None:
    machine = CallMachine()
    play(machine, RingStarted(1.0), RingBurst(2.0, 1.0, 25.0), Heard(2.5, caller("221234567")))
    assert machine.call is not None
    assert machine.call.number == "221234567"
    made = play(machine, OffHook(5.0), OnHook(60.0))
    [call] = calls_of(made)
    assert call.direction is Direction.INCOMING
    assert call.outcome is Outcome.ANSWERED
    assert (call.off_hook, call.ended, call.rings) == (5.0, 60.0, 1)


def test_caller_id_before_the_first_ring_is_with_the_call() -> None:
    made = play(
        CallMachine(), Heard(1.0, caller("5551234")), RingBurst(3.0, 1.0, 25), OffHook(4), OnHook(9)
    )
    assert calls_of(made)[0].number == "5551234"


def test_a_withheld_number_says_so() -> None:
    made = play(
        CallMachine(),
        RingBurst(2.0, 1.0, 25),
        Heard(2.5, caller(None, "withheld")),
        OffHook(4),
        OnHook(9),
    )
    assert calls_of(made)[0].number_absent == "withheld"


def test_off_hook_without_a_ring_is_outgoing_with_the_digits_dialled() -> None:
    digits = [Heard(2.0 + n, DtmfDigit(0, 1, digit, -10.0)) for n, digit in enumerate("112")]
    made = play(CallMachine(), OffHook(1.0), *digits, PulseDigit(6.0, "7"), OnHook(9.0))
    [call] = calls_of(made)
    assert call.direction is Direction.OUTGOING
    assert call.dialled == "1127"


def test_ringing_that_stops_is_a_missed_call() -> None:
    machine = CallMachine()
    play(machine, RingBurst(2.0, 1.0, 25), RingBurst(7.0, 1.0, 25))
    assert machine.deadline() == 15.0
    [call] = calls_of(machine.tick(15.0))
    assert call.outcome is Outcome.MISSED
    assert call.rings == 2
    assert machine.state == "idle"


def test_a_flash_and_call_waiting_do_not_split_a_call() -> None:
    made = play(
        CallMachine(),
        OffHook(1.0),
        Heard(5.0, caller("600700800")),
        HookFlash(6.0, 0.1),
        OnHook(20.0),
    )
    [call] = calls_of(made)
    assert call.hook_events == [{"kind": "flash", "offset": 5.0}]
    assert call.waiting[0]["number"] == "600700800"


def test_a_phone_left_off_the_hook_raises_an_alarm_and_ends_at_the_limit() -> None:
    machine = CallMachine(CallSettings(off_hook_alarm_s=100, off_hook_limit_s=200))
    play(machine, OffHook(0.0))
    assert [type(made) for made in machine.tick(100.0)] == [RaiseAlarm]
    [call] = calls_of(machine.tick(200.0))
    assert call.outcome is Outcome.TOO_LONG
    assert machine.state == "stuck"
    assert any(isinstance(made, ClearAlarm) for made in play(machine, OnHook(300.0)))
    assert machine.state == "idle"


def test_a_cut_line_ends_the_call_and_raises_an_alarm() -> None:
    machine = CallMachine()
    made = play(machine, OffHook(0.0), LineCut(5.0))
    assert calls_of(made)[0].outcome is Outcome.LINE_CUT
    assert any(isinstance(one, RaiseAlarm) for one in made)
    play(machine, LineRestored(8.0))
    assert machine.state == "idle"


def test_a_flag_marks_the_second_and_later_the_last_call() -> None:
    machine = CallMachine()
    made = play(machine, OffHook(1.0), FlagPressed(4.5), OnHook(9.0))
    assert calls_of(made)[0].flags == [3.5]
    assert play(machine, FlagPressed(609.0)) == [FlagLast(609.0)]
    assert play(machine, FlagPressed(609.1)) == []


def test_a_private_call_is_erased_once_and_has_a_row() -> None:
    made = play(CallMachine(), OffHook(1.0), PrivatePressed(3.0), PrivatePressed(4.0), OnHook(9.0))
    assert sum(isinstance(one, EraseRecording) for one in made) == 1
    assert calls_of(made)[0].outcome is Outcome.PRIVATE


def test_shutdown_closes_a_running_call_as_unfinished() -> None:
    machine = CallMachine()
    play(machine, OffHook(1.0))
    assert calls_of(machine.shutdown(5.0))[0].outcome is Outcome.UNFINISHED


def test_by_voice_a_caller_in_the_first_seconds_makes_the_call_incoming() -> None:
    for heard, lifted in ((2.5, 1.0), (1.0, 2.5)):
        machine = CallMachine(CallSettings(hook_seen=False))
        events = [Heard(heard, caller("221234567")), OffHook(lifted)]
        made = play(machine, *sorted(events, key=lambda event: event.time), OnHook(60.0))
        [call] = calls_of(made)
        assert call.direction is Direction.INCOMING
        assert call.number == "221234567"
        assert call.outcome is Outcome.UNKNOWN  # whether anybody lifted is not known
        assert call.answered is None


def test_a_call_on_a_line_that_looks_cut_is_recorded_all_the_same() -> None:
    machine = CallMachine()
    made = play(machine, LineCut(1.0), OffHook(5.0))
    assert [type(one) for one in made if isinstance(one, ClearAlarm | StartRecording)] == [
        ClearAlarm,
        StartRecording,
    ]
    [call] = calls_of(play(machine, OnHook(9.0)))
    assert call.outcome is Outcome.UNKNOWN
    made = play(machine, LineCut(20.0), RingStarted(21.0), RingBurst(22.0, 1.0, 25.0))
    assert machine.state == "ringing"


KINDS = [OffHook, OnHook, RingStarted, LineCut, LineRestored, FlagPressed, PrivatePressed]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.floats(0.01, 20)), max_size=60))
def test_every_recording_ends_in_exactly_one_call_and_no_two_are_glued(
    steps: list[tuple[type[LineEvent], float]],
) -> None:
    machine, again, now = CallMachine(), CallMachine(), 0.0
    made: list[Decision] = []
    for kind, wait in steps:
        now += wait
        made += machine.handle(kind(now))
        again.handle(kind(now))
    made += machine.shutdown(now + 1)
    again.shutdown(now + 1)
    starts = [one.time for one in made if isinstance(one, StartRecording)]
    finished = [one.call for one in made if isinstance(one, Finished)]
    assert [call.off_hook for call in finished] == starts
    for call in finished:
        assert call.off_hook is not None and call.ended is not None
        assert call.off_hook <= call.ended
    for earlier, later in zip(finished, finished[1:], strict=False):
        assert earlier.ended <= later.off_hook
    assert machine.state == again.state

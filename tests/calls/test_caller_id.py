"""What messages from the exchange make of a call."""

from firmware.calls.call import Call
from firmware.calls.decisions import Missed
from firmware.calls.machine import CallMachine
from firmware.events import CallerId, Heard, RingBurst

KNOWN = CallerId(
    0,
    1,
    "etsi-v23",
    parameters=(("call type", "voice call"),),
    number="221234567",
    when="11231430",
    raw_hex="80",
)
SPOILT = CallerId(0, 1, "etsi-v23", number_absent="not decoded", name_absent="not decoded")
WAITING = CallerId(0, 1, "etsi-v23", kind="message-waiting", number_absent="not sent")


def call_with(*messages: CallerId, before_the_ring: bool = False) -> Call:
    """The missed call that rang twice, with messages after the first ring or before it."""
    machine = CallMachine()
    made = []
    if before_the_ring:
        made += [one for message in messages for one in machine.handle(Heard(0.5, message))]
    made += machine.handle(RingBurst(2.0, 1.0, 25.0))
    if not before_the_ring:
        made += [one for message in messages for one in machine.handle(Heard(3.0, message))]
    made += machine.tick(60.0)
    [call] = [one.call for one in made if isinstance(one, Missed)]
    return call


def test_all_that_a_message_says_is_kept_with_the_call() -> None:
    for before in (False, True):
        call = call_with(KNOWN, before_the_ring=before)
        assert call.number == "221234567"
        assert call.caller_ids == [
            {
                "standard": "etsi-v23",
                "kind": "call",
                "when": "11231430",
                "parameters": [["call type", "voice call"]],
                "raw": "80",
            }
        ]


def test_a_message_waiting_names_no_caller_and_hides_none() -> None:
    assert call_with(WAITING).number is None
    call = call_with(KNOWN, WAITING)
    assert call.number == "221234567"
    assert [one["kind"] for one in call.caller_ids] == ["call", "message-waiting"]


def test_a_message_waiting_before_the_ring_does_not_take_the_callers_place() -> None:
    call = call_with(KNOWN, WAITING, before_the_ring=True)
    assert call.number == "221234567"


def test_a_spoilt_repetition_does_not_undo_what_was_read() -> None:
    call = call_with(KNOWN, SPOILT)
    assert (call.number, call.number_absent) == ("221234567", None)
    assert len(call.caller_ids) == 2


def test_a_repetition_that_can_be_read_mends_a_spoilt_message() -> None:
    assert call_with(SPOILT, KNOWN).number == "221234567"
    assert call_with(SPOILT).number_absent == "not decoded"

"""What the line wizard makes of a line, step by step, on a clock of its own."""

from collections.abc import Callable

import numpy as np
import pytest

from firmware.calls.call import Call, Direction
from firmware.learning.wizard import LineWizard, Look

RATE = 8000
QUIET, TONE, VOICE, FAR = 8, 3000, 6000, 2000


class Hand:
    """An owner, and what the board and the calls say meanwhile."""

    def __init__(self, **inputs: bool) -> None:
        self.wizard = LineWizard(RATE)
        self.now = 100.0
        self.inputs = {"offhook": False, "line_ok": True, **inputs}
        self.state, self.call, self.sound = "idle", None, QUIET
        self.volts: float | None = None

    def wait(self, seconds: float, until: Callable[[], bool] = lambda: False) -> None:
        for _ in range(round(seconds * 50)):
            samples = (np.arange(160) % 2 * 2 - 1).astype(np.int16) * np.int16(self.sound)
            self.now += 0.02
            inputs = {
                name: level != (name in self.wizard.turned) for name, level in self.inputs.items()
            }
            self.wizard.look(
                Look(
                    *(self.now, samples, inputs, self.state, self.call),
                    *(self.volts, self.volts),
                )
            )
            if until():
                return

    def lift(self, tone: bool = True) -> None:
        self.inputs["offhook"] = not self.inputs["offhook"]
        self.sound = TONE if tone else QUIET


def at_lift(**inputs: bool) -> Hand:
    hand = Hand(**inputs)
    hand.wait(3.2)
    assert hand.wizard.step == "lift"
    return hand


def test_the_idle_line_is_listened_to_for_three_seconds() -> None:
    hand = Hand()
    hand.wait(2.9)
    assert hand.wizard.step == "idle"
    hand.wait(0.3)
    assert hand.wizard.found["idle"]["noise_dbm0"] < -60
    assert hand.wizard.found["idle"]["line"]


def test_a_line_that_rings_meanwhile_begins_the_listening_anew() -> None:
    hand = Hand()
    hand.wait(2.5)
    hand.state = "ringing"
    hand.wait(2.0)
    hand.state = "idle"
    hand.wait(2.5)
    assert hand.wizard.step == "idle"


def test_an_input_that_follows_the_handset_is_right() -> None:
    hand = at_lift()
    hand.lift(tone=False)
    hand.wait(1.5)
    assert hand.wizard.step == "dial"
    assert hand.wizard.turned == frozenset()


def test_an_input_that_moves_the_other_way_with_a_dial_tone_is_turned() -> None:
    hand = at_lift(offhook=True)
    hand.lift()
    hand.wait(1.5)
    assert hand.wizard.step == "dial"
    assert hand.wizard.turned == {"offhook"}
    assert hand.wizard.found["lift"]["inverted"]


def test_the_voltage_tells_which_way_round_without_a_dial_tone() -> None:
    hand = Hand(offhook=True)
    hand.volts = 48.0
    hand.wait(3.2)
    hand.lift(tone=False)
    hand.volts = 9.0
    hand.wait(1.5)
    assert hand.wizard.turned == {"offhook"}


def test_a_handset_that_lay_beside_the_telephone_is_no_inverted_input() -> None:
    hand = Hand(offhook=True)
    hand.volts = 9.0
    hand.wait(3.2)
    hand.lift(tone=False)
    hand.volts = 48.0
    hand.wait(1.1)
    assert hand.wizard.turned == frozenset()
    assert (hand.wizard.step, hand.wizard.trouble) == ("idle", "was-lifted")


def test_where_nothing_tells_the_owner_is_asked() -> None:
    hand = at_lift(offhook=True)
    hand.lift(tone=False)
    hand.wait(2.0)
    assert (hand.wizard.step, hand.wizard.trouble) == ("lift", "unsure")
    hand.wizard.turn_hook()
    assert hand.wizard.turned == {"offhook"}
    assert hand.wizard.step == "dial"


def test_a_board_whose_hook_input_stays_is_listened_to() -> None:
    hand = at_lift()
    hand.sound = TONE
    hand.wait(3.0)
    assert hand.wizard.step == "dial"
    assert hand.wizard.hook == "vox"


def test_a_line_present_input_that_denies_a_line_with_voltage_is_turned() -> None:
    hand = Hand(line_ok=False)
    hand.volts = 48.0
    hand.wait(3.2)
    assert hand.wizard.turned == {"line_ok"}


def test_nothing_seen_is_said_and_can_be_skipped() -> None:
    hand = at_lift()
    hand.wait(21.0)
    assert hand.wizard.trouble == "nothing"
    hand.wizard.skip()
    assert hand.wizard.step == "dial"
    hand.wait(21.0)
    assert hand.wizard.trouble == "no-digits"
    assert hand.wizard.learned()["hook"] == ""


def outgoing(digits: str, **facts: object) -> Call:
    made = Call(Direction.OUTGOING, 1.0, dialled=digits)
    made.tones = [{"kind": "dtmf", "digit": one, "offset": 1.0} for one in digits]
    return made


def test_digits_and_hanging_up_lead_on() -> None:
    hand = at_lift()
    hand.lift()
    hand.state, hand.call = "incall", outgoing("")
    hand.wait(1.5)
    hand.call = outgoing("60")
    hand.wait(1.0)
    assert hand.wizard.found["dial"] == {"dialled": "60", "how": "tones"}
    hand.wait(1.5)
    assert hand.wizard.step == "hangup"
    hand.state, hand.call = "idle", None
    hand.wait(0.1)
    assert hand.wizard.step == "ring"


def called(hand: Hand, answer: bool = True) -> None:
    hand.wizard.go_to("ring")
    call = Call(Direction.INCOMING, hand.now, rings=2, number="223456789")
    call.caller_ids = [{"standard": "etsi-v23"}]
    hand.state, hand.call = "ringing", call
    hand.wizard.rang(25.0)
    hand.wait(4.0)
    if answer:
        hand.state = "incall"
        for sound in (QUIET, VOICE, QUIET, FAR, QUIET):
            hand.sound = sound
            hand.wait(1.0)
    hand.state, hand.call = "idle", None
    hand.wait(0.1)


def test_a_call_teaches_ringing_caller_id_and_both_levels() -> None:
    hand = at_lift()
    called(hand)
    assert hand.wizard.step == "play"
    ring = hand.wizard.found["ring"]
    assert (ring["rings"], ring["hertz"], ring["standard"]) == (2, 25.0, "etsi-v23")
    assert ring["near_dbm0"] - ring["far_dbm0"] == pytest.approx(9.5, abs=1.5)
    learned = hand.wizard.learned()
    assert learned["caller_id"] == "etsi-v23"
    assert learned["noise_dbm0"] < learned["vox_threshold_dbm0"] < learned["far_dbm0"]


def test_a_call_that_nobody_answers_proves_nothing_yet() -> None:
    hand = at_lift()
    called(hand, answer=False)
    assert (hand.wizard.step, hand.wizard.trouble) == ("ring", "not-answered")


def test_a_step_can_be_done_again_and_forgets_what_came_after() -> None:
    hand = at_lift()
    called(hand)
    hand.wizard.go_to("idle")
    assert hand.wizard.found == {}
    assert hand.wizard.step == "idle"

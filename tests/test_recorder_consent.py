"""What consent does to the calls of a running recorder."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.people import People, Person
from firmware.archive.retention import Rules, plan
from firmware.audio.frames import Period, Samples
from firmware.audio.playout import Played
from firmware.config import Config, ConsentConfig, StateConfig
from firmware.consent_desk import ConsentDesk
from firmware.consent_terms import TermsBook
from firmware.events import (
    CallerId,
    FlagPressed,
    Heard,
    LineReversal,
    OffHook,
    OnHook,
    PrivatePressed,
    PulseDigit,
    RingBurst,
)
from firmware.recorder import Recorder
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.levels import to_int16

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


def test_an_office_announces_at_the_answer_and_the_record_says_what_was_heard(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, use="business", playout="line_out")
    line.ring("226304099")
    line.lift()
    line.run(6)
    call = line.hang_up()
    kept = call["consent"]
    [played] = kept["played"]
    assert (kept["place"], kept["recorded"], kept["announce"]) == ("PL", True, True)
    assert played["audible"]
    assert played["from"] == 2 * RATE + 320
    assert line.recorder.alarms == {}
    sound, _ = soundfile.read(tmp_path / call["audio"], dtype="int16")
    part = sound[played["from"] : played["to"]].astype(float)
    assert np.corrcoef(part, line.book.terms.announcement)[0, 1] > 0.9


def test_an_announcement_that_is_not_audible_is_an_alarm_until_one_is(tmp_path: Path) -> None:
    line = Line(tmp_path, use="business", playout="line_out")
    line.deaf = True
    line.ring()
    line.lift()
    line.run(5)
    call = line.hang_up()
    assert not call["consent"]["played"][0]["audible"]
    assert "told nothing" in line.recorder.alarms["announcement-not-heard"]
    line.deaf = False
    line.ring()
    line.lift()
    line.run(5)
    line.hang_up()
    assert line.recorder.alarms == {}


def test_germany_is_not_armed_until_the_owner_confirms_his_announcement(tmp_path: Path) -> None:
    line = Line(tmp_path, place="DE", playout="line_out")
    line.ring("226304099")
    line.lift()
    line.run(4)
    assert line.recorder.state(line.now)["refused"] == "not-armed"
    assert not line.recorder.state(line.now)["recording"]
    assert not line.audio_files()
    call = line.hang_up()
    assert call["audio"] is None
    assert call["refused"] == "not-armed"
    assert call["consent"]["why"] == "DE: not armed until an announcement is set up"
    assert "§ 201" in call["consent"]["statute"]
    line.config = replace(line.config, consent=replace(line.config.consent, armed="yes"))
    line.book.choose(line.config)
    line.book.refresh()
    line.recorder.renew(line.book.terms)
    line.ring("226304099")
    line.lift()
    line.run(5)
    call = line.hang_up()
    assert call["audio"]
    assert call["consent"]["played"][0]["audible"]


def never(folder: Path, number: str = DOCTOR, rule: str = "never") -> None:
    People(folder / "people.json").put(Person("", "Dr Anna", (number,), rule))


@pytest.mark.parametrize("form", ["+48 22 630 40 75", "22 630 40 75", "0048226304075"])
def test_no_audio_of_a_number_that_is_never_recorded_touches_the_medium(
    tmp_path: Path, form: str
) -> None:
    never(tmp_path, form)
    line = Line(tmp_path, use="business", playout="line_out")
    line.ring(DOCTOR)
    line.lift()
    for _ in range(20):
        line.run(0.2)
        assert not line.audio_files()
    call = line.hang_up()
    assert (call["audio"], call["refused"], call["number"]) == (None, "never-recorded", DOCTOR)
    assert call["outcome"] == "answered"
    assert not call["private"]
    assert line.sounds == []  # nothing is announced of a recording that is not made


def test_a_withheld_number_is_never_taken_for_one_with_a_rule(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(None)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_dialled_number_that_is_never_recorded_is_erased_once_it_is_whole(
    tmp_path: Path,
) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.run(1)
    line.dial(DOCTOR)
    assert line.recorder.state(line.now)["recording"]
    line.run(4.5)
    assert not line.recorder.state(line.now)["recording"]
    assert not line.audio_files()
    assert {"event": "recording-over"} in line.messages
    line.run(3)
    call = line.hang_up()
    assert (call["audio"], call["refused"], call["dialled"]) == (None, "never-recorded", DOCTOR)
    assert not line.audio_files()


def test_a_number_that_only_begins_like_one_is_recorded(tmp_path: Path) -> None:
    never(tmp_path, "112")
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.run(1)
    line.dial("112233445")
    line.run(6)
    assert line.hang_up()["audio"]


def test_a_hang_up_right_after_dialling_leaves_no_audio_either(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.run(3)
    line.lift()
    line.dial(DOCTOR)
    call = line.hang_up()
    assert (call["audio"], call["refused"]) == (None, "never-recorded")
    assert not line.audio_files()


def test_the_call_after_one_that_was_refused_is_recorded(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(2)
    line.hang_up()
    line.ring("226304099")
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]
    line.ring(DOCTOR)
    line.run(12)  # missed
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_number_that_is_always_held_is_held_as_soon_as_its_call_is_entered(
    tmp_path: Path,
) -> None:
    never(tmp_path, rule="hold")
    line = Line(tmp_path)
    line.ring("+48" + DOCTOR)
    line.lift()
    line.run(2)
    call = line.hang_up()
    assert call["held"]
    assert call["held_by"] == "rule"
    assert "always held" in call["held_why"]
    later = [one for one in plan(line.archive, line.recorder._keeper.volumes, Rules(calls=0), None)]  # type: ignore[arg-type]
    assert all(one.kept for one in later)
    line.archive.hold(call["id"], False)
    assert not line.archive.get(call["id"])["held"]


def test_a_rule_that_is_made_while_the_call_runs_holds_for_it(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(2)
    assert line.recorder.state(line.now)["recording"]
    never(tmp_path)
    line.book.refresh()
    line.recorder.renew(line.book.terms)
    assert not line.audio_files()
    assert line.hang_up()["refused"] == "never-recorded"


def test_an_outgoing_call_is_announced_at_the_line_reversal_and_by_its_number(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, announce="both", never_announced=DOCTOR, playout="line_out")
    for number in (DOCTOR, "226304099"):
        line.run(3)
        line.lift()
        line.dial(number)
        line.recorder.on_line(LineReversal(line.now))
        line.run(4)
        line.hang_up()
    after, before = line.archive.calls()
    assert before["consent"]["played"] == []
    assert before["consent"]["why"] == "never-announced-number"
    assert after["consent"]["played"][0]["audible"]


def test_codes_of_the_own_telephone_flag_and_make_private_and_are_no_press_of_the_button(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, keys="on")
    line.ring()
    line.lift()
    line.run(2)
    line.run(2, to_int16(dtmf.sequence("*7", RATE, 100.0, 100.0, -6.0)))
    assert line.recorder.machine.call is not None
    assert len(line.recorder.machine.call.flags) == 1
    assert line.recorder.state(line.now)["flag_pressed_ago_s"] is None
    line.recorder.on_line(FlagPressed(line.now))
    assert line.recorder.state(line.now)["flag_pressed_ago_s"] == 0
    line.run(4)
    line.run(2, to_int16(dtmf.sequence("*8", RATE, 100.0, 100.0, -6.0)))
    call = line.hang_up()
    assert (call["private"], call["audio"]) == (True, None)


def test_a_code_for_announcing_plays_the_announcement(tmp_path: Path) -> None:
    line = Line(tmp_path, keys="on", playout="line_out")
    line.ring()
    line.lift()
    line.run(2)
    line.run(5, to_int16(dtmf.sequence("*9", RATE, 100.0, 100.0, -6.0)))
    assert line.hang_up()["consent"]["played"][0]["audible"]


def test_codes_do_nothing_by_default(tmp_path: Path) -> None:
    line = Line(tmp_path)
    line.ring()
    line.lift()
    line.run(2)
    line.run(2, to_int16(dtmf.sequence("*8", RATE, 100.0, 100.0, -6.0)))
    call = line.hang_up()
    assert call["audio"]
    assert not call["private"]


def test_a_card_that_cannot_play_is_an_alarm_until_it_can_and_calls_are_recorded(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, use="business", playout="line_out")
    line.deaf = True
    line.ring()
    line.lift()
    line.run(1)
    line.recorder.played(Played("announcement", line.now, 0, "The card is busy."))
    assert "busy" in line.recorder.alarms["play-out"]
    line.run(2)
    call = line.hang_up()
    assert call["audio"]
    assert call["consent"]["played"][0]["error"].startswith("The card is busy")
    line.recorder.played(Played("", line.now, 0))
    assert "play-out" not in line.recorder.alarms


def test_what_was_played_before_a_restart_of_the_recorder_stays_in_the_ledger(
    tmp_path: Path,
) -> None:
    line = Line(tmp_path, use="business", playout="line_out")
    line.ring("226304099")
    line.lift()
    line.run(5)
    running = line.recorder._running._audio.open
    assert running is not None
    running._parts[-1].leave()  # killed: the system takes the lock from the file
    line.begin()
    line.run(0.2)
    line.lift()
    line.run(4)
    call = line.hang_up()
    [played] = call["consent"]["played"]
    assert played["audible"]
    assert played["from"] == 2 * RATE + 320
    assert len(line.archive.calls()) == 1
    assert "announcement-not-heard" not in line.recorder.alarms


def test_beeps_of_a_long_call_are_found_one_after_the_other(tmp_path: Path) -> None:
    line = Line(tmp_path, beep="both", playout="line_out")
    line.ring()
    line.lift()
    line.run(48)
    call = line.hang_up()
    played = call["consent"]["played"]
    assert [one["what"] for one in played] == ["beep"] * 3
    assert all(one["audible"] for one in played)
    assert np.allclose(np.diff([one["from"] for one in played]), 15 * RATE, atol=200)


@pytest.mark.parametrize("way", ["killed", "stopped"])
@pytest.mark.parametrize("how", ["number", "private"])
def test_a_restart_in_the_midst_of_a_call_that_is_not_kept_does_not_record_its_rest(
    tmp_path: Path, how: str, way: str
) -> None:
    if how == "number":
        never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(30)
    if how == "private":
        line.recorder.on_line(PrivatePressed(line.now))
        line.run(30)
    if way == "stopped":
        line.recorder.shutdown(line.now)
    line.begin()
    line.run(0.2)
    line.lift()
    line.run(3)
    assert not line.audio_files()
    row = line.hang_up()
    assert row["audio"] is None
    assert (row["private"], row.get("refused")) == (
        (True, None) if how == "private" else (False, "never-recorded")
    )
    line.run(5)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]


def test_a_call_that_begins_long_after_the_restart_is_recorded(tmp_path: Path) -> None:
    never(tmp_path)
    line = Line(tmp_path)
    line.ring(DOCTOR)
    line.lift()
    line.run(5)
    line.begin()
    line.run(3)
    line.lift()
    line.run(3)
    assert line.hang_up()["audio"]
    line.ring(DOCTOR)
    line.lift()
    line.run(5)
    line.first += 90 * RATE
    line.begin()
    line.run(0.2)
    line.lift()
    line.run(2)
    assert line.hang_up()["audio"]

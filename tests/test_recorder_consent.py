"""What consent does to the calls of a running recorder: what is played, and what is kept of it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from firmware.audio.playout import Played
from firmware.events import (
    FlagPressed,
    LineReversal,
)
from firmware.simulator.generators import dtmf
from firmware.simulator.generators.levels import to_int16
from tests.support.consented import DOCTOR, RATE, Line


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

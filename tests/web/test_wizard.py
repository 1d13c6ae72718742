"""The line wizard without JavaScript: a page that is looked at again, and buttons."""

from typing import Any

import pytest

from firmware.learning.learned import Learned
from tests.web.conftest import Page

LEARNED = {name: getattr(Learned(), name) for name in Learned.__slots__}
RESTING = {"ok": True, "step": "", "found": {}, "trouble": "", "learned": LEARNED, "gain_db": 0.0}


def view(step: str, trouble: str = "", **found: Any) -> dict[str, Any]:
    return {**RESTING, "step": step, "trouble": trouble, "found": found, "turned": []}


def shown(page: Page, said: dict[str, Any]) -> str:
    page.answers["wizard"] = said
    return str(page.get("/line/wizard").get_data(as_text=True))


def test_it_begins_by_a_button_and_the_recorder_is_told(page: Page) -> None:
    page.answers["wizard"] = RESTING
    answer = page.send("/line/wizard", go="begin")
    assert answer.status_code == 302
    assert {"do": "wizard", "go": "begin", "step": ""} in page.asked


@pytest.mark.parametrize("go", ["keep", "cancel", "forget"])
def test_how_it_ended_is_said_and_entered_in_the_log(page: Page, go: str) -> None:
    page.answers["wizard"] = RESTING
    answer = page.send("/line/wizard", go=go)
    assert answer.status_code == 302
    entry = page.access_log()[-1]
    assert (entry["what"], entry["did"]) == ("line learned", go)


def test_only_what_the_wizard_knows_is_sent_on(page: Page) -> None:
    page.answers["wizard"] = RESTING
    page.send("/line/wizard", go="reboot")
    assert [one for one in page.asked if one.get("go")] == []


def test_each_step_says_what_to_do_and_what_if_nothing_is_seen(page: Page) -> None:
    for step, do, helps in (
        ("idle", "Put every handset on its hook", "sound card"),
        ("lift", "Lift the handset", "Look at the plugs"),
        ("dial", "Dial a number", "No digits?"),
        ("hangup", "Hang up.", "Not noticed?"),
        ("ring", "Call this line", "CLIP"),
        ("play", "Play the test call back", "be called once more"),
    ):
        text = shown(page, view(step))
        assert do in text
        assert helps in text
        assert "Leave without changing anything" in text


def test_what_was_seen_is_in_words_and_hostile_text_is_only_text(page: Page) -> None:
    text = shown(
        page,
        view(
            "ring",
            idle={"noise_dbm0": -63, "volts": 48.2, "line": True, "offhook": True},
            lift={"input": True, "inverted": True, "volts": 9.3},
            dial={"dialled": "601", "how": "pulses"},
            ring={"rings": 2, "hertz": 25.0, "standard": "<b>", "number": "<script>1"},
        ),
    )
    for words in ("48.2 V", "wrong way round; that is corrected", "601, by pulses", "25 Hz"):
        assert words in text
    assert "<script>1" not in text


@pytest.mark.parametrize(
    ("near", "far", "clipped", "gain", "words"),
    [
        (-15, -25, 0, 0.0, "leave the gain as it is"),
        (-4, -15, 0, -11.0, "down by 11 dB"),
        (-30, -45, 0, 15.0, "up by 15 dB"),
        (-8, -25, 9, -7.0, "clipped"),
        (None, None, 0, 0.0, "Nobody was heard"),
    ],
)
def test_levels_become_advice(
    page: Page, near: float | None, far: float | None, clipped: int, gain: float, words: str
) -> None:
    ring = {"near_dbm0": near, "far_dbm0": far, "clipped": clipped, "answered": True}
    assert words in shown(page, {**view("play", ring=ring), "gain_db": gain})


def test_the_test_call_is_played_even_if_its_caller_id_set_another_date(page: Page) -> None:
    call = page.call(started_monotonic=1234.5, started_at="2020-01-01T00:00:00.000+00:00")
    text = shown(page, view("play", ring={"started_monotonic": 1234.5, "near_dbm0": -15}))
    assert f"/calls/{call['id']}" in text
    assert 'value="keep"' in text
    other = shown(page, view("play", ring={"started_monotonic": 9.0, "near_dbm0": -15}))
    assert 'value="keep"' not in other, "nothing is proved without a recording"


def test_what_was_learned_is_shown_and_forgotten_only_when_asked_twice(page: Page) -> None:
    learned = {**LEARNED, "proved_at": "2026-11-24T10:00:00+00:00", "caller_id": "etsi-v23"}
    learned |= {"idle_v": 48.2, "near_dbm0": -15.0, "far_dbm0": -25.0, "hook": "gpio"}
    text = shown(page, {**RESTING, "learned": learned})
    assert "ETSI V.23" in text
    assert "48.2 V" in text
    assert 'value="forget"' not in text
    assert 'value="forget"' in page.get("/line/wizard?forget=1").get_data(as_text=True)


def test_a_recorder_that_does_not_answer_is_said_so(page: Page) -> None:
    page.control.close()
    answer = page.get("/line/wizard")
    assert answer.status_code == 503
    assert "does not answer" in answer.get_data(as_text=True)


def test_the_monitor_shows_the_voltage_where_the_board_measures_it(page: Page) -> None:
    assert "does not measure" in page.get("/line").get_data(as_text=True)
    page.state |= {
        "line_volts": 48.2,
        "line_lowest_volts": 9.1,
        "line_highest_volts": 52.0,
        "line_idle_volts": 48.0,
        "line_threshold_volts": 26.4,
    }
    text = page.get("/line").get_data(as_text=True)
    for words in ("48.2 V", "9.1 V", "52.0 V", "48.0 V", "26.4 V"):
        assert words in text

"""The line on the page, and the buttons."""

import re

from tests.web.conftest import Page

RUNNING = {"state": "incall", "recording": True, "since_s": 12.0}


def test_the_page_says_what_the_line_does(page: Page) -> None:
    page.state |= {"state": "ringing", "number": "221234567"}
    assert "Ringing: 221234567" in page.get("/").get_data(as_text=True)
    assert page.get("/live/state").json["state"] == "ringing"


def test_a_recorder_that_does_not_answer_is_said_plainly(page: Page) -> None:
    page.control.close()
    text = page.get("/").get_data(as_text=True)
    assert "The recorder does not answer." in text
    assert "tipring doctor" in text
    assert page.get("/live/state").status_code == 503


def test_alarms_are_shown(page: Page) -> None:
    page.state["alarms"] = {"line-cut": "There is no voltage on the line."}
    assert "There is no voltage on the line." in page.get("/").get_data(as_text=True)


def test_voice_activation_is_said_to_be_a_fallback(page: Page) -> None:
    page.state["hook"] = "vox"
    assert "a fallback" in page.get("/").get_data(as_text=True)


def test_the_buttons_do_what_the_hardware_button_does(page: Page) -> None:
    page.state |= RUNNING
    page.send("/live/flag", form="/")
    assert {"do": "flag"} in page.asked
    assert "cannot be brought back" in page.get("/live/private").get_data(as_text=True)
    assert {"do": "private"} not in page.asked
    since = hidden_since(page)
    page.send("/live/private", since=since)
    assert {"do": "private"} in page.asked


def hidden_since(page: Page) -> str:
    found = re.search(r'name="since" value="([^"]+)"', page.get("/live/private").text)
    assert found
    return found[1]


def test_only_the_call_that_was_asked_about_is_made_private(page: Page) -> None:
    page.state |= RUNNING
    since = hidden_since(page)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/").text)
    assert token
    form = {"csrf_token": token[1], "since": since}
    page.state |= {"since_s": 3.0}
    page.client.post("/live/private", data=form)
    assert "That call is over. Nothing was erased." in page.get("/").text
    page.client.post("/live/private", data={**form, "since": "nan"})
    page.client.post("/live/private", data={**form, "since": ""})
    page.state |= {"recording": False, "since_s": None}
    page.client.post("/live/private", data=form)
    assert {"do": "private"} not in page.asked


def test_a_command_that_the_recorder_refuses_is_not_said_to_be_done(page: Page) -> None:
    page.state |= RUNNING
    page.answers["flag"] = {"ok": False, "error": "no call"}
    page.send("/live/flag", form="/")
    text = page.get("/").text
    assert "Not done: no call" in text
    assert "Flagged." not in text


def test_a_button_whose_press_did_not_arrive_says_so(page: Page) -> None:
    page.state |= RUNNING
    form = page.get("/").get_data(as_text=True)
    page.control.close()
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    page.client.post("/live/flag", data={"csrf_token": token})
    assert "not done" in page.get("/").get_data(as_text=True)

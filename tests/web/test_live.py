"""The line on the page, and the buttons."""

from tests.web.conftest import Page


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
    page.state |= {"state": "incall", "recording": True}
    page.send("/live/flag", form="/")
    assert {"do": "flag"} in page.asked
    assert "cannot be brought back" in page.get("/live/private").get_data(as_text=True)
    assert {"do": "private"} not in page.asked
    page.send("/live/private")
    assert {"do": "private"} in page.asked


def test_a_button_whose_press_did_not_arrive_says_so(page: Page) -> None:
    page.state |= {"state": "incall", "recording": True}
    form = page.get("/").get_data(as_text=True)
    page.control.close()
    token = form.split('name="csrf_token" value="')[1].split('"')[0]
    page.client.post("/live/flag", data={"csrf_token": token})
    assert "not done" in page.get("/").get_data(as_text=True)

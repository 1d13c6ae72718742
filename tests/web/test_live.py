"""The line on the page, and the buttons."""

import json
import re
import struct
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tests.web.conftest import Page, until

RUNNING = {"state": "incall", "recording": True, "since_s": 12.0}


def test_the_page_says_what_the_line_does(page: Page) -> None:
    page.state |= {"state": "ringing", "number": "221234567"}
    assert "Ringing: 22\xa0123\xa045\xa067" in page.get("/").text  # never broken into two lines
    assert page.get("/live/state").json["state"] == "ringing"


def test_a_recorder_that_does_not_answer_is_said_plainly(page: Page) -> None:
    page.control.close()
    text = page.get("/").get_data(as_text=True)
    assert "The recorder does not answer." in text
    assert "tipring doctor" in text
    assert page.get("/live/state").status_code == 503


def test_alarms_are_shown(page: Page) -> None:
    page.state["alarms"] = {"line-cut": "cut", "other": "Something <b>new</b>."}
    text = page.get("/").text
    assert "There is no voltage on the line" in text
    assert "Something &lt;b&gt;new&lt;/b&gt;." in text


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


def stream(page: Page) -> Any:
    answer = page.client.get("/live/events", buffered=False)
    return answer, (part.decode() for part in answer.response)


def event(parts: Any) -> tuple[str, Any]:
    for part in parts:
        found = re.search(r"event: (.*)\ndata: (.*)\n\n", part)
        if found:
            return found[1], json.loads(found[2])
    raise AssertionError("the stream ended")


def test_what_the_line_does_is_told_as_it_happens(page: Page) -> None:
    answer, parts = stream(page)
    name, line = event(parts)
    assert (name, line["words"]) == ("state", "Idle")
    assert event(parts)[1] == line  # the box follows the recorder now
    page.state |= {"state": "ringing", "number": "221234567\u202e"}
    page.control.publish({"event": "state", "state": "ringing"})
    name, line = event(parts)
    assert line["words"].startswith("Ringing: 22")
    assert "\u202e" not in line["words"]
    page.control.publish({"event": "level", "dbm0": -60.0})  # of an idle line: not wanted here
    page.control.publish({"event": "flagged"})
    assert event(parts)[0] == "flagged"
    page.state |= RUNNING
    page.control.publish({"event": "state", "state": "incall"})
    while not event(parts)[1].get("recording"):
        continue
    page.control.publish({"event": "level", "dbm0": -21.5})
    assert event(parts) == ("level", {"event": "level", "dbm0": -21.5})
    call = page.call()
    page.control.publish({"event": "call", "id": call["id"]})
    assert event(parts)[0] == "call"
    answer.close()


def test_a_recorder_that_goes_is_told(page: Page) -> None:
    answer, parts = stream(page)
    assert event(parts) == event(parts)
    page.control.close()
    assert event(parts)[1]["state"] == "silent"
    answer.close()


def test_the_thirteenth_stream_is_told_to_ask_instead(page: Page) -> None:
    streams = [stream(page) for _ in range(12)]
    for _, parts in streams:
        next(parts)
    refused = page.get("/live/events")
    assert refused.status_code == 503
    assert "asks now and then" in refused.json["error"]
    assert page.get("/live/state").status_code == 200
    streams[0][0].close()
    again, _ = stream(page)
    assert again.status_code == 200
    again.close()
    for answer, _ in streams[1:]:
        answer.close()


def test_the_running_call_is_heard_and_each_listening_is_entered(page: Page) -> None:
    page.state |= RUNNING
    page.answers["listen"] = {"ok": True, "rate": 8000}
    answer = page.client.get("/live/audio.wav", buffered=False)
    parts = answer.response
    header = next(parts)
    assert (header[:4], header[8:12]) == (b"RIFF", b"WAVE")
    assert struct.unpack("<I", header[24:28]) == (8000,)
    script = Path("web/static/listen.js").read_text("utf-8")
    assert f"const HEADER = {len(header)};" in script, "what is longer would be heard"
    assert header[36:40] == b"data"
    sound = np.arange(160, dtype="<i2").tobytes()
    page.control.send_audio(0, sound)
    page.control.send_audio(160, sound)
    page.control.end_audio()
    assert b"".join(parts) == sound * 2
    answer.close()
    [row] = page.access_log()
    assert (row["what"], row["by"], row["live"]) == ("listened", "owner", True)


def test_only_so_many_listen_at_once(page: Page) -> None:
    page.answers["listen"] = {"ok": True, "rate": 8000}
    held = [page.client.get("/live/audio.wav", buffered=False) for _ in range(3)]
    for answer in held:
        assert list(islice(answer.response, 1))
    assert page.get("/live/audio.wav").status_code == 503
    held[0].close()
    until(lambda: page.client.get("/live/audio.wav", buffered=False).status_code == 200)
    for answer in held[1:]:
        answer.close()


def test_without_a_call_there_is_nothing_to_listen_to(page: Page) -> None:
    page.answers["listen"] = {"ok": False, "error": "no call"}
    for _ in range(5):
        assert page.get("/live/audio.wav").status_code == 409
    assert not (page.folder / "state/access.jsonl").exists()
    page.control.close()
    assert page.get("/live/audio.wav").status_code == 503

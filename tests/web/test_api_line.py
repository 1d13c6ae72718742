"""A program follows the line, hears the running call, and reads what the monitor shows."""

import struct
from typing import Any

import numpy as np

from tests.web.conftest import Page, Program
from tests.web.test_live import RUNNING, event

HEAD_BYTES = 44


def opened(program: Program, path: str) -> tuple[Any, Any]:
    answer = program.ask("GET", path, buffered=False)
    return answer, (part.decode() for part in answer.response)


def test_what_the_line_does_is_told_to_a_program_as_it_happens(
    page: Page, program: Program
) -> None:
    answer, parts = opened(program, "/line/events?level=true")
    assert answer.mimetype == "text/event-stream"
    name, line = event(parts)
    assert (name, line["words"]) == ("state", "Idle")
    assert event(parts)[1] == line  # the box follows the recorder now
    page.control.publish({"event": "level", "dbm0": -60.0})
    assert event(parts) == ("level", {"event": "level", "dbm0": -60.0})
    page.state |= {"state": "ringing", "number": "221234567"}
    page.control.publish({"event": "state", "state": "ringing"})
    name, line = event(parts)
    assert (name, line["words"]) == ("state", "Ringing: 22 123 45 67")
    answer.close()


def test_pages_and_programs_share_the_twelve_streams(page: Page, program: Program) -> None:
    of_pages = [page.get("/live/events", buffered=False) for _ in range(6)]
    of_programs = [opened(program, "/line/events")[0] for _ in range(6)]
    for stream in (*of_pages, *of_programs):
        next(iter(stream.response))
    refused = program.ask("GET", "/line/events")
    assert refused.status_code == 503
    assert "Too many pages follow the line" in refused.json["error"]
    of_pages[0].close()
    again, _ = opened(program, "/line/events")
    assert again.status_code == 200
    for stream in (*of_pages[1:], *of_programs, again):
        stream.close()


def test_a_program_hears_the_running_call_and_that_is_entered(page: Page, program: Program) -> None:
    page.state |= RUNNING
    page.answers["listen"] = {"ok": True, "rate": 8000}
    answer = program.ask("GET", "/line/audio.wav", buffered=False)
    parts = iter(answer.response)
    head = next(parts)
    assert len(head) == HEAD_BYTES
    assert struct.unpack_from("<I", head, 24) == (8000,)
    sound = np.arange(160, dtype="<i2").tobytes()
    page.control.send_audio(0, sound)
    page.control.end_audio()
    assert b"".join(parts) == sound
    answer.close()
    assert page.access_log()[-1]["what"] == "listened"
    assert page.access_log()[-1]["by"] == "test (API)"


def test_without_a_call_there_is_nothing_to_hear(page: Page, program: Program) -> None:
    page.answers["listen"] = {"ok": False, "error": "no call"}
    refused = program.ask("GET", "/line/audio.wav")
    assert (refused.status_code, refused.json["ok"]) == (409, False)
    assert not (page.folder / "state/access.jsonl").exists()
    assert Program(page, "read").ask("GET", "/line/audio.wav").status_code == 403


def test_the_monitor_tells_the_volts_where_the_board_measures_them(
    page: Page, program: Program
) -> None:
    assert program.ask("GET", "/line/monitor").json["line_volts"] is None
    page.state |= {"line_volts": 48.2, "line_threshold_volts": 26.5}
    told = program.ask("GET", "/line/monitor").json
    assert (told["line_volts"], told["line_threshold_volts"]) == (48.2, 26.5)
    page.control.close()
    assert program.ask("GET", "/line/monitor").status_code == 503

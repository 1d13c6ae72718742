"""The list, a call, its sound, its flag and its note."""

import io

import numpy as np
import pytest
import soundfile

from tests.web.conftest import Page


def test_calls_are_listed_newest_first_a_page_at_a_time(page: Page) -> None:
    for number in range(60):
        page.call(number=f"22000{number:04}", answered=False, outcome="missed")
    text = page.get("/").get_data(as_text=True)
    assert "220000059" in text
    assert "220000010" in text
    assert "220000009" not in text
    older = page.get("/?before=11").get_data(as_text=True)
    assert "220000009" in older
    assert "220000010" not in older


def test_an_empty_box_says_so(page: Page) -> None:
    assert "No calls yet" in page.get("/").get_data(as_text=True)


@pytest.mark.parametrize(
    ("absent", "said"),
    [
        ("withheld", "number withheld"),
        ("unavailable", "number unavailable"),
        ("not decoded", "could not be read"),
        ("not sent", "no number was sent"),
    ],
)
def test_a_missing_number_says_why(page: Page, absent: str, said: str) -> None:
    page.call(number=None, number_absent=absent)
    assert said in page.get("/").get_data(as_text=True)


def test_the_master_and_its_mp3_are_served_in_ranges(page: Page) -> None:
    call = page.call()
    master = page.archive.audio_path(call["id"]).read_bytes()
    whole = page.get(f"/calls/{call['id']}/audio.flac")
    assert whole.data == master
    part = page.get(f"/calls/{call['id']}/audio.flac", headers={"Range": "bytes=10-29"})
    assert (part.status_code, part.data) == (206, master[10:30])
    assert part.headers["Content-Range"] == f"bytes 10-29/{len(master)}"
    mp3 = page.get(f"/calls/{call['id']}/audio.mp3")
    assert mp3.content_type == "audio/mpeg"
    tail = page.get(f"/calls/{call['id']}/audio.mp3", headers={"Range": "bytes=-20"})
    assert (tail.status_code, tail.data) == (206, mp3.data[-20:])
    sound, rate = soundfile.read(io.BytesIO(mp3.data))
    spectrum = np.abs(np.fft.rfft(sound))
    assert spectrum.argmax() * rate / len(sound) == pytest.approx(440, abs=5)


def test_a_flag_and_a_note_are_kept_and_shown(page: Page) -> None:
    call = page.call()
    path = f"/calls/{call['id']}"
    assert page.send(f"{path}/flag", form=path, on="1").status_code == 302
    page.send(f"{path}/note", form=path, note="Zażółć\n<b>gęślą</b>")
    text = page.get(path).get_data(as_text=True)
    assert "protected from deletion" in text
    assert "Zażółć\n&lt;b&gt;gęślą&lt;/b&gt;" in text
    assert "flagged" in page.get("/").get_data(as_text=True)
    assert page.archive.get(call["id"])["note"] == "Zażółć\n<b>gęślą</b>"
    page.send(f"{path}/flag", form=path, on="0")
    assert not page.archive.get(call["id"])["flagged"]


def test_a_note_that_is_too_long_is_not_lost_but_given_back(page: Page) -> None:
    call = page.call()
    path = f"/calls/{call['id']}"
    answer = page.send(f"{path}/note", form=path, note="x" * 4001)
    assert answer.status_code == 400
    assert "x" * 4001 in answer.get_data(as_text=True)


def test_text_from_the_line_is_only_text(page: Page) -> None:
    call = page.call(name="<script>alert(1)</script>", number="22' onload='x")
    for path in ("/", f"/calls/{call['id']}"):
        text = page.get(path).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_private_call_and_a_missed_one_say_why_there_is_no_sound(page: Page) -> None:
    private = page.call(private=True, outcome="private")
    missed = page.call(answered=False, outcome="missed")
    assert "made private" in page.get(f"/calls/{private['id']}").get_data(as_text=True)
    assert "Nobody answered" in page.get(f"/calls/{missed['id']}").get_data(as_text=True)
    assert page.get(f"/calls/{missed['id']}/audio.mp3").status_code == 404


def test_gaps_are_told_in_words(page: Page) -> None:
    call = page.archive.get(page.call()["id"])
    text = page.get(f"/calls/{call['id']}").get_data(as_text=True)
    assert "are missing" not in text
    record = {**call, "gaps": [{"offset": 4000, "count": 800, "reason": "xrun"}]}
    record.pop("id")
    gappy = page.archive.add_row(record)
    text = page.get(f"/calls/{gappy['id']}").get_data(as_text=True)
    assert "0.10 s are missing at 0:00 (xrun)" in text


@pytest.mark.parametrize("call_id", ["nothing", "..%2f..%2fetc%2fpasswd", "'; DROP TABLE calls"])
def test_an_unknown_call_is_not_found(page: Page, call_id: str) -> None:
    assert page.get(f"/calls/{call_id}").status_code == 404
    assert page.get(f"/calls/{call_id}/audio.flac").status_code == 404

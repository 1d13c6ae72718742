"""A call, its sound, its flag and its note."""

import io
import json
import re

import numpy as np
import pytest
import soundfile

from firmware.calls.call import Outcome
from tests.web.conftest import Page, until
from web.words import OUTCOMES


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
    assert "Take the flag away" in text
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


def test_a_name_with_control_characters_cannot_act_on_the_page(page: Page) -> None:
    call = page.call(name="\x1b[2JAnna\x00\u202e\x07", number="22\u2066\n1")
    for path in ("/", f"/calls/{call['id']}"):
        text = page.get(path).get_data(as_text=True)
        assert "Anna" in text
        for bad in "\x00\x07\x1b\u202e\u2066":
            assert bad not in text


def test_a_played_call_is_heard_and_a_downloaded_one_is_not(page: Page) -> None:
    call = page.call()
    page.get(f"/calls/{call['id']}/audio.flac?download=1").close()
    assert not page.archive.get(call["id"]).get("heard")
    page.get(f"/calls/{call['id']}/audio.mp3", headers={"Range": "bytes=50-99"}).close()
    page.get(f"/calls/{call['id']}/audio.mp3", headers={"Range": "bytes=0-49"}).close()
    until(lambda: bool(page.archive.get(call["id"]).get("heard")))
    rows = page.access_log()
    assert [row["what"] for row in rows] == ["downloaded", "played"]
    assert {row["call"] for row in rows} == {call["id"]}


def test_the_player_is_told_everything_that_it_shows(page: Page) -> None:
    call = page.call(flags=[0.4], preroll_s=0.1)
    told = page.get(f"/calls/{call['id']}/player").json
    assert told["title"] == "22 123 45 67"
    assert told["length"] == 1.0
    assert told["src"] == f"/calls/{call['id']}/audio.mp3"
    assert told["wave"].startswith("M0 ")
    assert told["marks"] == [{"place": 0.5, "kind": "flag", "words": "0:00 Flagged"}]
    assert told["trouble"] == []
    assert told["next"] is None
    other = page.call()
    assert page.get(f"/calls/{call['id']}/player").json["next"] == f"/calls/{other['id']}/player"


def test_the_silences_of_a_call_are_told(page: Page) -> None:
    spoken = np.full(8000, 3000, np.int16)
    call = page.call(sound=np.concatenate((spoken, np.zeros(40000, np.int16), spoken)))
    silences = page.get(f"/calls/{call['id']}/player").json["silences"]
    assert silences == [[pytest.approx(1, abs=0.05), pytest.approx(6, abs=0.05)]]


def test_a_recording_without_a_sample_and_one_with_gaps_say_so(page: Page) -> None:
    call = page.call()
    bad = {"frames_stored": 0, "gaps": [{"offset": 0, "count": 8000, "reason": "xrun"}]}
    page.archive._mark(call["id"], **bad)
    assert "The recording is empty" in page.get(f"/calls/{call['id']}").text
    assert len(page.get(f"/calls/{call['id']}/player").json["trouble"]) >= 2
    assert "not whole" in page.get("/").text


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"outcome": "unfinished"}, "Nagranie urywa się przed końcem rozmowy."),
        ({"preroll_s": 0.0}, "Rozmowa już trwała, gdy zaczęło się nagrywanie."),
        ({"clock_source": "none"}, "nic nie ustawiło zegara urządzenia"),
        ({"damage": [{"words": "torn"}]}, "Nagranie jest uszkodzone."),
    ],
)
def test_a_recording_that_is_not_whole_says_why_in_the_language_of_the_page(
    page: Page, facts: dict[str, object], said: str
) -> None:
    whole, call = page.call(number="501"), page.call(**facts)
    polish = {"Accept-Language": "pl"}
    assert said in page.get(f"/calls/{call['id']}", headers=polish).text
    assert "niepełna" not in page.get(f"/calls/{whole['id']}", headers=polish).text
    assert page.get("/", headers=polish).text.count("niepełna") == 1


def test_a_record_that_lacks_nearly_everything_is_shown_all_the_same(page: Page) -> None:
    record = {"id": "bare", "line": "1", "sequence": 7, "started_at": "once"}
    folder = page.folder / "calls/2026/01/01"
    folder.mkdir(parents=True)
    (folder / "bare.json").write_text(json.dumps(record))
    page.archive.enter_missing()
    assert "once" in page.get("/").get_data(as_text=True)
    assert page.get("/calls/bare").status_code == 200


def test_what_happened_in_the_call_is_told_in_order(page: Page) -> None:
    call = page.call(
        flags=[65.2],
        hook_events=[{"kind": "flash", "offset": 40.0}],
        waiting=[{"number": "600100200", "name": "<i>", "offset": 30.0}],
        tones=[
            {"kind": "dtmf", "digit": "5", "offset": 2.0},
            {"kind": "cng", "plan": "T.30", "offset": 3700.0},
        ],
    )
    text = page.get(f"/calls/{call['id']}").get_data(as_text=True)
    told = ["0:02", "Key 5", "0:30", "Call waiting: &lt;i&gt; · 600100200", "0:40", "Hook flash"]
    told += ["1:05", "Flagged", "1:01:40", "Fax calling tone"]
    places = [text.index(one) for one in told]
    assert places == sorted(places)


def test_a_long_call_plays_from_its_master_without_waiting_for_an_mp3(page: Page) -> None:
    long, short = page.call(), page.call()
    page.archive._mark(long["id"], frames_expected=3600 * 8000)
    player = re.compile(r'<audio class="plain-player"[^>]* src="([^"]+)"')
    for call, ending in ((long, "flac"), (short, "mp3")):
        found = player.search(page.get(f"/calls/{call['id']}").get_data(as_text=True))
        assert found
        assert found[1] == f"/calls/{call['id']}/audio.{ending}"


def test_an_archive_that_is_away_is_said_and_found_when_it_is_back(fresh: Page) -> None:
    root, away = fresh.folder / "calls", fresh.folder / "away"
    call = fresh.call()
    fresh.log_in()
    root.rename(away)
    root.write_text("no folder")
    answer = fresh.get("/")
    assert answer.status_code == 503
    assert "The archive has a problem" in answer.text
    assert "Idle" in answer.text
    root.unlink()
    away.rename(root)
    assert call["id"] in fresh.get("/").text


def test_a_master_that_cannot_be_read_is_said_and_stays_downloadable(page: Page) -> None:
    call = page.call()
    page.archive.audio_path(call["id"]).write_bytes(b"fLaC and rubbish")
    answer = page.get(f"/calls/{call['id']}/audio.mp3")
    assert answer.status_code == 503
    assert "Play or download the FLAC" in answer.text
    assert page.get(f"/calls/{call['id']}/audio.flac").data == b"fLaC and rubbish"


def test_a_private_call_and_a_missed_one_say_why_there_is_no_sound(page: Page) -> None:
    private = page.call(private=True, outcome="private")
    missed = page.call(answered=False, outcome="missed")
    assert "made private" in page.get(f"/calls/{private['id']}").get_data(as_text=True)
    assert "Nobody answered" in page.get(f"/calls/{missed['id']}").get_data(as_text=True)
    assert page.get(f"/calls/{missed['id']}/audio.mp3").status_code == 404


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_has_its_words(page: Page, outcome: Outcome) -> None:
    call = page.call(outcome=str(outcome), answered=None)
    text = page.get(f"/calls/{call['id']}").get_data(as_text=True)
    assert f"· {OUTCOMES[str(outcome)]}" in text


def test_an_outgoing_call_whose_audio_is_gone_is_not_called_unanswered(page: Page) -> None:
    call = page.call(direction="outgoing", answered=False, outcome="busy")
    text = page.get(f"/calls/{call['id']}").get_data(as_text=True)
    assert "Nobody answered" not in text
    assert "Time since the telephone was lifted." in text or "What happened" not in text


def test_gaps_are_told_in_words(page: Page) -> None:
    call = page.archive.get(page.call()["id"])
    text = page.get(f"/calls/{call['id']}").get_data(as_text=True)
    assert "are missing" not in text
    record = {**call, "gaps": [{"offset": 4000, "count": 800, "reason": "xrun"}]}
    record.pop("id")
    gappy = page.archive.add_row(record)
    text = page.get(f"/calls/{gappy['id']}").get_data(as_text=True)
    assert "0.10 s are missing at 0:00 of the audio (xrun)" in text


@pytest.mark.parametrize("call_id", ["nothing", "..%2f..%2fetc%2fpasswd", "'; DROP TABLE calls"])
def test_an_unknown_call_is_not_found(page: Page, call_id: str) -> None:
    assert page.get(f"/calls/{call_id}").status_code == 404
    assert page.get(f"/calls/{call_id}/audio.flac").status_code == 404


def test_the_page_of_a_call_says_in_words_whether_it_is_whole(page: Page) -> None:
    good = page.call(clock_source="ntp")
    late = page.call(preroll_s=0.0, clock_source="none")
    assert "The recording is whole." in page.get(f"/calls/{good['id']}").text
    told = page.get(f"/calls/{late['id']}").text
    assert "The recording is whole." not in told
    assert "already going on when its recording began" in told
    assert "date and time are not sure" in told

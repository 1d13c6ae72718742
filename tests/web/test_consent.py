"""Recording and consent on the page: what is asked, what follows, what a call's page says of it."""

import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.web.conftest import Page
from web.tokens import Tokens

PLAYED = {
    "what": "announcement",
    "audible": True,
    "from": 16040,
    "to": 33088,
    "level_dbm0": -13.1,
}
KEPT = {
    "place": "PL",
    "must_know": "one",
    "statute": "art. 267",
    "why": "PL: business, announce",
    "recorded": True,
    "refused": "",
    "announce": True,
    "beep": False,
    "played": [PLAYED],
}


def chosen(page: Page) -> dict[str, Any]:
    found = json.loads((page.folder / "state/choices.json").read_text())
    return dict(found["consent"])


def wav(seconds: float, level: float = 0.2, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    sound = level * np.sin(np.arange(round(seconds * rate)) * 0.7)
    soundfile.write(out, sound, rate, format="WAV", subtype="PCM_16")
    return out.getvalue()


def upload(page: Page, data: bytes, name: str = "own.wav") -> Any:
    text = page.get("/consent").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    assert token
    form = {"csrf_token": token[1], "sound": (io.BytesIO(data), name)}
    return page.client.post("/consent/announcement", data=form, follow_redirects=True)


def test_what_follows_from_a_choice_is_shown_with_its_statute_before_it_is_saved(
    page: Page,
) -> None:
    text = page.send("/consent", use="home", place="DE", do="look").get_data(as_text=True)
    assert "The box records nothing before you have set up the announcement" in text
    assert "§ 201 Abs. 1 Nr. 1 StGB" in text
    assert "gesetze-im-internet.de" in text
    assert "no legal advice" in text
    assert not (page.folder / "state/choices.json").exists()
    text = page.send("/consent", use="business", place="PL", do="look").get_data(as_text=True)
    assert "plays an announcement at its beginning" in text
    assert "art. 13 GDPR" in text
    text = page.send("/consent", use="home", place="PL", do="look").get_data(as_text=True)
    assert "records every call and plays nothing" in text


def test_every_place_of_the_rules_can_be_chosen_states_of_the_us_too(page: Page) -> None:
    text = page.get("/consent").text
    assert text.count("<option value=") > 60
    assert "California" in text
    page.send("/consent", use="home", place="US-CA", do="save")
    assert chosen(page)["place"] == "US-CA"


def test_what_is_saved_reaches_the_recorder_and_the_settings(page: Page) -> None:
    page.answers["settings"] = {"ok": True}
    page.send("/consent", use="business", place="DE", armed="yes", do="save", beep="both")
    assert {"do": "settings"} in page.asked
    assert chosen(page) == {
        "place": "DE",
        "use": "business",
        "announce": "rule",
        "beep": "both",
        "announcement": "pl",
        "armed": "yes",
    }
    settings = page.get("/settings").text
    assert '<option value="DE" selected>' in settings
    assert '<option value="office" selected>' in settings
    assert "changed what is recorded" in page.get("/log").text


def test_a_country_that_does_not_wait_needs_no_confirmation(page: Page) -> None:
    page.send("/consent", use="home", place="DE", armed="yes", do="save")
    page.send("/consent", use="home", place="PL", armed="yes", do="save")
    assert chosen(page)["armed"] == "no"


def test_the_settings_change_the_rule_too(page: Page) -> None:
    page.send("/settings", country="DE", phone_used_by="office")
    assert (chosen(page)["place"], chosen(page)["use"]) == ("DE", "business")


@pytest.mark.parametrize(
    "sent", [{"place": "XX"}, {"use": "spy"}, {"beep": "<b>"}, {"announcement": "/etc/passwd"}]
)
def test_a_choice_that_there_is_not_changes_nothing(page: Page, sent: dict[str, str]) -> None:
    form = {"place": "PL", "use": "home", "do": "save", **sent}
    assert page.send("/consent", **form).status_code == 400
    assert not (page.folder / "state/choices.json").exists()


def test_an_announcement_of_ones_own_is_taken_and_can_be_listened_to(page: Page) -> None:
    answer = upload(page, wav(2.0))
    assert "Your announcement is saved" in answer.text
    assert chosen(page)["announcement"] == "own"
    path = page.folder / "state/announcement.wav"
    assert path.stat().st_mode & 0o777 == 0o600
    assert page.get("/consent/announcement.wav").data == wav(2.0)
    assert list(Path(page.folder / "state").glob("announcement.*.wav")) == []


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"no sound at all", "this is no sound file that can be played"),
        (wav(25.0), "an announcement takes 0.3 to 20 seconds"),
        (wav(0.1), "an announcement takes 0.3 to 20 seconds"),
        (wav(2.0, level=0.0), "it is silent"),
        (wav(2.0)[:60], "."),
        (b"RIFF" + bytes(2 * 2**19), "too large"),
        (b"", "Choose a file first"),
    ],
)
def test_a_bad_file_is_refused_with_a_sentence(page: Page, data: bytes, why: str) -> None:
    upload(page, wav(1.0))
    answer = upload(page, data)
    assert answer.status_code in (400, 413)
    assert why in answer.text
    assert (page.folder / "state/announcement.wav").read_bytes() == wav(1.0)
    assert list(Path(page.folder / "state").glob("announcement.*.wav")) == []


def test_the_first_steps_ask_who_uses_the_telephone_and_say_what_follows(page: Page) -> None:
    text = page.get("/start").text
    assert "Who uses this telephone, and where" in text
    assert 'href="/consent"' in text
    page.send("/consent", use="home", place="PL", do="save")
    assert (
        "Poland, A household: Whoever takes part in a call may record it."
        in page.get("/start").text
    )
    page.send("/consent", use="home", place="DE", do="save")
    assert "The box records nothing before" in page.get("/start").text


def test_the_button_announces_and_says_why_where_it_cannot(page: Page) -> None:
    page.state |= {"state": "incall", "recording": True, "since_s": 3.0, "announce": ""}
    assert "/live/announce" in page.get("/").text
    page.answers["announce"] = {"ok": True}
    page.send("/live/announce", form="/")
    assert {"do": "announce"} in page.asked
    assert "The announcement is being played." in page.get("/").text
    page.answers["announce"] = {"ok": False, "code": "doubt", "error": "A call is waiting."}
    page.send("/live/announce", form="/")
    assert "nobody can be sure who would hear it" in page.get("/").text
    assert page.access_log()[-1]["what"] == "announced"
    page.state["announce"] = "no-card"
    assert "/live/announce" not in page.get("/").text


def test_a_calls_page_says_what_was_decided_and_played(page: Page) -> None:
    call = page.call(consent=KEPT, preroll_s=2.0)
    text = page.get(f"/calls/{call['id']}").text
    assert "Recorded, with an announcement." in text
    assert "audible from sample 16,040 to 33,088" in text
    assert "-13.1 dBm0" in text
    assert "PL: whoever takes part may record. art. 267" in text
    assert "Announcement" in text


def test_in_polish_too(page: Page) -> None:
    call = page.call(consent=KEPT)
    text = page.client.get(f"/calls/{call['id']}", headers={"Accept-Language": "pl"}).text
    assert "Nagrana, z zapowiedzią." in text
    assert "słychać od próbki" in text


def test_an_announcement_that_nobody_heard_is_said_as_an_alarm(page: Page) -> None:
    silent = {"what": "announcement", "audible": False}
    failed = {"what": "announcement", "audible": False, "error": "<b>no card</b>"}
    call = page.call(consent={**KEPT, "played": [silent, failed]})
    text = page.get(f"/calls/{call['id']}").text
    assert "played, but it cannot be heard in the recording" in text
    assert "not played: &lt;b&gt;no card" in text


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("never-recorded", "Never recorded: that is the rule for this number."),
        ("not-armed", "in this country the box waits until the announcement is set up"),
        ("not-announced", "in this country a call is not recorded without an announcement"),
        ("<b>", "Not recorded, by rule."),
    ],
)
def test_a_call_that_was_not_recorded_says_why(page: Page, code: str, words: str) -> None:
    kept = {**KEPT, "refused": code, "recorded": False, "played": []}
    row = page.archive.add_row(
        {
            "line": "1",
            "kind": "call",
            "direction": "incoming",
            "outcome": "answered",
            "started_at": "2026-05-05T12:00:00+00:00",
            "duration_s": 5.0,
            "number": "226304075",
            "refused": code,
            "consent": kept,
        }
    )
    text = page.get(f"/calls/{row['id']}").text
    assert words in text
    assert "could not be stored" not in text


def test_a_running_call_that_is_not_recorded_is_said_to_be_so(page: Page) -> None:
    page.state |= {"state": "incall", "recording": False, "since_s": 3.0}
    assert "not recorded" not in page.get("/").text
    page.state["refused"] = "never-recorded"
    assert "not recorded" in page.get("/").text


def test_a_saved_person_is_told_to_the_recorder(page: Page) -> None:
    page.send("/people/save", form="/people/new", name="Dr Anna", numbers="226304075", rule="never")
    assert {"do": "settings"} in page.asked


def test_a_program_may_announce_and_is_told_why_it_cannot(page: Page) -> None:
    _, secret = Tokens(page.folder / "state/tokens.json").make("robot", ("control",))
    asked = {"Authorization": f"Bearer {secret}"}
    page.answers["announce"] = {"ok": False, "code": "no-call", "error": "No call is running."}
    answer = page.client.post("/api/v1/line/announce", headers=asked)
    assert (answer.status_code, answer.json["error"]) == (503, "No call is running.")
    page.answers["announce"] = {"ok": True}
    assert page.client.post("/api/v1/line/announce", headers=asked).status_code == 204


def test_a_polish_page_cites_the_statute_without_english_words(page: Page) -> None:
    english = page.get("/consent", headers={"Accept-Language": "en"}).get_data(as_text=True)
    polish = page.get("/consent", headers={"Accept-Language": "pl"}).get_data(as_text=True)
    for text in (english, polish):
        assert "art. 267 § 3 Kodeksu karnego (Dz.U. 1997 nr 88 poz. 553)" in text
    assert "a participant of the call does not" in english
    assert "a participant of the call does not" not in polish

"""The mark beside play: green, red with the reason, or not yet sealed."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from firmware.archive.retention import OWNERS_WISH, let_go
from firmware.evidence.evidence import Evidence
from tests.web.conftest import PASSWORD, Page, until
from web import evidence_seals


def sealed(page: Page, **facts: Any) -> dict[str, Any]:
    call = page.call(**facts)
    evidence = Evidence(page.archive, page.folder / "state")
    evidence.enter(call["id"])
    evidence.close()
    return call


def harmed(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def in_list(page: Page) -> list[str]:
    return re.findall(r'class="sealed-mark (\w+)"', page.get("/").text)


def test_a_call_is_unsealed_then_green_on_its_page_and_in_the_list(page: Page) -> None:
    call = page.call()
    assert "Not yet sealed" in page.get(f"/calls/{call['id']}").text
    until(lambda: in_list(page) == ["soft"])
    evidence = Evidence(page.archive, page.folder / "state")
    entry = evidence.enter(call["id"])
    told = page.get(f"/calls/{call['id']}").text
    assert "Unchanged since it was sealed." in told
    assert f"Entry {entry.sequence} of the log" in told
    until(lambda: in_list(page) == ["good"])
    assert "unchanged since it was sealed" in page.get("/").text  # in words, not by colour alone


@pytest.mark.parametrize("harm", ["recording", "record", "missing"])
def test_a_changed_call_is_red_and_says_what_was_changed(page: Page, harm: str) -> None:
    call = sealed(page)
    flac = page.archive.audio_path(call["id"])
    if harm == "missing":
        flac.unlink()
    elif harm == "recording":
        harmed(flac)
    else:
        record = flac.with_suffix(".json")
        record.write_bytes(record.read_bytes().replace(b'"answered": true', b'"answered": null'))
    told = page.get(f"/calls/{call['id']}").text
    assert "CHANGED since it was sealed." in told
    said = {
        "recording": "file was changed or damaged.",
        "record": "Its record (number, times, marks of the box) was changed.",
        "missing": "The record or the recording is missing",
    }
    assert said[harm] in told
    until(lambda: in_list(page) == ["bad"])


def test_the_reason_is_told_in_polish_too(page: Page) -> None:
    call = sealed(page)
    harmed(page.archive.audio_path(call["id"]))
    page.send("/language", form="/login", language="pl")
    told = page.client.get(f"/calls/{call['id']}", headers={"Accept-Language": "pl"}).text
    assert "ZMIENIONE od chwili zapieczętowania" in told


def test_a_flag_and_a_note_leave_the_mark_green(page: Page) -> None:
    call = sealed(page)
    page.archive.flag(call["id"], True)
    page.archive.note(call["id"], "dzwonił trzy razy")
    assert "Unchanged since it was sealed." in page.get(f"/calls/{call['id']}").text


def test_what_the_owner_deleted_is_not_red(page: Page) -> None:
    from datetime import UTC, datetime

    call = sealed(page)
    let_go(page.archive, call["id"], OWNERS_WISH, datetime.now(UTC))
    page.app.test_client()
    evidence = Evidence(page.archive, page.folder / "state")
    evidence.happened(evidence_seals.GONE[0], call["id"], by="owner")
    assert "CHANGED" not in page.get(f"/calls/{call['id']}").text


def test_a_long_recording_is_read_meanwhile_and_only_once(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_seals, "AT_ONCE", 1000)
    noise = np.random.default_rng(1).normal(0, 3000, 16000).astype(np.int16)
    call = sealed(page, sound=noise)
    told = page.get(f"/calls/{call['id']}").text
    assert "Checking against the log" in told
    part = f"/calls/{call['id']}/seal"
    assert f'data-again="{part}"' in told
    until(lambda: "Unchanged since it was sealed." in page.get(part).text)
    read = []
    known = Evidence.exhibit
    monkeypatch.setattr(Evidence, "exhibit", lambda self, one: counted(known(self, one), read))
    assert "Unchanged since it was sealed." in page.get(part).text
    assert read == []
    harmed(page.archive.audio_path(call["id"]))  # and a changed file is read again
    page.get(part)
    until(lambda: "CHANGED since it was sealed." in page.get(part).text)


def counted(exhibit: Any, read: list[str]) -> Any:
    from dataclasses import replace

    opened = exhibit.audio
    return replace(exhibit, audio=lambda: (read.append(exhibit.call), opened())[1])


def test_a_log_that_cannot_be_read_blocks_neither_the_list_nor_the_call(page: Page) -> None:
    call = page.call()
    (page.archive.root / "evidence").write_text("in the way")
    assert page.get("/").status_code == 200
    told = page.get(f"/calls/{call['id']}")
    assert told.status_code == 200
    assert "The log cannot be read now" in told.text


def test_a_damaged_file_of_marks_is_made_anew(page: Page) -> None:
    call = sealed(page)
    path = page.folder / "state/seals.sqlite"
    path.write_bytes(b"no database at all" * 100)
    assert page.get("/").status_code == 200
    assert "Unchanged since it was sealed." in page.get(f"/calls/{call['id']}").text


def test_the_page_of_a_call_tells_what_was_done_with_it(page: Page) -> None:
    call = sealed(page)
    page.send(f"/calls/{call['id']}/flag", f"/calls/{call['id']}", on="1")
    told = page.get(f"/calls/{call['id']}").text
    assert "recorded and sealed" in told
    assert "flagged, or the flag taken away" in told


def test_an_auditor_who_may_not_hear_sees_the_mark(page: Page) -> None:
    call = sealed(page)
    page.get(f"/calls/{call['id']}")
    page.send("/users", name="Ewa", role="auditor", pin="246810", password=PASSWORD)
    page.send("/logout", form="/password")
    page.send("/login", name="Ewa", password="246810")
    assert in_list(page) == ["good"]
    assert "unchanged since it was sealed" in page.get("/").text

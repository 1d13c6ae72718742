"""What people do with calls on the page stands in the box's signed log."""

from firmware.evidence.entries import Kind
from firmware.evidence.evidence import Evidence
from tests.web.conftest import Page, until


def kinds(page: Page, call_id: str) -> list[str]:
    evidence = Evidence(page.archive, page.folder / "state")
    found = [str(entry.kind) for entry in evidence.history(call_id)]
    evidence.close()
    return found


def test_listening_downloading_flag_and_note_are_entries_without_a_number(page: Page) -> None:
    call = page.call(name="Anna", number="221234567")
    page.client.get(f"/calls/{call['id']}/audio.flac")
    page.client.get(f"/calls/{call['id']}/audio.flac?download")
    page.send(f"/calls/{call['id']}/flag", f"/calls/{call['id']}", on="1")
    page.send(f"/calls/{call['id']}/note", f"/calls/{call['id']}", note="He threatened me.")
    assert set(kinds(page, call["id"])) == {
        Kind.PLAYED,
        Kind.EXPORTED,
        Kind.FLAGGED,
        Kind.NOTED,
    }
    log = (page.archive.root / "evidence" / "log.jsonl").read_text("utf-8")
    for secret in ("221234567", "Anna", "threatened"):
        assert secret not in log


def test_a_log_that_cannot_be_written_is_an_alarm_and_the_page_goes_on(page: Page) -> None:
    call = page.call()
    (page.archive.root / "evidence").write_text("in the way")
    assert page.client.get(f"/calls/{call['id']}/audio.flac").status_code == 200
    until(lambda: any(asked.get("do") == "alarm" for asked in page.asked))

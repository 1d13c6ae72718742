"""Bundles, case folders, the stop file and one number: on the page, from the first click on."""

import io
import re
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from firmware.evidence.anchors import Anchors
from firmware.evidence.authority import HttpAuthority
from firmware.evidence.bundle.verify import verify
from firmware.evidence.entries import Kind
from firmware.evidence.evidence import Evidence
from tests.support.authority import Authority, served
from tests.web.conftest import PASSWORD, Page, until
from web import evidence_pages, evidence_works


def state_of(page: Page, where: str) -> str:
    return str(page.get(f"{where}/state").text)


def done(page: Page, answer: Any) -> str:
    """Wait for the work that an answer leads to; its address."""
    assert answer.status_code == 302, answer.text
    where = str(answer.location)
    assert re.fullmatch(r"/works/[0-9a-f]{16}", where)
    until(lambda: "data-again" not in state_of(page, where))
    return where


def handed_out(page: Page, answer: Any, tmp_path: Path) -> zipfile.ZipFile:
    where = done(page, answer)
    assert "It is ready." in page.get(where).text
    file = page.get(f"{where}/file")
    assert file.headers["Content-Disposition"].startswith("attachment; filename=tipring-")
    path = tmp_path / "out.zip"
    path.write_bytes(file.data)
    verify(path)
    return zipfile.ZipFile(io.BytesIO(file.data))


def kinds(page: Page, call_id: str) -> list[str]:
    evidence = Evidence(page.archive, page.folder / "state")
    found = [str(entry.kind) for entry in evidence.history(call_id)]
    evidence.close()
    return found


def logged(page: Page) -> list[str]:
    return [row["what"] for row in page.access_log()]


def test_a_call_becomes_a_bundle_that_verifies_and_the_export_is_an_entry(
    page: Page, tmp_path: Path
) -> None:
    call = page.call()
    form = f"/bundle?id={call['id']}"
    assert page.send("/bundle", form, id=call["id"]).status_code == 403
    answer = page.send("/bundle", form, id=call["id"], password=PASSWORD, title="Sprawa 7")
    made = handed_out(page, answer, tmp_path)
    assert "calls/001/recording.flac" in made.namelist()
    assert "Sprawa 7" in made.read("cover.html").decode()
    assert kinds(page, call["id"])[-1] == Kind.EXPORTED
    assert "bundled" in logged(page)


def test_a_listener_makes_no_bundle_and_takes_none(page: Page) -> None:
    call = page.call()
    answer = page.send("/bundle", f"/bundle?id={call['id']}", id=call["id"], password=PASSWORD)
    where = done(page, answer)
    page.send("/users", name="Ewa", role="listener", pin="246810", password=PASSWORD)
    page.send("/logout", form="/password")
    page.send("/login", name="Ewa", password="246810")
    for path in (f"/bundle?id={call['id']}", where, f"{where}/file", "/proof", "/cases", "/stop"):
        assert page.get(path).status_code == 403, path
    assert page.get(f"/calls/{call['id']}").status_code == 200
    assert page.get(f"/calls/{call['id']}/seal").status_code == 200


def test_a_changed_call_gets_no_bundle_and_the_page_says_why(page: Page) -> None:
    call = page.call()
    evidence = Evidence(page.archive, page.folder / "state")
    evidence.enter(call["id"])
    flac = page.archive.audio_path(call["id"])
    flac.write_bytes(flac.read_bytes() + b"x")
    form = f"/bundle?id={call['id']}"
    where = done(page, page.send("/bundle", form, id=call["id"], password=PASSWORD))
    assert "It could not be done." in page.get(where).text
    assert "changed or is missing in the archive" in page.get(where).text
    assert page.get(f"{where}/file").status_code == 404


def test_no_room_and_too_much_work_are_told(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    call = page.call()
    form = f"/bundle?id={call['id']}"
    monkeypatch.setattr(evidence_works, "LEFT_FREE", 1 << 62)
    answer = page.send("/bundle", form, id=call["id"], password=PASSWORD)
    assert answer.status_code == 409
    assert "no room" in answer.text
    monkeypatch.setattr(evidence_works, "MOST_WAITING", 0)
    assert "still going on" in page.send("/bundle", form, id=call["id"]).text


def test_a_case_takes_calls_from_the_list_and_from_a_call_and_becomes_one_bundle(
    page: Page, tmp_path: Path
) -> None:
    first, second, third = (page.call(number=f"22123456{one}") for one in range(3))
    answer = page.client.post(
        "/calls/many",
        data={"csrf_token": token(page, "/?select=1"), "do": "case"}
        | {"id": [first["id"], second["id"]]},
    )
    assert answer.status_code == 302
    assert "Put 2 calls into a case" in page.get(answer.location).text
    fields = {"csrf_token": token(page, answer.location), "title": "Inkaso Plus"}
    made = page.client.post("/cases", data={**fields, "id": [first["id"], second["id"]]})
    case = made.location
    text = page.get(case).text
    assert first["id"] in text
    assert second["id"] in text
    choose = f"/cases/choose?id={third['id']}"
    assert f'href="{choose}"' in page.get(f"/calls/{third['id']}").text
    page.send("/cases/put", choose, id=third["id"], case=case.rsplit("/", 1)[1])
    page.send(f"{case}/take", case, id=second["id"])
    page.send(f"{case}/note", case, note="Groźby <b>komornikiem</b>")
    assert "Groźby &lt;b&gt;komornikiem" in page.get(case).text
    page.send(f"{case}/rename", case, title="Inkaso")
    assert page.send(f"{case}/bundle", case).status_code == 403
    zipped = handed_out(page, page.send(f"{case}/bundle", case, password=PASSWORD), tmp_path)
    names = [name for name in zipped.namelist() if name.endswith("record.json")]
    assert len(names) == 2
    cover = zipped.read("cover.html").decode()
    assert "Inkaso" in cover
    assert "Groźby &lt;b&gt;komornikiem" in cover
    assert kinds(page, first["id"]).count(Kind.NOTED) == 1
    page.send(f"{case}/unnote", case, place="0")
    assert "komornikiem" not in page.get(case).text
    page.send(f"{case}/close", f"{case}/close")
    assert page.get(case).status_code == 404
    assert page.get(f"/calls/{first['id']}").status_code == 200


def token(page: Page, path: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.get(path).text)
    assert found
    return found[1]


def test_a_caller_is_asked_to_stop_counted_and_written_to(page: Page) -> None:
    asked = page.call(number="586201142", name="INKASO", started_at="2026-03-04T05:06:07+00:00")
    mark = f"/calls/{asked['id']}/stop"
    answer = page.send(mark, mark, on="1", words="Proszę więcej nie dzwonić.")
    assert answer.status_code == 302
    page.call(number="+48586201142", started_at="2026-03-05T05:06:07+00:00")
    page.call(number="586201142", answered=False, outcome="missed", audio=None,
              started_at="2026-03-06T05:06:07+00:00")  # fmt: skip
    page.call(number="111222333", started_at="2026-03-07T05:06:07+00:00")
    assert "<strong>2 calls since</strong>" in page.get("/stop").text
    one = "/stop/caller?number=586201142"
    text = page.get(one).text
    assert "2 calls since" in text
    assert "Proszę więcej nie dzwonić." in text
    form = {"number": "586201142", "kind": "collector", "language": "pl", "as": "html"}
    letter = page.send("/stop/letter", one, **form, sender="Anna\nGdańsk", place="Gdańsk")
    assert "jeszcze 2 razy" in letter.text
    assert "Proszę więcej nie dzwonić." in letter.text
    assert "default-src 'none'; style-src 'sha256-" in letter.headers["Content-Security-Policy"]
    pdf = page.send("/stop/letter", one, **{**form, "as": "pdf", "language": "en"})
    assert pdf.data.startswith(b"%PDF-")
    assert "asked to stop" in logged(page)
    assert kinds(page, asked["id"])[-1] == Kind.NOTED
    assert "asked to stop calling in this call" in page.get(f"/calls/{asked['id']}").text
    page.send(mark, mark, on="0")
    assert "Nobody was asked" in page.get("/stop").text
    assert page.get(one).status_code == 404


def test_a_call_without_a_number_cannot_be_counted_and_says_so(page: Page) -> None:
    call = page.call(number=None)
    path = f"/calls/{call['id']}"
    page.send(f"{path}/stop", path, on="1")
    assert "could not be counted" in page.get(path).text
    assert page.archive.asked_to_stop() == []


def test_everything_about_one_number_is_handed_out_in_one_step(page: Page, tmp_path: Path) -> None:
    mine = [page.call(number="501502503"), page.call(number="+48501502503")]
    page.call(number="221234567")
    page.send("/people/save", "/people/new", name="Jan", numbers="501 502 503", rule="record")
    where = "/subject?number=501502503"
    assert "2 calls" in page.get(where).text
    assert page.send("/subject/export", where, number="501502503").status_code == 403
    answer = page.send("/subject/export", where, number="501502503", password=PASSWORD)
    made = handed_out(page, answer, tmp_path)
    records = [name for name in made.namelist() if name.endswith("record.json")]
    assert len(records) == len(mine)
    assert "Jan; 501 502 503" in made.read("cover.html").decode()
    assert "No call has this number." in page.get("/subject?number=999888777").text


def test_one_number_is_erased_and_the_log_keeps_a_tombstone_without_it(page: Page) -> None:
    gone, held = page.call(number="501502503"), page.call(number="501502503")
    other = page.call(number="221234567")
    page.archive.hold(held["id"], True, "owner", "court")
    evidence = Evidence(page.archive, page.folder / "state")
    for call in (gone, held, other):
        evidence.enter(call["id"])
    files = page.archive.audio_path(gone["id"])
    where = "/subject/erase?number=501502503"
    text = page.get(where).text
    assert "Erase 1 call of this number?" in text
    assert "What stays:" in text
    assert "1 flagged or held call stays" in text
    fields = {"number": "501502503", "typed": "erase"}
    assert page.send("/subject/erase", where, **fields).status_code == 403
    wrong = page.send("/subject/erase", where, **{**fields, "typed": "no"}, password=PASSWORD)
    assert wrong.status_code == 400
    assert page.archive.get(gone["id"])
    work = done(page, page.send("/subject/erase", where, **fields))
    assert "1 call is erased." in page.get(work).text
    assert not list(files.parent.glob(f"*{gone['id']}*"))
    assert page.get(f"/calls/{gone['id']}").status_code == 404
    assert page.get(f"/calls/{held['id']}").status_code == 200
    assert kinds(page, gone["id"])[-1] == Kind.ERASED
    assert "501502503" not in (evidence.log.folder / "log.jsonl").read_text()
    assert evidence.check().entries == evidence.log.head().head.size
    assert "erased" in logged(page)


def test_the_state_of_the_log_is_shown_and_printed(page: Page) -> None:
    page.call()
    text = page.get("/proof").text
    evidence = Evidence(page.archive, page.folder / "state")
    assert evidence.key.public.box in text
    assert text.count("<li>") >= 12
    assert "None yet" in text
    printed = page.get("/proof/head")
    assert "<svg" in printed.text
    words = re.findall(r"<li>(\w+)</li>", printed.text)[:12]
    assert "style-src 'sha256-" in printed.headers["Content-Security-Policy"]
    found = page.send("/proof/words", words=" ".join(words))
    assert "These are this log's words." in found.text
    assert "do not fit" in page.send("/proof/words", words="abandon " * 12).text


def test_everything_is_checked_and_a_missing_call_shows_by_its_number(page: Page) -> None:
    calls = [page.call(number=f"22123456{one}") for one in range(4)]
    evidence = Evidence(page.archive, page.folder / "state")
    for call in (calls[0], calls[1], calls[3]):
        evidence.enter(call["id"])
    page.archive.forget(calls[2]["id"])
    where = done(page, page.send("/proof/check", form="/proof"))
    text = page.get(where).text
    assert "3 calls as they were sealed" in text
    assert "call number 3 was never entered in the log" in text
    flac = page.archive.audio_path(calls[0]["id"])
    flac.write_bytes(flac.read_bytes() + b"x")
    where = done(page, page.send("/proof/check", form="/proof"))
    assert "not every call is as it was sealed" in page.get(where).text
    assert calls[0]["id"] in page.get(where).text


def test_a_stamp_from_outside_is_told_of_the_log_and_of_the_call(
    page: Page, tmp_path: Path
) -> None:
    call = page.call()
    evidence = Evidence(page.archive, page.folder / "state")
    evidence.enter(call["id"])
    authority = Authority(tmp_path / "tsa")
    with served(authority) as url:
        Anchors(evidence.log, HttpAuthority(url, authority.folder / "ca.pem")).tick(time.time())
    assert "existed no later than" in page.get("/proof").text
    assert "it existed no later than" in page.get(f"/calls/{call['id']}").text


def test_heads_that_wait_for_a_stamp_are_told(page: Page) -> None:
    evidence = Evidence(page.archive, page.folder / "state")
    Anchors(evidence.log, HttpAuthority("http://127.0.0.1:9/")).wish()
    assert "1 states of the log wait" in page.get("/proof").text


def test_the_key_is_shown_only_with_the_password_and_that_is_entered(page: Page) -> None:
    assert page.send("/proof/key").status_code == 403
    shown = page.send("/proof/key", password=PASSWORD)
    assert len(re.findall(r"<li>(\w+)</li>", shown.text)) == 48  # in both languages
    assert shown.headers["Cache-Control"] == "no-store, private"
    assert "key printed" in logged(page)


def upload(page: Page, data: bytes) -> Any:
    fields = {"csrf_token": token(page, "/proof/verify"), "bundle": (io.BytesIO(data), "b.zip")}
    return page.client.post("/proof/verify", data=fields, content_type="multipart/form-data")


def test_a_bundle_is_checked_on_the_page_and_not_kept(page: Page, tmp_path: Path) -> None:
    call = page.call()
    form = f"/bundle?id={call['id']}"
    where = done(page, page.send("/bundle", form, id=call["id"], password=PASSWORD))
    data = page.get(f"{where}/file").data
    good = upload(page, data)
    assert good.status_code == 200
    assert "It was signed by this box." in good.text
    changed = bytearray(data)
    changed[len(data) // 2] ^= 1
    bad = upload(page, bytes(changed))
    assert bad.status_code == 422
    assert "Refused" in bad.text
    assert "no bundle" in upload(page, b"hello").text
    assert not any((page.folder / "state/uploads").iterdir())
    assert [row.get("verdict") for row in page.access_log() if row["what"] == "bundle checked"] == [
        "unchanged", "changed", "changed",
    ]  # fmt: skip


def test_a_large_upload_is_taken_up_to_its_bound_and_only_there(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_mb = b"PK" + bytes(3 << 20)
    assert upload(page, three_mb).status_code == 422  # looked at, though other forms end at 2 MB
    monkeypatch.setattr(evidence_pages, "LARGEST_UPLOAD", 1 << 20)
    assert upload(page, three_mb).status_code == 413
    fields = {"csrf_token": "", "bundle": (io.BytesIO(b"PK"), "b.zip")}
    answer = page.client.post("/proof/verify", data=fields, content_type="multipart/form-data")
    assert answer.status_code == 400  # no token of this page


def test_works_are_forgotten_with_their_files(tmp_path: Path) -> None:
    works = evidence_works.Works(lambda: tmp_path / "works")
    work = works.start(
        "bundle", "owner", "x.zip", lambda _w, path, _t: path.write_bytes(b"x") and None
    )
    until(lambda: work.state == "done")
    assert works.get(work.id, "somebody") is None
    assert works.get(work.id, "owner") is work
    work.ended -= evidence_works.KEPT_S + 1
    works.start("bundle", "owner", "y.zip", lambda *_: None)
    assert works.get(work.id, "owner") is None
    assert work.file is not None
    assert not work.file.exists()


def test_a_fault_in_work_is_told_and_the_next_goes_on(tmp_path: Path) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    works = evidence_works.Works(lambda: tmp_path / "works")
    first, second = (works.start("bundle", "owner", "", one) for one in (broken, lambda *_: None))
    until(lambda: second.state == "done")
    assert (first.state, first.why) == ("failed", "RuntimeError: a fault of ours")

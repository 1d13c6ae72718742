"""Many calls at once: held, as one zip, and deleted only with the password."""

import io
import json
import re
import time
from datetime import UTC, datetime

from firmware.archive.retention import let_go
from tests.web.conftest import Page


def test_many_calls_are_held_and_released_at_once(page: Page) -> None:
    ids = [page.call()["id"] for _ in range(3)]
    for what, said in (("hold", "2 calls are held."), ("release", "2 calls are not held")):
        fields = {"do": what, "id": ids[:2]}
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.get("/?select=1").text)
        assert token
        page.client.post("/calls/many", data={**fields, "csrf_token": token[1]})
        assert said in page.get("/").text
        held = [bool(page.archive.get(one).get("held")) for one in ids]
        assert held == [what == "hold"] * 2 + [False]
    whats = [row["what"] for row in page.access_log()]
    assert whats == ["held", "held", "released", "released"]


def test_deleting_wants_the_password_once_more_and_leaves_a_row(page: Page) -> None:
    call, flagged = page.call(), page.call(flagged=True)
    page.archive.flag(flagged["id"], True)
    master = page.archive.audio_path(call["id"])
    copy = page.get(f"/calls/{call['id']}/audio.mp3")
    copy.close()
    assert list((page.folder / "state/mp3").glob("*.mp3"))
    form = {"id": call["id"]}
    assert page.send("/calls/delete", form="/people/new", **form).status_code == 403
    assert (
        page.send("/calls/delete", form="/people/new", password="guess", **form).status_code == 403
    )
    assert master.exists()
    done = page.send("/calls/delete", form="/people/new", password="correct horse battery", **form)
    assert done.status_code == 302
    assert not master.exists()
    assert not list((page.folder / "state/mp3").glob(f"{master.stem}*"))
    assert "The audio was deleted on" in page.get(f"/calls/{call['id']}").text
    page.send("/calls/delete", form="/people/new", id=flagged["id"])
    assert page.archive.audio_path(flagged["id"]).exists()
    assert "deleted" in [row["what"] for row in page.access_log()]


def test_a_deleted_call_is_still_deleted_after_the_catalogue_is_rebuilt(page: Page) -> None:
    call = page.call()
    let_go(page.archive, call["id"], "a test", datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC))
    (page.folder / "calls/catalogue.sqlite").write_bytes(b"torn")
    for ending in ("-wal", "-shm"):
        (page.folder / f"calls/catalogue.sqlite{ending}").unlink(missing_ok=True)
    from firmware.archive import Archive

    found = Archive(page.folder / "calls").get(call["id"])
    assert found["audio"] is None
    assert found["deleted_at"] == "2026-03-04T05:06:07+00:00"


def test_many_calls_come_as_one_zip(page: Page) -> None:
    import zipfile

    calls = [page.call(), page.call(), page.call(answered=False, outcome="missed")]
    page.app.config["WTF_CSRF_ENABLED"] = False
    ids = [one["id"] for one in calls]
    answer = page.client.post("/calls/many", data={"do": "zip", "id": [*ids, "nothing"]})
    made = zipfile.ZipFile(io.BytesIO(answer.data))
    assert made.testzip() is None
    names = made.namelist()
    assert len([one for one in names if one.endswith(".flac")]) == 2
    assert len([one for one in names if one.endswith(".json")]) == 3
    master = page.archive.audio_path(ids[0]).read_bytes()
    assert made.read(next(one for one in names if ids[0] in one and "flac" in one)) == master
    assert json.loads(made.read(next(one for one in names if "json" in one)))["id"] in ids
    assert [row["call"] for row in page.access_log() if row["what"] == "downloaded"] == ids


def test_a_proof_does_not_last(page: Page) -> None:
    call = page.call()
    with page.client.session_transaction() as session:
        session["proved"] = time.time() - 301
    assert page.send("/calls/delete", form="/people/new", id=call["id"]).status_code == 403
    with page.client.session_transaction() as session:
        session["proved"] = time.time() + 1e6  # the clock was set back since
    assert page.send("/calls/delete", form="/people/new", id=call["id"]).status_code == 403

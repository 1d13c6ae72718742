"""A program hears a call as the player does, and does to many calls what the list does."""

import io
import zipfile

import numpy as np
import soundfile as sf

from tests.web.conftest import Page, Program


def test_a_call_is_had_as_an_mp3_in_parts_too(page: Page, program: Program) -> None:
    path = f"/calls/{page.call()['id']}/audio.mp3"
    whole = program.ask("GET", path)
    assert whole.mimetype == "audio/mpeg"
    samples, rate = sf.read(io.BytesIO(whole.data))
    tone = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    assert abs(np.argmax(tone) * rate / len(samples) - 440) < 2
    headers = {**program.headers, "Range": "bytes=100-199"}
    part = program.client.get(f"/api/v1{path}", headers=headers)
    assert (part.status_code, part.data) == (206, whole.data[100:200])
    assert page.access_log()[0]["form"] == "mp3"


def test_a_program_is_told_what_a_player_shows(page: Page, program: Program) -> None:
    sound = np.zeros(32000, np.int16)
    sound[:8000] = 8000 * np.sin(np.arange(8000) * 2 * np.pi * 440 / 8000)
    call = page.call(sound, flags=[1.5], duration_s=4.0)
    later = page.call(number="229999999")
    told = program.ask("GET", f"/calls/{call['id']}/sound").json
    assert told["length_s"] == 4.0
    assert told["before_s"] == 0.2
    [mark] = told["marks"]
    assert (mark["kind"], mark["at_s"]) == ("flag", 1.5)
    assert mark["place"] == round(1.7 / 4.0, 4)
    [silence] = told["silences"]
    assert 0.9 < silence["begins_s"] < 1.1
    assert silence["ends_s"] > 3.9
    assert told["next_unheard"] == later["id"]
    assert told["trouble"] == []


def test_a_recording_with_a_gap_is_not_whole_and_says_so(page: Page, program: Program) -> None:
    lost = {"frames_stored": 7200, "gaps": [{"offset": 4000, "count": 800, "reason": "xrun"}]}
    call = page.call()
    page.archive._mark(call["id"], **lost)
    told = program.ask("GET", f"/calls/{call['id']}/sound").json
    assert told["whole"] is False
    assert any("0.10 s are missing" in one for one in told["trouble"])


def test_the_record_is_told_whole(page: Page, program: Program) -> None:
    call = page.call(rings=3, dialled="")
    told = program.ask("GET", f"/calls/{call['id']}/record").json
    assert told["rings"] == 3
    assert told["sha256_pcm"] == call["sha256_pcm"]
    assert "key" not in told


def test_all_calls_of_one_number_are_counted(page: Page, program: Program) -> None:
    for _ in range(2):
        page.call(number="+48221234567")
    page.call(number="22 123 45 67", answered=False, outcome="missed")
    page.call(number="501502503")
    program.ask("POST", "/people", json={"name": "Ewa", "numbers": ["221234567"]})
    told = program.ask("GET", "/callers/221234567").json
    assert (told["calls"], told["missed"], told["contact"]) == (3, 1, "Ewa")
    assert program.ask("GET", "/callers/229999999").status_code == 404
    assert program.ask("GET", "/callers/nobody").status_code == 404


def test_many_calls_are_marked_in_one_step(page: Page, program: Program) -> None:
    ids = [page.call()["id"] for _ in range(3)]
    told = program.ask("POST", "/many/mark", json={"calls": [*ids, "x"], "do": "flag"}).json
    assert told == {"done": ids, "left": {"x": "it is not here"}}
    assert all(page.archive.get(one)["flagged"] for one in ids)
    program.ask("POST", "/many/mark", json={"calls": ids[:1], "do": "unflag"})
    assert not page.archive.get(ids[0]).get("flagged")
    refused = program.ask("POST", "/many/mark", json={"calls": ids, "do": "burn"})
    assert refused.status_code == 422


def test_many_calls_are_had_as_a_zip_and_each_is_entered(page: Page, program: Program) -> None:
    ids = [page.call()["id"] for _ in range(2)]
    data = program.ask("POST", "/many/zip", json={"calls": ids}).data
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert sorted(name.rsplit(".", 1)[1] for name in names) == ["flac", "flac", "json", "json"]
    assert {row["call"] for row in page.access_log()} == set(ids)
    assert program.ask("POST", "/many/zip", json={"calls": ["x"]}).status_code == 404
    only_reads = Program(page, "read", "hear").ask("POST", "/many/zip", json={"calls": ids})
    assert only_reads.status_code == 403


def test_many_calls_are_deleted_but_not_those_that_are_protected(
    page: Page, program: Program
) -> None:
    gone, flagged, missed = page.call(), page.call(), page.call(answered=False, outcome="missed")
    page.archive.flag(flagged["id"], True)
    ids = [gone["id"], flagged["id"], missed["id"]]
    told = program.ask("POST", "/many/delete", json={"calls": ids}).json
    assert told["done"] == [gone["id"]]
    assert told["left"] == {ids[1]: "it is flagged or held", ids[2]: "it has no audio"}
    assert program.ask("GET", f"/calls/{gone['id']}").json["audio"] is False
    assert program.ask("GET", f"/calls/{flagged['id']}").json["audio"] is True


def test_a_call_is_made_somebodys_own_and_given_back(page: Page, program: Program) -> None:
    call = page.call()
    user = program.ask("POST", "/users", json={"name": "Ola", "role": "listener", "pin": "739154"})
    path = f"/calls/{call['id']}"
    assert program.ask("PUT", f"{path}/claim", json={"user": user.json["id"]}).status_code == 204
    assert program.ask("GET", path).json["only_for"] == user.json["id"]
    assert Program(page, "read").ask("GET", path).status_code == 404  # another's own
    assert program.ask("PUT", f"{path}/claim", json={"user": "nobody"}).status_code == 404
    assert program.ask("DELETE", f"{path}/claim").status_code == 204
    assert Program(page, "read").ask("GET", path).status_code == 200

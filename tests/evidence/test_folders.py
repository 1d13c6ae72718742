"""Several calls at once: case folders, callers who were asked to stop, one number's data."""

import zipfile
from datetime import date
from pathlib import Path

import pytest

from firmware.archive import Archive
from firmware.cli import main
from firmware.evidence.bundle.verify import verify
from firmware.evidence.cases import Cases, NoSuchCase
from firmware.evidence.letter import KINDS, Parties, letter
from firmware.evidence.stop import of_number, same_number, stop_files
from tests.archive.support import Feed
from tests.evidence.conftest import RECORD


def call(number: str | None, day: int, **facts: object) -> dict[str, object]:
    started = f"2026-03-{day:02d}T09:00:00+00:00"
    made = {"id": f"call-{day}", "number": number, "started_at": started, "direction": "incoming"}
    return {**made, "outcome": "answered", "duration_s": 60.0, **facts}


CALLS = [
    call("+48221234567", 9, outcome="missed"),
    call("221234567", 1),
    call("+48 22 123 45 67", 3, asked_to_stop="Proszę nie dzwonić"),
    call("600100200", 4),
    call("0048221234567", 7),
    call("221234567", 8, direction="outgoing"),
    call("112", 5, asked_to_stop="x"),
    call(None, 6, asked_to_stop="withheld"),
]


def test_every_call_after_the_request_is_counted_and_dated() -> None:
    found = of_number(CALLS, "22 123 45 67")
    assert found is not None
    assert found.asked == [("call-3", "2026-03-03T09:00:00+00:00", "Proszę nie dzwonić")]
    assert [one.call for one in found.later] == ["call-7", "call-9"]
    assert found.calls == ["call-3", "call-7", "call-9"]
    assert [one.number for one in stop_files(CALLS)] == ["+48 22 123 45 67", "112"]


def test_numbers_are_the_same_with_and_without_the_country() -> None:
    assert same_number("+48 22 123-45-67", "221234567")
    assert not same_number("221234567", "221234568")
    assert not same_number("112", "999112112")
    assert not same_number("", "")


@pytest.mark.parametrize("language", ["pl", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_the_letter_names_the_request_the_calls_and_the_law(language: str, kind: str) -> None:
    found = of_number(CALLS, "221234567")
    assert found is not None
    found.asked[0] = (*found.asked[0][:2], "<b>dość</b>")
    text = letter(found, language, kind, Parties("Anna\nul. Długa 1", "Firma"), date(2026, 4, 1))
    assert "2026-03-07" in text
    assert "2026-03-09" in text
    assert "&lt;b&gt;dość&lt;/b&gt;" in text
    assert "2016/679" in text
    assert "ul. Długa 1" in text
    assert "legal advice" in text or "porada prawna" in text


def test_a_case_keeps_its_calls_and_notes(tmp_path: Path) -> None:
    cases = Cases(tmp_path / "cases")
    case = cases.open("Bank")
    cases.put(case.id, "a", "b")
    cases.put(case.id, "b", "c")
    cases.note(case.id, "Pierwsza rozmowa po terminie.")
    cases.take(case.id, "a")
    kept = Cases(tmp_path / "cases").get(case.id)
    assert (kept.calls, kept.notes) == (["b", "c"], ["Pierwsza rozmowa po terminie."])
    assert [one.title for one in cases.all()] == ["Bank"]
    for wrong in ("../../x", "00000000"):
        with pytest.raises(NoSuchCase):
            cases.get(wrong)
    with pytest.raises(ValueError, match="title"):
        cases.open(" ")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "calls"


def recorded(folder: Path, number: str, day: int) -> str:
    started = f"2026-03-{day:02d}T09:00:00.000+00:00"
    record = {**RECORD, "number": number, "started_at": started, "duration_s": 0.1}
    return str(Feed(folder).call(0.1, **record)["id"])


def tried(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main([str(word) for word in words])
    return code, capsys.readouterr().out.strip()


def test_a_case_becomes_one_bundle(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [recorded(folder, "221234567", day) for day in (1, 2)]
    at = ("--archive", folder)
    _, case = tried(capsys, "case", "new", "Bank przeciw nam", *at)
    assert tried(capsys, "case", "put", case, *calls, *at)[0] == 0
    assert tried(capsys, "case", "put", case, "nothing", *at)[0] == 1
    assert tried(capsys, "case", "note", case, "Uwaga", *at)[0] == 0
    assert "2 call(s)  Bank przeciw nam" in tried(capsys, "case", "list", *at)[1]
    out = tmp_path / "case.zip"
    assert tried(capsys, "case", "bundle", case, out, *at)[0] == 0
    assert [one.call for one in verify(out).calls] == calls
    with zipfile.ZipFile(out) as archive:
        assert "Bank przeciw nam" in archive.read("cover.html").decode()


def test_a_caller_is_asked_to_stop_counted_and_written_to(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = recorded(folder, "221234567", 1)
    for day in (3, 4):
        recorded(folder, "+48221234567", day)
    at = ("--archive", folder)
    words = ("--words", "Proszę nie dzwonić")
    assert tried(capsys, "stop", "ask", first, *words, *at)[0] == 0
    assert "221234567  asked 2026-03-01  2 call(s) since" in tried(capsys, "stop", "list", *at)[1]
    out = tmp_path / "letter.html"
    more = ("--kind", "collector", "--sender", "Anna\\nul. Długa 1")
    assert tried(capsys, "stop", "letter", "221234567", "--out", out, *more, *at)[0] == 0
    assert "Proszę nie dzwonić" in out.read_text()
    nobody = tmp_path / "n.html"
    assert tried(capsys, "stop", "letter", "600", "--out", nobody, *more, *at)[0] == 1


def test_everything_about_one_number_comes_in_one_step(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = [recorded(folder, number, day) for number, day in (("221234567", 1), ("+48221234567", 2))]
    recorded(folder, "600100200", 3)
    out = tmp_path / "subject.zip"
    code, _ = tried(capsys, "subject", "22 123 45 67", out, "--archive", folder)
    assert code == 0
    assert [one.call for one in verify(out).calls] == own
    assert tried(capsys, "subject", "999", tmp_path / "x.zip", "--archive", folder)[0] == 1


def test_a_call_is_held_released_and_erased_from_the_command_line(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call, other = (recorded(folder, "221234567", day) for day in (1, 2))
    at = ("--archive", folder)
    cache = folder / ".state/mp3"
    cache.mkdir(parents=True)
    (cache / f"090000-incoming-221234567-{call}-1-2.mp3").write_bytes(b"x")
    assert tried(capsys, "hold", call, "--owner", "Nowak", "--reason", "proces", *at)[0] == 0
    assert tried(capsys, "erase", call, "--yes", *at)[0] == 1
    assert tried(capsys, "release", call, *at)[0] == 0
    assert tried(capsys, "release", call, *at)[0] == 1
    monkeypatch.setattr("builtins.input", lambda _question: "yes")
    assert tried(capsys, "erase", call, *at)[0] == 1
    assert [record["id"] for record in Archive(folder).calls()] == [other, call]
    monkeypatch.setattr("builtins.input", lambda _question: "ERASE")
    code, said = tried(capsys, "erase", call, *at)
    assert (code, "erased; entry" in said) == (0, True)
    assert [record["id"] for record in Archive(folder).calls()] == [other]
    assert list(folder.rglob(f"*{call}*")) == []
    assert b"221234567-" + call.encode() not in (folder / "catalogue.sqlite").read_bytes()
    kinds = tried(capsys, "evidence", "history", call, *at)[1]
    assert [line.split()[2] for line in kinds.splitlines()] == ["held", "released", "erased"]
    assert tried(capsys, "verify", folder)[0] == 0
    assert tried(capsys, "erase", "nothing", "--yes", *at)[0] == 1

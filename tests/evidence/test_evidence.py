"""The evidence of a real archive."""

import hashlib
import subprocess
import zipfile
from pathlib import Path

import pytest

from firmware.archive.errors import NoSuchCall
from firmware.archive.master import make_masters
from firmware.archive.vault import Vault
from firmware.archive.volume import Volumes
from firmware.evidence.bundle.verify import verify
from firmware.evidence.entries import Kind
from firmware.evidence.errors import Changed
from firmware.evidence.evidence import Evidence, opened
from firmware.evidence.survey import survey
from tests.archive.support import Feed
from tests.evidence.conftest import Kept


def test_a_call_is_sealed_once_by_the_bytes_on_the_medium(kept: Kept) -> None:
    call = kept.call()
    entry = kept.evidence.enter(call)
    assert kept.evidence.enter(call) == entry
    assert entry.kind == Kind.RECORDED
    flac = kept.archive.audio_path(call)
    assert entry.facts["flac_sha256"] == hashlib.sha256(flac.read_bytes()).hexdigest()
    sidecar = flac.with_suffix(".json")
    assert entry.facts["record_sha256"] == hashlib.sha256(sidecar.read_bytes()).hexdigest()
    assert kept.evidence.check_call(call) == entry


def test_the_log_holds_no_number_and_no_name(kept: Kept) -> None:
    call = kept.call()
    kept.evidence.enter(call)
    kept.evidence.played(call, "owner")
    text = (kept.archive.root / "evidence/log.jsonl").read_text()
    assert "48221234567" not in text
    assert "Nowak" not in text


def test_flags_and_notes_leave_the_seal_whole(kept: Kept) -> None:
    call = kept.call()
    kept.evidence.enter(call)
    kept.archive.flag(call, True)
    kept.archive.note(call, "dzwonił trzy razy")
    kept.evidence.happened(Kind.FLAGGED, call, on=True)
    kept.evidence.check_call(call)


@pytest.mark.parametrize("harm", ["sound", "record", "gone", "never"])
def test_what_was_changed_in_the_archive_gets_a_red_mark(kept: Kept, harm: str) -> None:
    call = kept.call()
    if harm != "never":
        kept.evidence.enter(call)
    flac = kept.archive.audio_path(call)
    path = flac.with_suffix(".json") if harm == "record" else flac
    if harm == "gone":
        path.unlink()
    elif harm != "never":
        path.write_bytes(path.read_bytes().replace(b"a", b"b", 1))
    with pytest.raises(Changed):
        kept.evidence.check_call(call)
    if harm != "never":
        assert len(survey(kept.evidence).wrong) == 1


def test_byte_ranges_of_one_listening_are_one_entry(kept: Kept) -> None:
    call = kept.call()
    for _ in range(50):
        kept.evidence.played(call, "owner")
    kept.evidence.played(call, "lawyer")
    kept.clocks.pass_by(601)
    kept.evidence.played(call, "owner")
    assert [entry.facts["by"] for entry in kept.evidence.history(call)] == [
        *("owner", "lawyer", "owner")
    ]


def test_calls_from_before_the_log_are_entered_late_and_say_so(kept: Kept) -> None:
    calls = [kept.call() for _ in range(3)]
    assert len(survey(kept.evidence).notes) == 1
    assert kept.evidence.enter_missing().entered == 3
    assert kept.evidence.enter_missing().entered == 0
    entries = [kept.evidence.entered(call) for call in calls]
    assert [entry.facts["sequence"] for entry in entries if entry] == [1, 2, 3]
    assert all(entry.facts["late"] for entry in entries if entry)
    assert survey(kept.evidence).notes == []


def test_one_damaged_call_does_not_keep_the_others_from_being_sealed(kept: Kept) -> None:
    calls = [kept.call() for _ in range(3)]
    kept.archive.audio_path(calls[1]).unlink()
    done = kept.evidence.enter_missing()
    assert done.entered == 2
    assert list(done.left) == [calls[1]]
    assert "The recording of the call" in done.left[calls[1]]


def test_a_missing_call_shows_by_its_number(kept: Kept) -> None:
    for number in range(4):
        call = kept.call()
        if number != 2:
            kept.evidence.enter(call)
        else:
            for path in kept.archive.root.rglob(f"*{call}*"):
                path.unlink()
    said = " ".join(survey(kept.evidence).notes)
    assert "call number 3 was never entered" in said


def test_an_unknown_call_is_said(kept: Kept) -> None:
    with pytest.raises(NoSuchCall):
        kept.evidence.enter("nothing")


def test_a_damaged_log_is_set_aside_and_calls_to_come_are_sealed(kept: Kept) -> None:
    kept.evidence.enter(kept.call())
    kept.evidence.close()
    path = kept.archive.root / "evidence/log.jsonl"
    path.write_bytes(path.read_bytes().replace(b"recorded", b"RECORDED"))
    for one in path.parent.glob("index.sqlite*"):
        one.unlink()
    evidence, why = opened(kept.archive, kept.archive.root / ".state")
    assert "It was kept as evidence.damaged-1" in why
    assert (kept.archive.root / "evidence.damaged-1/log.jsonl").exists()
    assert [evidence.log.entry(number).kind for number in range(2)] == [
        *(Kind.LOG_BEGUN, Kind.LOG_REPLACED)
    ]
    assert evidence.enter(kept.call()).sequence == 2


@pytest.mark.parametrize("sealed", [False, True])
def test_a_call_of_several_files_is_sealed_verified_and_bundled_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sealed: bool
) -> None:
    monkeypatch.setattr(make_masters, "__defaults__", (32000,))
    vault = Vault(tmp_path / "state", sealed, tmp_path / "run")
    feed = Feed(Volumes(tmp_path / "calls", vault=vault))
    call = feed.call(5.0)
    assert len(call["audio_parts"]) == 3
    evidence = Evidence(feed.archive, tmp_path / "state")
    entry = evidence.enter(call["id"])
    wanted = [part["sha256_file"] for part in call["audio_parts"]]
    kept = [entry.facts[name] for name in ("flac_sha256", "flac_sha256_1", "flac_sha256_2")]
    assert kept == wanted
    assert ("stored_sha256" in entry.facts) is sealed
    assert evidence.check_call(call["id"])
    out = tmp_path / "bundle.zip"
    evidence.bundle(out, [call["id"]])
    assert verify(out, None).calls[0].call == call["id"]
    unpacked = tmp_path / "unpacked"
    with zipfile.ZipFile(out) as made:
        made.extractall(unpacked)
    said = subprocess.run(["sh", "verify.sh"], cwd=unpacked, capture_output=True, text=True)
    assert said.returncode == 0, said.stdout + said.stderr
    last = tmp_path / "calls" / call["audio_parts"][2]["audio"]
    with last.open("r+b") as file:
        file.seek(-3, 2)
        file.write(b"!")
    with pytest.raises((Changed, OSError)):
        evidence.check_call(call["id"])

"""The evidence of a real archive, and the commands over it."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

from firmware.archive.errors import NoSuchCall
from firmware.archive.master import make_masters
from firmware.archive.vault import Vault
from firmware.archive.volume import Volumes
from firmware.cli import main
from firmware.evidence.bundle.verify import verify
from firmware.evidence.entries import Kind
from firmware.evidence.errors import Changed
from firmware.evidence.evidence import Evidence, opened
from firmware.evidence.survey import survey
from tests.archive.support import Feed
from tests.evidence.conftest import Clocks
from tests.support.authority import Authority, served

RECORD = {
    "line": "1",
    "direction": "incoming",
    "outcome": "answered",
    "number": "+48221234567",
    "name": "Anna Nowak",
    "started_at": "2026-03-04T05:06:07.000+00:00",
    "rate": 8000,
    "answered": True,
}


class Kept:
    """An archive with its evidence on clocks that the test turns."""

    def __init__(self, folder: Path) -> None:
        self.feed = Feed(folder)
        self.archive = self.feed.archive
        self.clocks = Clocks()
        self.evidence = Evidence(self.archive, folder / ".state", self.clocks)

    def call(self) -> str:
        return str(self.feed.call(1.0, **RECORD)["id"])


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "calls")


def tried(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out + said.err


def test_a_call_is_sealed_once_by_the_bytes_on_the_medium(kept: Kept) -> None:
    import hashlib

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


def test_bundle_and_verify_as_a_person_types_them(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    calls = [kept.call(), kept.call()]
    out = tmp_path / "out.zip"
    folder = kept.archive.root
    code, said = tried(capsys, "bundle", *calls, out, "--archive", folder, "--title", "Sprawa")
    assert code == 0
    assert "2 call(s)" in said
    code, said = tried(capsys, "verify", out)
    assert (code, said.split(":")[0]) == (0, "UNCHANGED")
    code, said = tried(capsys, "verify", out, "--archive", folder)
    assert code == 0
    code, said = tried(capsys, "verify", out, "--box", "0" * 32)
    assert code == 1
    assert "CHANGED: This bundle was signed by another box" in said
    data = bytearray(out.read_bytes())
    data[-40] ^= 1
    out.write_bytes(data)
    code, said = tried(capsys, "verify", out)
    assert code == 1
    assert said.startswith("CHANGED: ")


def test_verify_checks_a_whole_archive(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    kept.evidence.enter(kept.call())
    code, said = tried(capsys, "verify", kept.archive.root)
    assert (code, said.split(":")[0]) == (0, "UNCHANGED")
    [flac] = kept.archive.root.rglob("*.flac")
    flac.write_bytes(flac.read_bytes() + b"x")
    code, said = tried(capsys, "verify", kept.archive.root)
    assert code == 1
    assert "The recording of this call was changed" in said


def test_a_wrong_call_and_a_wrong_name_are_told(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = tried(capsys, "bundle", "x", tmp_path / "o.zip", "--archive", kept.archive.root)
    assert (code, "No call has the id" in said) == (1, True)
    code, said = tried(capsys, "bundle", "x", "y", "--archive", kept.archive.root)
    assert (code, "names the ZIP" in said) == (2, True)


def test_the_printed_words_find_their_head_again(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = kept.archive.root
    page = tmp_path / "head.html"
    code, said = tried(capsys, "evidence", "head", "--out", page, "--archive", folder)
    words = said.splitlines()[1]
    assert (code, len(words.split())) == (0, 12)
    kept.evidence.enter(kept.call())
    code, said = tried(capsys, "evidence", "check", "--words", words, "--archive", folder)
    assert code == 0
    assert "those of the first 1 entries" in said
    other = Kept(tmp_path / "other")
    code, said = tried(
        capsys, "evidence", "check", "--words", words, "--archive", other.archive.root
    )
    assert code == 1
    assert "of another box" in said


def test_the_key_comes_back_from_its_page(
    kept: Kept,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import io

    folder, page = kept.archive.root, tmp_path / "key.html"
    assert tried(capsys, "evidence", "key-page", "--out", page, "--archive", folder)[0] == 0
    assert page.stat().st_mode & 0o777 == 0o600
    words = re.findall("<li>([a-z]+)</li>", page.read_text())[:24]
    key = folder / ".state/evidence-key.pem"
    before = key.read_bytes()
    monkeypatch.setattr("sys.stdin", io.StringIO(" ".join(words)))
    code, said = tried(capsys, "evidence", "restore-key", "--archive", folder)
    assert (code, "not overwritten" in said) == (1, True)
    key.unlink()
    monkeypatch.setattr("sys.stdin", io.StringIO(" ".join(words)))
    code, said = tried(capsys, "evidence", "restore-key", "--archive", folder)
    assert code == 0
    assert kept.evidence.key.public.box in said
    assert key.read_bytes() == before


def test_status_and_history_are_told(kept: Kept, capsys: pytest.CaptureFixture[str]) -> None:
    call = kept.call()
    kept.evidence.enter(call)
    kept.evidence.happened(Kind.HELD, call, reason_sha256="00")
    folder = kept.archive.root
    code, said = tried(capsys, "evidence", "status", "--archive", folder)
    assert (code, "entries  3" in said, "stamped  never" in said) == (0, True, True)
    code, said = tried(capsys, "evidence", "history", call, "--archive", folder)
    assert [line.split()[2] for line in said.splitlines()] == ["recorded", "held"]
    code, said = tried(capsys, "evidence", "seal", "--archive", folder)
    assert said.startswith("0 call(s)")


def test_the_timers_command_has_the_log_stamped_and_says_what_waits(
    kept: Kept, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    authority = Authority(tmp_path / "tsa")
    config = tmp_path / "tipring.toml"
    state = kept.archive.root / ".state"

    def stamped_by(url: str) -> tuple[int, str]:
        config.write_text(
            f'[archive]\ndirectory = "{kept.archive.root}"\n[state]\ndirectory = "{state}"\n'
            f'[evidence]\nauthority = "{url}"\nauthority_roots = "{authority.folder}/ca.pem"\n'
        )
        return tried(capsys, "evidence", "stamp", "--config", config)

    assert stamped_by("")[0] == 0
    code, said = stamped_by("http://127.0.0.1:9/")
    assert (code, "1 head(s) wait since" in said, "cannot be reached" in said) == (1, True, True)
    with served(authority) as url:
        code, said = stamped_by(url)
    assert (code, "entries existed no later than" in said) == (0, True)
    assert "stamped  1 entries" in tried(capsys, "evidence", "status", "--config", config)[1]


def test_a_simulated_call_can_be_proved_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "calls"
    tried(capsys, "simulate", "incoming-v23", "--archive", folder)
    _, said = tried(capsys, "calls", "list", "--json", "--archive", folder)
    call = json.loads(said)["id"]
    out = tmp_path / "o.zip"
    assert tried(capsys, "bundle", call, out, "--archive", folder)[0] == 0
    assert subprocess.run(["unzip", "-q", str(out), "-d", str(tmp_path / "o")]).returncode == 0
    assert subprocess.run(["sh", str(tmp_path / "o/verify.sh")]).returncode == 0


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

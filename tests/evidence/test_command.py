"""The commands over the evidence of a real archive, as a person types them."""

import io
import json
import re
import subprocess
from pathlib import Path

import pytest

from firmware.cli import main
from firmware.evidence.entries import Kind
from tests.evidence.conftest import Kept
from tests.support.authority import Authority, served


def tried(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main([str(word) for word in words])
    said = capsys.readouterr()
    return code, said.out + said.err


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

"""A bundle that a stranger can check: with our command, with a shell, in a browser."""

import json
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from firmware.evidence.bundle.build import build
from firmware.evidence.bundle.exhibit import Exhibit
from firmware.evidence.bundle.verify import verify
from firmware.evidence.entries import Kind
from firmware.evidence.errors import BundleImpossible, Changed
from tests.evidence.bundle.conftest import Office


def shell(folder: Path) -> tuple[int, str]:
    """What `sh verify.sh` says, by dash, which knows POSIX and no more."""
    done = subprocess.run(["dash", "verify.sh"], cwd=folder, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_an_honest_bundle_is_unchanged_packed_and_unpacked(
    settled: Office, bundle: Path, unpacked: Path
) -> None:
    for path in (bundle, unpacked):
        verdict = verify(path, box=settled.log.key.public.box)
        assert [call.call for call in verdict.calls] == [one.call for one in settled.exhibits]
        assert verdict.calls[0].existed is not None
        assert verdict.calls[0].accesses == 4
        assert verdict.notes == []


def test_the_bundle_holds_everything_that_a_court_asks_for(bundle: Path) -> None:
    with zipfile.ZipFile(bundle) as archive:
        names = set(archive.namelist())
        assert archive.testzip() is None
    for name in ("recording.flac", "record.json", "marks.json"):
        assert f"calls/001/{name}" in names
    assert {"cover.pdf", "cover.html", "verify.sh", "verify.html", "box.pem"} <= names
    assert any(name.endswith("growth.proof") for name in names)
    assert any(name.endswith("token.tsr") for name in names)
    assert any(name.endswith("chain.pem") for name in names)
    assert sum(name.startswith("log/entry-") for name in names) == 2 * 8


def test_the_shell_script_finds_the_same(unpacked: Path, settled: Office) -> None:
    code, said = shell(unpacked)
    assert code == 0, said
    assert "UNCHANGED / NIEZMIENIONE" in said
    assert "existed no later than" in said
    assert settled.log.key.public.box in said


def test_the_script_uses_sha256sum_and_openssl_and_plain_tools_alone(unpacked: Path) -> None:
    tools = unpacked.parent / "tools"
    tools.mkdir()
    plain = (
        "sha256sum openssl sed find sort cmp cut grep cat mktemp rm tr head tail wc uniq dirname"
    )
    for tool in plain.split():
        found = subprocess.run(["which", tool], capture_output=True, text=True).stdout.strip()
        (tools / tool).symlink_to(found)
    done = subprocess.run(
        ["/bin/dash", "verify.sh"],
        cwd=unpacked,
        env={"PATH": str(tools)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    "name",
    [
        *("calls/001/recording.flac", "calls/001/record.json", "calls/002/marks.json"),
        *("log/head.txt", "log/entry-000000000001.json", "log/entry-000000000001.proof"),
        *("SHA256SUMS", "box.pem", "cover.pdf", "stamps/000000000004/token.tsr", "verify.html"),
    ],
)
def test_one_changed_byte_is_found_by_command_and_shell(unpacked: Path, name: str) -> None:
    path = unpacked / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(Changed):
        verify(unpacked)
    code, said = shell(unpacked)
    assert code == 1, said
    assert "CHANGED / ZMIENIONE" in said


@pytest.mark.parametrize("harm", ["swap", "remove", "add", "link", "drop-entry"])
def test_files_that_were_swapped_removed_or_added_are_found(unpacked: Path, harm: str) -> None:
    first, second = (unpacked / f"calls/00{place}/recording.flac" for place in (1, 2))
    if harm == "swap":
        first.rename(unpacked / "aside")
        second.rename(first)
        (unpacked / "aside").rename(second)
    elif harm == "remove":
        first.unlink()
    elif harm == "add":
        (unpacked / "extra.txt").write_text("x")
    elif harm == "drop-entry":
        for path in unpacked.glob("log/entry-000000000003.*"):
            path.unlink()
    else:
        first.unlink()
        first.symlink_to(second)
    with pytest.raises(Changed):
        verify(unpacked)
    code, said = shell(unpacked)
    assert code == 1, said


def resigned(unpacked: Path, settled: Office) -> None:
    """Make the list of files anew with the true key: what only the box can do."""
    sums = unpacked / "SHA256SUMS"
    names = [line.split("  ")[1] for line in sums.read_text().splitlines()]
    done = subprocess.run(["sha256sum", *names], cwd=unpacked, capture_output=True, check=True)
    sums.write_bytes(done.stdout)
    (unpacked / "SHA256SUMS.sig").write_bytes(settled.log.key.sign(done.stdout))


def test_even_the_box_cannot_swap_a_recording_or_hide_an_entry(
    unpacked: Path, settled: Office
) -> None:
    flac = unpacked / "calls/001/recording.flac"
    flac.write_bytes((unpacked / "calls/002/recording.flac").read_bytes())
    resigned(unpacked, settled)
    with pytest.raises(Changed, match="swapped or removed"):
        verify(unpacked)
    code, said = shell(unpacked)
    assert code == 1
    assert "not the one in the log" in said


def test_even_the_box_cannot_show_a_log_that_was_made_anew_after_the_stamp(
    unpacked: Path, settled: Office
) -> None:
    proof = unpacked / "stamps/000000000004/growth.proof"
    lines = proof.read_text().splitlines(keepends=True)
    proof.write_text("".join([*lines[:3], "0" * 64 + "\n", *lines[4:]]))
    resigned(unpacked, settled)
    with pytest.raises(Changed, match="is not the beginning of this log"):
        verify(unpacked)
    code, said = shell(unpacked)
    assert code == 1
    assert "not the beginning of this log" in said


def test_a_bundle_of_another_box_is_told_where_the_box_is_known(bundle: Path) -> None:
    with pytest.raises(Changed, match="signed by another box"):
        verify(bundle, box="0" * 32)


def test_a_bundle_from_the_future_is_refused(bundle: Path, settled: Office) -> None:
    with pytest.raises(Changed, match="in the future"):
        verify(bundle, now=settled.box.clocks.wall - 3 * 86400)


def test_a_log_whose_clock_was_rolled_ahead_of_its_stamp_is_refused(
    office: Office, tmp_path: Path
) -> None:
    from firmware.evidence.anchors import Anchors
    from firmware.evidence.authority import HttpAuthority
    from tests.support.authority import served

    office.box.clocks.wall += 30 * 86400
    call = office.again("0190a0b0-0000-7000-8000-000000000009")
    with served(office.authority) as url:
        root = office.authority.folder / "ca.pem"
        Anchors(office.log, HttpAuthority(url, root)).tick(office.box.clocks.wall)
    out = build(tmp_path / "rolled.zip", [call], office.log).path
    with pytest.raises(Changed, match="the box's clock was turned"):
        verify(out, now=office.box.clocks.wall)


def test_a_call_whose_files_changed_in_the_archive_gets_no_bundle(
    office: Office, tmp_path: Path
) -> None:
    one = office.exhibits[0]
    changed = Exhibit(one.call, one.record + b" ", one.facts, one.audio)
    with pytest.raises(BundleImpossible, match="not the one that was sealed"):
        build(tmp_path / "a.zip", [changed], office.log)
    other = office.exhibits[1]
    swapped = Exhibit(one.call, one.record, one.facts, other.audio)
    with pytest.raises(BundleImpossible, match="not the one that was sealed"):
        build(tmp_path / "b.zip", [swapped], office.log)
    assert list(tmp_path.glob("*.zip*")) == []


def test_an_erased_call_gets_no_bundle(office: Office, tmp_path: Path) -> None:
    office.log.append(Kind.ERASED, office.exhibits[0].call)
    with pytest.raises(BundleImpossible, match="was erased"):
        build(tmp_path / "a.zip", office.exhibits, office.log)


def test_a_bundle_is_never_written_over_a_file(settled: Office, bundle: Path) -> None:
    before = bundle.read_bytes()
    with pytest.raises(BundleImpossible, match="not overwritten"):
        build(bundle, settled.exhibits, settled.log)
    assert bundle.read_bytes() == before


class Loaded(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]


def test_the_cover_sheet_says_what_is_proved_in_both_languages_and_loads_nothing(
    unpacked: Path,
) -> None:
    text = (unpacked / "cover.html").read_text()
    page = Loaded()
    page.feed(text)
    assert page.addresses == []
    assert "script" not in page.tags
    for said in ("Czego to nie dowodzi", "What this does not prove", "Bank przeciw Kowalskiej"):
        assert said in text
    assert "Żółć &lt;b&gt;Windykacja&lt;/b&gt;" in text
    assert "prosił o spłatę" in text


def test_the_pdf_has_its_polish_letters(unpacked: Path) -> None:
    done = subprocess.run(
        ["pdftotext", "-layout", "cover.pdf", "-"], cwd=unpacked, capture_output=True, text=True
    )
    for said in ("Nagrania rozmów telefonicznych", "Żółć <b>Windykacja</b>", "prosił o spłatę"):
        assert said in done.stdout
    assert "Recordings of telephone calls" in done.stdout
    fonts = subprocess.run(["pdffonts", "cover.pdf"], cwd=unpacked, capture_output=True, text=True)
    assert all(line.split()[-5] == "yes" for line in fonts.stdout.splitlines()[2:])  # embedded


def test_the_transcript_is_on_the_cover_sheet(office: Office, tmp_path: Path) -> None:
    one = office.exhibits[0]
    said = {"segments": [{"start_s": 61.5, "speaker": "A", "text": "Proszę więcej nie dzwonić."}]}
    beside = {**one.beside, "transcript": json.dumps(said).encode()}
    shown = Exhibit(one.call, one.record, one.facts, one.audio, beside)
    out = build(tmp_path / "t.zip", [shown], office.log).path
    verify(out)
    with zipfile.ZipFile(out) as archive:
        assert "1:01.5  A: Proszę więcej nie dzwonić." in archive.read("cover.html").decode()


def test_a_missed_call_without_sound_can_be_proved_too(office: Office, tmp_path: Path) -> None:
    import hashlib

    facts = {"id": "missed-1", "started_at": "2026-03-04T05:06:07.000+00:00", "outcome": "missed"}
    record = json.dumps(facts).encode()
    digest = {"record_sha256": hashlib.sha256(record).hexdigest()}
    office.log.append(Kind.NOT_RECORDED, "missed-1", digest)
    out = build(tmp_path / "m.zip", [Exhibit("missed-1", record, facts)], office.log).path
    assert verify(out).calls[0].call == "missed-1"
    subprocess.run(["unzip", "-q", str(out), "-d", str(tmp_path / "m")], check=True)
    assert shell(tmp_path / "m")[0] == 0

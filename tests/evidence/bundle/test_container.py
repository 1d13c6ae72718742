"""Zips that somebody else made: refused with a reason, and never unpacked."""

import stat
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware.evidence.bundle import container
from firmware.evidence.bundle.container import of_bytes
from firmware.evidence.bundle.verify import verify
from firmware.evidence.errors import Changed


def zipped(path: Path, name: str, data: bytes = b"x", **how: int) -> Path:
    """A zip with one member of any name."""
    with zipfile.ZipFile(path, "w") as archive:
        info = zipfile.ZipInfo("A" * len(name))
        info.compress_type = how.get("packed", zipfile.ZIP_STORED)
        info.external_attr = how.get("mode", stat.S_IFREG | 0o644) << 16
        archive.writestr(info, data)
    raw = path.read_bytes().replace(b"A" * len(name), name.encode("latin-1"))
    path.write_bytes(raw)
    return path


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("../../etc/passwd", "outside the folder"),
        ("calls/../../x.json", "outside the folder"),
        ("..\\..\\x.json", "outside the folder"),
        ("/etc/passwd", "at a fixed place"),
        ("\\server\\x", "at a fixed place"),
        ("C:/x.json", "at a fixed place"),
        ("calls/001/rec\nord.json", "not a name that a bundle has"),
        (".hidden", "not a name that a bundle has"),
        ("calls/001/za\xbfo.json", "not a name that a bundle has"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path: Path, name: str, said: str) -> None:
    with pytest.raises(Changed, match=said):
        verify(zipped(tmp_path / "bad.zip", name))


def test_a_link_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "l.zip", "box.pem", b"/etc/passwd", mode=stat.S_IFLNK | 0o777)
    with pytest.raises(Changed, match="is a link to another place"):
        verify(path)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.zip", "box.pem", bytes(50_000_000), packed=zipfile.ZIP_DEFLATED)
    with pytest.raises(Changed, match="bytes would become 50000000"):
        verify(path)


def test_a_zip_that_lies_about_a_size_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "s.zip", "box.pem", b"x")
    raw = path.read_bytes()
    at = raw.index(b"PK\x01\x02")
    huge = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    path.write_bytes(raw[: at + 20] + huge + raw[at + 28 :])
    with pytest.raises(Changed, match="made to fill the disk"):
        verify(path)


def test_a_member_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.zip"
    with pytest.warns(UserWarning), zipfile.ZipFile(path, "w") as archive:
        archive.writestr("box.pem", "one")
        archive.writestr("box.pem", "two")
    with pytest.raises(Changed, match="twice"):
        verify(path)


@pytest.mark.parametrize("data", [b"", b"PK", b"not a zip", b"PK\x05\x06" + bytes(18)])
def test_what_is_no_bundle_at_all_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "n.zip"
    path.write_bytes(data)
    with pytest.raises(Changed):
        verify(path)


def test_a_missing_path_and_a_link_to_a_bundle_are_told(tmp_path: Path) -> None:
    with pytest.raises(Changed, match="is not there"):
        verify(tmp_path / "nothing.zip")
    (tmp_path / "link.zip").symlink_to(tmp_path / "nothing.zip")
    with pytest.raises(Changed, match="is a link"):
        verify(tmp_path / "link.zip")


def test_any_byte_of_the_zip_counts(tmp_path: Path) -> None:
    path = tmp_path / "w.zip"
    with path.open("wb") as file:
        container.write(file, [of_bytes("a.txt", b"hello"), of_bytes("b/verify.sh", b"#!")])
    assert [one.read() for one in container.read(path)] == [b"hello", b"#!"]
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.infolist()[1].external_attr >> 16 & 0o111
    raw = path.read_bytes()
    for place in range(len(raw)):
        for bit in (1, 128):
            changed = bytearray(raw)
            changed[place] ^= bit
            path.write_bytes(changed)
            with pytest.raises(Changed):
                container.read(path)
    for changed in (raw + b"x", b"x" + raw, raw[:-1]):
        path.write_bytes(changed)
        with pytest.raises(Changed):
            container.read(path)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400), cut=st.integers(0, 200))
def test_garbage_is_only_ever_refused(tmp_path: Path, data: bytes, cut: int) -> None:
    path = tmp_path / "g.zip"
    with path.open("wb") as file:
        container.write(file, [of_bytes("a.txt", b"hello")])
    raw = path.read_bytes()
    path.write_bytes(raw[:cut] + data + raw[cut:])
    try:
        read = [(one.name, one.read()) for one in container.read(path)]
    except Changed:
        return
    assert read == [("a.txt", b"hello")]
    assert data == b""

"""Erasure: nothing is left on the raw medium, the log still verifies, a hold stops it."""

import json
import os
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive
from firmware.evidence.check import check_log
from firmware.evidence.entries import Kind
from firmware.evidence.erasure import Erasure
from firmware.evidence.evidence import Evidence
from firmware.privacy.errors import KeyGone
from firmware.privacy.holds import CallHeld, HoldBook, HoldsUnreadable
from firmware.privacy.keys import SLOT, KeyStore
from firmware.privacy.sealed import PART_CHUNK, SealedFile, write_sealed

SECRETS = ("+48221234567", "Anna Nowakowska", "dzwonił w sprawie kredytu")
MEGABYTES = 48


class SealedShelf:
    """Sealed calls in a folder, the way a recorder writes them: part, master, record."""

    def __init__(self, folder: Path, keys: KeyStore) -> None:
        self.folder = folder
        self.keys = keys
        folder.mkdir(exist_ok=True)

    def record(self, sound: np.ndarray) -> str:
        call = str(uuid.uuid4())
        key = self.keys.make(call)
        part, master = (self.folder / f"{call}.{end}" for end in ("part", "flac"))
        with SealedFile(part, key, "x", chunk=PART_CHUNK) as file:
            for at in range(0, len(sound), 4000):
                file.write(sound[at : at + 4000].tobytes())
                file.sync()
        with SealedFile(part, key) as file, SealedFile(master, key, "x") as made:
            pcm = np.frombuffer(file.read(), np.int16)
            soundfile.write(made, pcm, 8000, format="FLAC", subtype="PCM_16")
        part.unlink()
        facts = dict(zip(("number", "name", "note"), SECRETS, strict=True))
        write_sealed(self.folder / f"{call}.json", key, json.dumps(facts).encode())
        return call

    def files(self, call_id: str) -> list[Path]:
        return sorted(self.folder.glob(f"{call_id}.*"))

    def forget(self, call_id: str) -> None:
        """There is no catalogue here."""


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A small ext4 medium of its own, and the image that is its every byte."""
    image, place = tmp_path / "medium.img", tmp_path / "medium"
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    place.mkdir()
    mounted = subprocess.run(["mount", "-o", "loop", str(image), str(place)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine lets nobody mount a file")
    yield place, image
    subprocess.run(["umount", str(place)], capture_output=True)


def raw(place: Path, image: Path) -> bytes:
    """Every byte of the medium, after it was taken out."""
    os.sync()
    subprocess.run(["umount", str(place)], check=True)
    return image.read_bytes()


def found_in(medium: bytes, data: bytes) -> int:
    """How many bytes of `data` lie on the medium: every aligned piece of 8, and longer samples.

    A file's bytes lie on the medium at the places they have in it, by blocks of 4096.
    """
    words = np.frombuffer(data[: len(data) // 8 * 8], np.uint64)
    there = np.frombuffer(medium[: len(medium) // 8 * 8], np.uint64)
    count = 8 * int(np.isin(words[words != 0], there).sum())
    pieces = [data[at : at + 24] for at in range(0, len(data) - 24, max(24, len(data) // 200))]
    return count + sum(len(piece) for piece in pieces if piece in medium)


def test_no_byte_of_an_erased_call_is_found_on_the_raw_medium(volume: tuple[Path, Path]) -> None:
    place, image = volume
    rng = np.random.default_rng(4)
    erased, kept = (rng.normal(0, 3000, 160_000).astype(np.int16) for _ in range(2))
    keys = KeyStore(place / "state")
    shelf = SealedShelf(place / "sealed", keys)
    evidence = Evidence(Archive(place / "calls"), place / "state")
    calls = [shelf.record(erased), shelf.record(kept)]
    for call in calls:
        evidence.happened(Kind.RECORDED, call)
    key = keys.get(calls[0])
    slot = (place / "state/call-keys.bin").read_bytes()[32 : SLOT.size - 36]
    (place / "plain.pcm").write_bytes(kept.tobytes()[:200_000])
    entry = Erasure(evidence, shelf, HoldBook(place / "state"), keys).erase(
        calls[0], by="owner", why="wish"
    )
    with pytest.raises(KeyGone):
        keys.get(calls[0])
    assert shelf.files(calls[0]) == []
    with SealedFile(place / f"sealed/{calls[1]}.flac", keys.get(calls[1])) as file:
        assert np.array_equal(soundfile.read(file, dtype="int16")[0], kept)
    log = place / "calls/evidence"
    assert check_log(log, evidence.key.public).entries == evidence.log.size
    assert evidence.log.entry(entry.sequence).kind == Kind.ERASED
    evidence.close()
    keys.close()
    flac = image.parent / "compare.flac"
    soundfile.write(flac, erased, 8000, subtype="PCM_16")
    medium = raw(place, image)
    assert found_in(medium, kept.tobytes()[:200_000]) >= 200_000  # so the search does find
    assert found_in(medium, erased.tobytes()) == 0
    assert found_in(medium, flac.read_bytes()[8192:]) == 0
    assert [secret for secret in SECRETS if secret.encode() in medium] == []
    assert [secret for secret in SECRETS if json.dumps(secret)[1:-1].encode() in medium] == []
    assert key not in medium
    assert slot not in medium  # the wrapped key, as it lay there


@pytest.fixture
def plain(tmp_path: Path) -> tuple[Evidence, Erasure, HoldBook, Path]:
    """Calls as plain files."""
    evidence = Evidence(Archive(tmp_path / "calls"), tmp_path / "state")
    folder = tmp_path / "files"
    folder.mkdir()

    class PlainShelf:
        def files(self, call_id: str) -> list[Path]:
            return sorted(folder.glob(f"{call_id}*"))

        def forget(self, call_id: str) -> None:
            (folder / "forgotten").touch()

    holds = HoldBook(tmp_path / "state")
    return evidence, Erasure(evidence, PlainShelf(), holds), holds, folder


CALL = "0190a0b0-0000-7000-8000-000000000001"


def test_plain_files_are_overwritten_and_removed_and_the_tombstone_stays(
    plain: tuple[Evidence, Erasure, HoldBook, Path],
) -> None:
    evidence, erasure, _, folder = plain
    (folder / f"{CALL}.flac").write_bytes(b"sound" * 1000)
    (folder / "twin").hardlink_to(folder / f"{CALL}.flac")
    erasure.erase(CALL, by="retention", why="term-over")
    assert b"sound" not in (folder / "twin").read_bytes()
    assert sorted(path.name for path in folder.iterdir()) == ["forgotten", "twin"]
    [tombstone] = evidence.history(CALL)
    assert tombstone.facts == {"by": "retention", "why": "term-over"}


def test_a_held_call_is_not_erased_until_its_hold_is_lifted(
    plain: tuple[Evidence, Erasure, HoldBook, Path],
) -> None:
    evidence, erasure, holds, folder = plain
    path = folder / f"{CALL}.flac"
    path.write_bytes(b"x")
    erasure.hold(CALL, "mec. Nowak", "proces o zapłatę")
    with pytest.raises(CallHeld, match="held by mec. Nowak: proces o zapłatę"):
        erasure.erase(CALL, by="owner", why="wish")
    assert path.exists()
    assert erasure.release(CALL) is not None
    assert erasure.release(CALL) is None
    erasure.erase(CALL, by="owner", why="wish")
    assert not path.exists()
    assert [entry.kind for entry in evidence.history(CALL)] == ["held", "released", "erased"]
    assert "Nowak" not in (evidence.log.folder / "log.jsonl").read_text()
    assert holds.all() == {}


def test_a_hold_needs_an_owner_and_a_reason(
    plain: tuple[Evidence, Erasure, HoldBook, Path],
) -> None:
    for owner, reason in (("", "x"), ("x", " ")):
        with pytest.raises(ValueError, match="an owner and a reason"):
            plain[1].hold(CALL, owner, reason)


def test_holds_that_cannot_be_read_stop_every_erasure(
    plain: tuple[Evidence, Erasure, HoldBook, Path], tmp_path: Path
) -> None:
    (tmp_path / "state/holds.json").write_text("{")
    with pytest.raises(HoldsUnreadable, match="Nothing is erased"):
        plain[1].erase(CALL, by="owner", why="wish")


@pytest.mark.parametrize("step", ["entry", "files"])
def test_a_power_cut_in_an_erasure_is_finished_at_the_start(
    plain: tuple[Evidence, Erasure, HoldBook, Path], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    evidence, erasure, _, folder = plain
    path = folder / f"{CALL}.flac"
    path.write_bytes(b"x")

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((Evidence, "happened") if step == "entry" else (Path, "unlink")), cut)
        with pytest.raises(KeyboardInterrupt):
            erasure.erase(CALL, by="owner", why="wish")
    assert path.exists()
    assert erasure.finish() == [CALL]
    assert not path.exists()
    assert [entry.kind for entry in evidence.history(CALL)] == ["erased"]
    assert erasure.finish() == []

"""Erasure: nothing is left on the raw medium, the log still verifies, a hold stops it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.archive import Archive, going
from firmware.archive.errors import CallProtected, NoSuchCall
from firmware.archive.retention import OWNERS_WISH, let_go
from firmware.archive.vault import KEYS
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.evidence.check import check_log
from firmware.evidence.entries import Kind
from firmware.evidence.erasure import Erasure
from firmware.evidence.evidence import Evidence
from firmware.evidence.sealer import Sealer
from firmware.evidence.shelf import ArchiveShelf, eraser
from firmware.privacy.errors import KeyGone
from firmware.privacy.keys import SLOT, KeyStore
from firmware.simulate import simulate
from firmware.simulator.scenario import load_scenario
from firmware.storage import archive_of

SCENARIO = "incoming-bellcore"
NOTE = "dzwonił w sprawie kredytu"
MEGABYTES = 64


@pytest.fixture
def volume(tmp_path: Path) -> Iterator[tuple[Path, Path]]:
    """A small ext4 medium of its own, and the image that is its every byte."""
    image, place = tmp_path / "medium.img", tmp_path / "medium"
    with image.open("wb") as file:
        file.truncate(MEGABYTES << 20)
    subprocess.run(["mkfs.ext4", "-q", str(image)], check=True)
    place.mkdir()
    if subprocess.run(["mount", "-o", "loop", image, place], capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount a file")
    yield place, image
    subprocess.run(["umount", "--lazy", str(place)], capture_output=True)


def raw(place: Path, image: Path) -> bytes:
    """Every byte of the medium, which is taken out for that and put back."""
    os.sync()
    subprocess.run(["umount", str(place)], check=True)
    data = image.read_bytes()
    subprocess.run(["mount", "-o", "loop", str(image), str(place)], check=True)
    return data


def found_in(medium: bytes, data: bytes) -> int:
    """How many bytes of `data` lie on the medium, by aligned pieces of 8.

    A file's bytes lie on the medium at the places they have in it, by blocks of 4096. Pieces with
    fewer than 6 different bytes tell nothing: tables of the file system have such too.
    """
    words = np.frombuffer(data[: len(data) // 8 * 8], np.uint8).reshape(-1, 8)
    ordered = np.sort(words, axis=1)
    telling = words[(np.diff(ordered, axis=1) != 0).sum(axis=1) >= 5]
    there = np.frombuffer(medium[: len(medium) // 8 * 8], np.uint64)
    return 8 * int(np.isin(telling.copy().view(np.uint64), there).sum())


def config_of(place: Path, memory: Path, sealed: str) -> Config:
    """Everything lies on the medium, the keys too; only `memory` does not."""
    memory.mkdir(exist_ok=True)
    archive = ArchiveConfig(str(place / "calls"), "", sealed)
    state = StateConfig(str(place / "state"), str(memory / "sock"))
    return replace(Config(), archive=archive, state=state)


def found_of_the_call(medium: bytes, flac: bytes, pcm: bytes, call: dict[str, object]) -> list[str]:
    """What of a call can be read on the medium."""
    found = [kind for kind, data in (("flac", flac[64:]), ("pcm", pcm)) if found_in(medium, data)]
    for what in ("number", "name", "note", "caller_id_raw"):
        said = str(call[what])
        if said.encode() in medium or json.dumps(said)[1:-1].encode() in medium:
            found.append(what)
    return found


@pytest.mark.parametrize("sealed", ["no", "yes"])
def test_no_byte_of_a_call_is_found_on_the_raw_medium_before_and_after_its_erasure(
    volume: tuple[Path, Path], tmp_path: Path, sealed: str
) -> None:
    place, image = volume
    config = config_of(place, tmp_path / "run", sealed)
    for _ in range(2):
        simulate(load_scenario(SCENARIO), place / "calls", config)
    archive = archive_of(config)
    kept, wanted = archive.calls()
    archive.note(wanted["id"], NOTE)
    wanted = archive.get(wanted["id"])
    with archive.sound(wanted["id"]).open() as file:
        flac = file.read()
        file.seek(0)
        pcm = soundfile.read(file, dtype="int16")[0].astype("<i2").tobytes()
    assert len(pcm) > 100_000
    evidence = Evidence(archive, place / "state")
    for call in (wanted, kept):
        evidence.enter(call["id"])
    evidence.close()
    archive.vault.close()
    before = found_of_the_call(raw(place, image), flac, pcm, wanted)
    if sealed == "no":  # so the search does find
        assert before == ["flac", "pcm", "number", "name", "note", "caller_id_raw"]
        return
    assert before == []
    keys = KeyStore(place / "state")
    key = keys.get(wanted["id"])
    slots = (place / "state" / KEYS).read_bytes()
    at = slots.index(bytes.fromhex(str(wanted["id"]).replace("-", "")))
    slot = slots[at + 16 : at - 16 + SLOT.size - 36]
    keys.close()

    archive = archive_of(config)
    evidence = Evidence(archive, place / "state")
    entry = eraser(evidence, place / "state").erase(wanted["id"], by="owner", why="wish")
    with pytest.raises(NoSuchCall):
        archive.get(wanted["id"])
    assert not list(place.rglob(f"*{wanted['id']}*"))
    assert evidence.log.entry(entry.sequence).kind == Kind.ERASED
    log = place / "calls/evidence"
    assert check_log(log, evidence.key.public).entries == evidence.log.size
    assert evidence.check_call(kept["id"])
    evidence.close()
    archive.vault.close()
    keys = KeyStore(place / "state")
    with pytest.raises(KeyGone):
        keys.get(wanted["id"])
    keys.close()
    medium = raw(place, image)
    assert found_of_the_call(medium, flac, pcm, wanted) == []
    assert key not in medium
    assert slot not in medium  # the wrapped key, as it lay there


@pytest.fixture(params=["no", "yes"])
def config(tmp_path: Path, request: pytest.FixtureRequest) -> Config:
    """A box with one call, as plain files and encrypted."""
    made = config_of(tmp_path, tmp_path / "run", request.param)
    simulate(load_scenario(SCENARIO), tmp_path / "calls", made)
    return made


def evidence_of(config: Config) -> Evidence:
    return Evidence(archive_of(config), Path(config.state.directory))


def erasure_of(evidence: Evidence) -> Erasure:
    return Erasure(evidence, ArchiveShelf(evidence.archive))


def test_plain_files_are_overwritten_and_removed_and_the_tombstone_stays(tmp_path: Path) -> None:
    config = config_of(tmp_path, tmp_path / "run", "no")
    simulate(load_scenario(SCENARIO), tmp_path / "calls", config)
    evidence = evidence_of(config)
    [call] = evidence.archive.calls()
    master = evidence.archive.audio_path(call["id"])
    (tmp_path / "twin").hardlink_to(master)
    sound = master.read_bytes()
    erasure_of(evidence).erase(call["id"], by="retention", why="term-over")
    assert found_in((tmp_path / "twin").read_bytes(), sound) == 0
    assert not list(tmp_path.rglob(f"*{call['id']}*"))
    [tombstone] = evidence.history(call["id"])
    assert tombstone.facts == {"by": "retention", "why": "term-over"}


def test_a_held_call_is_not_erased_until_its_hold_is_lifted(config: Config) -> None:
    evidence = evidence_of(config)
    [call] = evidence.archive.calls()
    erasure = erasure_of(evidence)
    erasure.hold(call["id"], "mec. Nowak", "proces o zapłatę")
    with pytest.raises(CallProtected, match="held by mec. Nowak: proces o zapłatę"):
        erasure.erase(call["id"], by="owner", why="wish")
    assert evidence.archive.audio_path(call["id"]).exists()
    assert erasure.release(call["id"]) is not None
    assert erasure.release(call["id"]) is None
    erasure.erase(call["id"], by="owner", why="wish")
    kinds = [entry.kind for entry in evidence.history(call["id"])]
    assert kinds == ["held", "released", "erased"]
    assert "Nowak" not in (evidence.log.folder / "log.jsonl").read_text()


def test_a_hold_needs_an_owner_and_a_reason(config: Config) -> None:
    evidence = evidence_of(config)
    [call] = evidence.archive.calls()
    for owner, reason in (("", "x"), ("x", " ")):
        with pytest.raises(ValueError, match="an owner and a reason"):
            erasure_of(evidence).hold(call["id"], owner, reason)


@pytest.mark.parametrize("step", ["entry", "files"])
def test_a_power_cut_in_an_erasure_is_finished_at_the_start(
    config: Config, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    evidence = evidence_of(config)
    [call] = evidence.archive.calls()
    master = evidence.archive.audio_path(call["id"])

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((Evidence, "happened") if step == "entry" else (Path, "unlink")), cut)
        with pytest.raises(KeyboardInterrupt):
            erasure_of(evidence).erase(call["id"], by="owner", why="wish")
    assert master.exists()
    evidence.close()
    shutil.rmtree(tmp_path / "run")
    evidence = evidence_of(config)
    assert erasure_of(evidence).finish() == [call["id"]]
    assert not list((tmp_path / "calls").rglob(f"[0-9]*{call['id']}*"))
    assert [entry.kind for entry in evidence.history(call["id"])] == ["erased"]
    assert erasure_of(evidence).finish() == []


def sealed_by_the_worker(config: Config) -> list[str]:
    """The kinds of entries after the process beside the recorder has looked once."""
    archive, alarms = archive_of(config, patient=True), []
    sealer = Sealer(config, archive, lambda kind, why: alarms.append((kind, why)))
    sealer.start()
    sealer.close()
    assert [why for _, why in alarms if why] == []
    evidence = evidence_of(config)
    [call] = evidence.archive.calls()
    kinds = [str(entry.kind) for entry in evidence.history(call["id"])]
    assert check_log(evidence.log.folder, evidence.key.public).entries == evidence.log.size
    evidence.close()
    return kinds


@pytest.mark.parametrize("why", [OWNERS_WISH, "it is older than 30 days"])
def test_sound_that_anyone_let_go_is_an_entry_of_the_log(config: Config, why: str) -> None:
    assert sealed_by_the_worker(config) == ["recorded"]
    archive = archive_of(config)
    [call] = archive.calls()
    let_go(archive, call["id"], why, datetime(2026, 5, 6))
    assert sealed_by_the_worker(config) == ["recorded", "deleted"]
    assert sealed_by_the_worker(config) == ["recorded", "deleted"]
    assert archive.get(call["id"])["name"] == call["name"]
    if call.get("sealed"):
        assert not archive.vault.has_key(Path(config.archive.directory) / str(call["audio"]))


@pytest.mark.parametrize("step", ["row", "files"])
def test_a_power_cut_while_sound_is_let_go_leaves_none_of_it(
    config: Config, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    archive = archive_of(config)
    [call] = archive.calls()
    master = archive.audio_path(call["id"])

    def cut(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(*((Archive, "add_later") if step == "row" else (Path, "unlink")), cut)
        with pytest.raises(KeyboardInterrupt):
            let_go(archive, call["id"], OWNERS_WISH, datetime(2026, 5, 6))
    assert master.exists()
    again = archive_of(config)
    assert going.finish(again) == [call["id"]]
    assert not master.exists()
    assert again.get(call["id"])["deleted_why"] == OWNERS_WISH
    assert sealed_by_the_worker(config)[-1] == "deleted"
    assert going.finish(again) == []

"""An archive with calls, a log that knows them, and a time-stamp over it."""

import hashlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from firmware.evidence.anchors import Anchors
from firmware.evidence.authority import HttpAuthority
from firmware.evidence.bundle.build import build
from firmware.evidence.bundle.exhibit import Case, Exhibit
from firmware.evidence.entries import Kind
from firmware.evidence.key import BoxKey
from firmware.evidence.log import EventLog
from tests.evidence.conftest import Box, Clocks
from tests.support.authority import Authority, served


@dataclass
class Office:
    """A box in use: `exhibits` are calls that are in its log."""

    box: Box
    log: EventLog
    exhibits: list[Exhibit]
    authority: Authority
    again: Callable[[str], Exhibit]


def spoken(folder: Path, log: EventLog, name: str, seconds: float = 2.0) -> Exhibit:
    """A call of noise that comes and goes, entered in the log."""
    rng = np.random.default_rng(len(name))
    frames = int(seconds * 8000)
    swell = np.abs(np.sin(np.arange(frames) / 8000 * 3))
    sound = (rng.normal(0, 2500, frames) * swell).astype(np.int16)
    flac = folder / f"{name}.flac"
    soundfile.write(flac, sound, 8000, subtype="PCM_16")
    facts = {
        "id": name,
        "sequence": len(log.of_call(name)) + 1,
        "line": "1",
        "direction": "incoming",
        "outcome": "answered",
        "number": "+48221234567",
        "name": "Żółć <b>Windykacja</b>",
        "started_at": "2026-03-04T05:06:07.000+00:00",
        "rate": 8000,
        "frames_stored": frames,
        "preroll_s": 0.5,
        "flags": [0.4, 1.1],
        "gaps": [{"offset": 8000, "count": 160, "reason": "xrun"}],
    }
    record = json.dumps(facts, ensure_ascii=False).encode()
    hashes = {
        "record_sha256": hashlib.sha256(record).hexdigest(),
        "flac_sha256": hashlib.sha256(flac.read_bytes()).hexdigest(),
    }
    log.append(Kind.RECORDED, name, hashes)
    log.append(Kind.FLAGGED, name, {"on": True})
    marks = json.dumps({"flagged": True, "note": "prosił o spłatę; żądanie wstrzymania"}).encode()
    return Exhibit(name, record, facts, lambda: flac.open("rb"), {"marks": marks})


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """One time-stamp authority for all bundles."""
    return Authority(tmp_path_factory.mktemp("tsa") / "authority")


@pytest.fixture
def office(box: Box, tmp_path: Path, authority: Authority) -> Office:
    """Two calls, the log time-stamped after the first was played."""
    box.clocks.wall = time.time() - 600
    return furnished(box, tmp_path, authority)


@pytest.fixture(scope="session")
def settled(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Office:
    """The same, made once: for tests that enter nothing more. Its bundle lies beside its log."""
    folder = tmp_path_factory.mktemp("settled")
    key, clocks = BoxKey.ensure(folder / "state"), Clocks(wall=time.time() - 600)
    box = Box(folder / "log", key, clocks, lambda: EventLog(folder / "log", key, clocks))
    made = furnished(box, folder, authority)
    case = Case("Bank przeciw Kowalskiej", ["Trzy telefony po 21:00.", "<script>x</script>"])
    build(folder / "bundle.zip", made.exhibits, made.log, case)
    return made


@pytest.fixture
def bundle(settled: Office, tmp_path: Path) -> Path:
    """A copy of the bundle."""
    return shutil.copy(settled.box.folder.parent / "bundle.zip", tmp_path / "bundle.zip")


@pytest.fixture
def unpacked(bundle: Path, tmp_path: Path) -> Path:
    """A folder with what is in it."""
    subprocess.run(["unzip", "-q", str(bundle), "-d", str(tmp_path / "out")], check=True)
    return tmp_path / "out"


def furnished(box: Box, folder: Path, authority: Authority) -> Office:
    log = box.log()
    first = spoken(folder, log, "0190a0b0-0000-7000-8000-000000000001")
    log.append(Kind.PLAYED, first.call)
    with served(authority) as url:
        Anchors(log, HttpAuthority(url, authority.folder / "ca.pem")).tick(box.clocks.wall)
    second = spoken(folder, log, "0190a0b0-0000-7000-8000-0000000000002")
    log.append(Kind.PLAYED, first.call)
    return Office(box, log, [first, second], authority, lambda name: spoken(folder, log, name))

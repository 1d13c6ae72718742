"""What is tampered with: a box with a log, two keys, a time-stamp, and its bundles."""

from __future__ import annotations

import hashlib
import io
import json
import random
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import soundfile

from firmware.evidence import anchors, timestamp
from firmware.evidence.bundle import container
from firmware.evidence.bundle.build import Draw, build, draw
from firmware.evidence.bundle.cover import Told
from firmware.evidence.bundle.exhibit import Case, Exhibit
from firmware.evidence.certificates import load_pem
from firmware.evidence.entries import Kind, Moment
from firmware.evidence.head import Head
from firmware.evidence.head_file import write_head_file
from firmware.evidence.key import BoxKey
from firmware.evidence.log import EventLog

BEGUN = 1_772_600_767.0
NOW = 1_900_000_000.0  # the readers' clock: behind every time that an honest box here can tell


@dataclass
class Clock:
    """The box's clocks; every look takes a second."""

    wall: float = BEGUN
    monotonic: float = 100.0
    boots: int = 1

    def __call__(self) -> Moment:
        self.wall += 1.0
        self.monotonic += 1.0
        return Moment(self.wall, self.monotonic, f"boot-{self.boots}", "ntp")

    def reboot(self) -> None:
        self.wall += 300.0
        self.monotonic, self.boots = 5.0, self.boots + 1


def quick_cover(calls: list[Told], head: Head, _case: Case) -> tuple[bytes, bytes]:
    """A cover that costs nothing to draw: its content decides nothing."""
    said = f"{head.size} {[one.exhibit.call for one in calls]}".encode()
    return b"<p>" + said, b"%PDF " + said


@dataclass
class Subject:
    """A box in use; `rng` decides what happens to it."""

    folder: Path
    rng: random.Random
    authority: Path
    clock: Clock = field(default_factory=Clock)

    def __post_init__(self) -> None:
        self.key = BoxKey.ensure(self.folder / "state")
        self.thief = BoxKey.ensure(self.folder / "thief")
        self.log = EventLog(self.folder / "log", self.key, self.clock)
        self.exhibits: list[Exhibit] = []

    def call(self) -> Exhibit:
        """A short call, sealed."""
        number = len(self.exhibits) + 1
        name = f"0190a0b0-0000-7000-8000-{number:012d}"
        sound = np.array([self.rng.randint(-3000, 3000) for _ in range(400)], np.int16)
        made = io.BytesIO()
        soundfile.write(made, sound, 8000, format="FLAC", subtype="PCM_16")
        flac = made.getvalue()
        facts = {
            "id": name,
            "sequence": number,
            "number": f"+4822{self.rng.randint(0, 9999999):07d}",
            "started_at": "2026-03-04T05:06:07.000+00:00",
            "rate": 8000,
            "frames_stored": len(sound),
        }
        record = json.dumps(facts).encode()
        hashes = {
            "record_sha256": hashlib.sha256(record).hexdigest(),
            "flac_sha256": hashlib.sha256(flac).hexdigest(),
        }
        self.log.append(Kind.RECORDED, name, hashes)
        beside = {}
        if self.rng.random() < 0.5:
            beside["marks"] = json.dumps({"note": "x" * self.rng.randint(0, 30)}).encode()
        exhibit = Exhibit(name, record, facts, lambda: io.BytesIO(flac), beside)
        self.exhibits.append(exhibit)
        return exhibit

    def live(self) -> None:
        """Something happens to the box."""
        what = self.rng.randrange(12)
        if what == 0:
            self.clock.reboot()
        elif what == 1:
            self.clock.wall += self.rng.uniform(-500, 500)
        elif what < 5:
            self.call()
        elif self.exhibits:
            kind = self.rng.choice([Kind.PLAYED, Kind.FLAGGED, Kind.NOTED, Kind.HELD])
            self.log.append(kind, self.rng.choice(self.exhibits).call)

    def stamp(self) -> None:
        """Have the newest head stamped by the authority in `authority` (see `make_authority`)."""
        signed = self.log.head()
        text = signed.head.text()
        asked = timestamp.request(text)
        answer = answered(self.authority, asked)
        stamp = timestamp.accept(answer, asked, text, load_pem(_root(self.authority)))
        folder = anchors.anchor_folder(self.log.folder)
        folder.mkdir(exist_ok=True)
        base = folder / f"{signed.head.size:012d}"
        write_head_file(base.with_suffix(".head"), signed)
        base.with_suffix(".tsr").write_bytes(answer)
        base.with_suffix(".chain").write_bytes(stamp.chain)

    def bundle(self, out: Path, cover: Draw = draw) -> Path:
        """A bundle of one to three calls."""
        chosen = self.rng.sample(self.exhibits, min(len(self.exhibits), self.rng.randint(1, 3)))
        return build(out, chosen, self.log, Case(), cover=cover).path


def make_authority(folder: Path) -> Path:
    """A time-stamp authority with openssl, as small as it can be."""
    folder.mkdir(parents=True)
    (folder / "serial").write_text("01\n")
    (folder / "c.cnf").write_text(
        "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=Authority\n"
        "[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign\n"
        "[stamp]\nbasicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n"
        "extendedKeyUsage=critical,timeStamping\n[tsa]\ndefault_tsa=t\n[t]\nserial=./serial\n"
        "signer_digest=sha256\ndefault_policy=1.2.3.4\ndigests=sha256\ness_cert_id_alg=sha256\n"
    )
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", "c.cnf"]
    day = ["-days", "36500"]
    for words in (
        ["req", "-x509", *key, *day, "-keyout", "ca.key", "-out", "ca.pem", "-extensions", "ca"],
        ["req", "-new", *key, "-keyout", "tsa.key", "-out", "tsa.csr", "-subj", "/CN=Stamps"],
        ["x509", "-req", "-in", "tsa.csr", "-CA", "ca.pem", "-CAkey", "ca.key", *day, "-out"]
        + ["tsa.pem", "-extfile", "c.cnf", "-extensions", "stamp", "-set_serial", "7"],
    ):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)
    return folder


def answered(authority: Path, asked: bytes) -> bytes:
    """What `openssl ts -reply` answers."""
    (authority / "q").write_bytes(asked)
    words = ["ts", "-reply", "-config", "c.cnf", "-queryfile", "q", "-signer", "tsa.pem"]
    words += ["-inkey", "tsa.key", "-out", "r"]
    subprocess.run(["openssl", *words], cwd=authority, check=True, capture_output=True)
    return (authority / "r").read_bytes()


def _root(authority: Path) -> bytes:
    return (authority / "ca.pem").read_bytes()


def members_of(path: Path) -> dict[str, bytes]:
    """The bundle's files."""
    return {one.name: one.read() for one in container.read(path)}


def subject(folder: Path, seed: int) -> Subject:
    """A box that has lived for a while, stamped in the middle of it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = Subject(folder, random.Random(seed), make_authority(folder / "authority"))
    for _ in range(3):
        made.call()
    for _ in range(12):
        made.live()
    made.stamp()
    for _ in range(12):
        made.live()
    return made

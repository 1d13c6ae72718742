"""The evidence of one archive: what recorder, page and command call.

The log lies with the recordings (`evidence/` in the archive's folder); the key does not: it is in
the box's state folder, so that a stolen medium cannot sign.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from firmware.archive.errors import ArchiveError, SealedAway
from firmware.archive.sound import Sound
from firmware.evidence import anchors, clocks, words
from firmware.evidence.bundle.exhibit import BESIDE, MORE, Case, Exhibit
from firmware.evidence.check import Checked, check_log
from firmware.evidence.corrections import enter_corrections
from firmware.evidence.digests import STORED, more_of, recordings, sha256_of, stored_of
from firmware.evidence.entries import ENTERED, GONE, Entry, Kind, Moment
from firmware.evidence.errors import Changed, EvidenceError, LogDamaged
from firmware.evidence.head import Head, SignedHead
from firmware.evidence.head_file import read_head_file, write_head_file
from firmware.evidence.key import NAME, BoxKey
from firmware.evidence.log import LOG, EventLog
from firmware.evidence.merkle import leaf_hash, verify_inclusion

if TYPE_CHECKING:
    from firmware.archive import Archive
    from firmware.evidence.bundle.build import Made, Progress

FOLDER = "evidence"
PAPER = "paper"
PLAYED_AGAIN_S = 600.0
KNOWN_IN_A_ROW = 200
Digest = Callable[[Exhibit], str]


@dataclass(slots=True)
class Missed:
    """How many calls were `entered`, and why others were `left` as they are."""

    entered: int = 0
    left: dict[str, str] = field(default_factory=dict)


class Evidence:
    """Opens the log, or begins one. Raises KeyUnusable, LogDamaged, LogUnwritable."""

    def __init__(
        self,
        archive: Archive,
        state: Path,
        moment: Callable[[], Moment] = clocks.now,
    ) -> None:
        self.archive = archive
        self._moment = moment
        self.key = BoxKey.ensure(state)
        self.log = EventLog(archive.root / FOLDER, self.key, moment)
        self._played: dict[tuple[str, str], float] = {}

    def enter(self, call_id: str, late: bool = False) -> Entry:
        """Seal a call that is in the archive: the hashes of its record and its recording.

        A call that is entered already is not entered again. Raises NoSuchCall.
        """
        known = self.entered(call_id)
        if known is not None:
            return known
        exhibit = self.exhibit(call_id)
        facts: dict[str, Any] = {
            "record_sha256": hashlib.sha256(exhibit.record).hexdigest(),
            "line": str(exhibit.facts.get("line", "")),
            "sequence": exhibit.facts.get("sequence"),
        }
        if exhibit.audio is not None:
            facts["flac_sha256"] = sha256_of(exhibit)
            facts |= more_of(exhibit)
            facts |= stored_of(self._paths(exhibit))
        if late:
            facts["late"] = True
        kind = Kind.RECORDED if exhibit.audio is not None else Kind.NOT_RECORDED
        return self.log.append(kind, call_id, facts)

    def enter_missing(self, all_of_them: bool = False) -> Missed:
        """Seal what is in the archive and not in the log, oldest first.

        It looks back from the newest call until 200 in a row are known, or through all of them. A
        call whose files are damaged does not keep the others from being sealed.
        """
        done = Missed()
        for call_id in self.unsealed(all_of_them):
            try:
                self.enter(call_id, late=True)
                done.entered += 1
            except (Changed, ArchiveError) as error:
                done.left[call_id] = str(error)
        enter_corrections(self.archive, self.log)
        return done

    def unsealed(self, all_of_them: bool = True) -> list[str]:
        """The calls of the archive that the log does not know, oldest first."""
        missing: list[str] = []
        before, in_a_row = None, 0
        while page := self.archive.calls(limit=200, before=before):
            for record in page:
                if self.entered(record["id"]) is None:
                    missing.append(record["id"])
                    in_a_row = 0
                else:
                    in_a_row += 1
            before = page[-1]["sequence"]
            if in_a_row >= KNOWN_IN_A_ROW and not all_of_them:
                break
        return missing[::-1]

    def happened(self, kind: Kind, call_id: str | None = None, **facts: Any) -> Entry:
        """Enter what was done to a call, or to the box. Facts hold no number, name or note."""
        return self.log.append(kind, call_id, facts)

    def played(self, call_id: str, by: str) -> None:
        """Enter that a call was listened to: once in ten minutes for each listener, however many
        byte ranges his player asks for."""
        now = self._moment().monotonic
        if now - self._played.get((call_id, by), -PLAYED_AGAIN_S) >= PLAYED_AGAIN_S:
            self._played = {
                one: at for one, at in self._played.items() if now - at < PLAYED_AGAIN_S
            }
            self._played[call_id, by] = now
            self.log.append(Kind.PLAYED, call_id, {"by": by})

    def configured(self, sha256: str) -> None:
        """Enter the hash of the configuration where it is not the one that was entered last."""
        path = self.log.folder / "configuration"
        if not path.exists() or path.read_text("ascii") != sha256:
            self.log.append(Kind.CONFIGURATION_CHANGED, None, {"sha256": sha256})
            path.write_text(sha256, "ascii")

    def entered(self, call_id: str) -> Entry | None:
        """The entry that holds the call's hashes."""
        found = None
        for number in self.log.of_call(call_id):
            entry = self.log.entry(number)
            if entry.kind in ENTERED:
                found = entry
        return found

    def is_gone(self, call_id: str) -> bool:
        """Whether the log says that its sound was deleted, or all of it erased."""
        return any(entry.kind in GONE for entry in self.history(call_id))

    def history(self, call_id: str) -> list[Entry]:
        """Everything that happened to a call, in order."""
        return [self.log.entry(number) for number in self.log.of_call(call_id)]

    def check_call(self, call_id: str, digest: Digest | None = None) -> Entry:
        """Whether a call is as it was sealed: the mark beside play. Raises Changed, NoSuchCall.

        `digest` gives the SHA-256 of a recording, where the caller knows it without reading all.
        """
        digest = digest or sha256_of
        entry = self.entered(call_id)
        if entry is None:
            raise Changed("This call was never sealed: it is not in the log.")
        signed = self.log.head()
        leaf = leaf_hash(self.log.line(entry.sequence))
        path = self.log.prove(entry.sequence, signed.head.size)
        if not verify_inclusion(leaf, entry.sequence, signed.head.size, path, signed.head.root):
            raise Changed("The call's entry does not stand in the signed log.", "log")
        exhibit = self.exhibit(call_id)
        if entry.facts.get("record_sha256") != hashlib.sha256(exhibit.record).hexdigest():
            raise Changed("The record of this call was changed after it was sealed.", "record")
        found = None if exhibit.audio is None else digest(exhibit)
        more = {name: one for name, one in entry.facts.items() if name.startswith(MORE)}
        if entry.facts.get("flac_sha256") != found or more != more_of(exhibit):
            raise Changed(
                "The recording of this call was changed after it was sealed.", "recording"
            )
        stored = {name: one for name, one in entry.facts.items() if name == STORED}
        if digest is sha256_of and stored != stored_of(self._paths(exhibit)):
            raise Changed("The encrypted file of this call was changed.", "recording")
        return entry

    def exhibit(self, call_id: str) -> Exhibit:
        """The call's stored files. Raises NoSuchCall, and Changed where its record is gone."""
        sidecar = self.archive.sidecar_path(call_id)
        try:
            record = self.archive.vault.read(sidecar)
            facts = json.loads(record)
        except (OSError, ValueError, SealedAway) as error:
            raise Changed(
                f"The record of the call {call_id} is missing or damaged.", "missing"
            ) from error
        paths = recordings(sidecar, facts)
        if not all(path.is_file() for path in paths):
            raise Changed(f"The recording of the call {call_id} is missing.", "missing")
        beside = {}
        for name in BESIDE:
            path = sidecar.with_name(f"{sidecar.stem}.{name}.json")
            if path.is_file():
                beside[name] = self.archive.vault.read(path)
        opened = [Sound(path, self.archive.vault).open for path in paths]
        first = opened[0] if opened else None
        return Exhibit(call_id, record, facts, first, beside, tuple(opened[1:]))

    def _paths(self, exhibit: Exhibit) -> list[Path]:
        return recordings(self.archive.sidecar_path(exhibit.call), exhibit.facts)

    def bundle(
        self,
        out: Path,
        call_ids: list[str],
        case: Case | None = None,
        progress: Progress = lambda _step: None,
    ) -> Made:
        """Make a court bundle of these calls. Raises BundleImpossible, NoSuchCall, Changed."""
        from firmware.evidence.bundle.build import build

        exhibits = []
        for call_id in dict.fromkeys(call_ids):
            self.enter(call_id, late=True)
            exhibits.append(self.exhibit(call_id))
        return build(out, exhibits, self.log, case, progress)

    def head_for_paper(self) -> SignedHead:
        """The newest head, kept so that its words can be looked up later."""
        signed = self.log.head()
        folder = self.log.folder / PAPER
        folder.mkdir(exist_ok=True, mode=0o700)
        write_head_file(folder / f"{signed.head.size:012d}.head", signed)
        return signed

    def head_of_words(self, said: str) -> Head:
        """The head that was printed with these 12 words. Raises WordsWrong, Changed."""
        words.to_bytes(said)
        for path in sorted((self.log.folder / PAPER).glob("*.head")):
            head = read_head_file(path).head
            if words.is_head(said, head):
                return head
        raise Changed(
            "No head that this log printed has these words: they are of another box, or the log"
            " was made anew since."
        )

    def check(self, outside: list[Head] | None = None) -> Checked:
        """Check the whole log against its time-stamps and heads from outside. Raises Changed."""
        return check_archive_log(self.log.folder, self.key, outside or [])

    def existed(self, call_id: str) -> anchors.Anchor | None:
        """The earliest time-stamp over a call: it existed no later than that."""
        entry = self.entered(call_id)
        if entry is None:
            return None
        return anchors.stamped(self.log.folder).covering(entry.sequence)

    def close(self) -> None:
        """Let the files go."""
        self.log.close()


def check_archive_log(folder: Path, key: BoxKey, outside: list[Head]) -> Checked:
    """Check a log's own bytes and its stamps. Raises Changed."""
    try:
        stamped = anchors.stamped(folder).heads()
        return check_log(folder, key.public, [*stamped, *outside])
    except EvidenceError as error:
        raise error if isinstance(error, Changed) else Changed(str(error)) from error


def opened(archive: Archive, state: Path) -> tuple[Evidence, str]:
    """The evidence, and what the owner has to be told: a damaged log is set aside whole, and a new
    one begins, for calls to come must be sealed whatever happened to the old ones."""
    try:
        return Evidence(archive, state), ""
    except LogDamaged as error:
        old = archive.root / FOLDER
        aside = next(
            path for number in range(1, 10000)
            if not (path := old.with_name(f"{FOLDER}.damaged-{number}")).exists()
        )  # fmt: skip
        old.rename(aside)
        made = Evidence(archive, state)
        made.happened(Kind.LOG_REPLACED, None, kept_as=aside.name)
        return made, f"{error} It was kept as {aside.name}; a new log was begun."


def key_file(state: Path) -> Path:
    """Where the box's key is kept."""
    return state / NAME


def is_archive(path: Path) -> bool:
    """Whether the folder holds a log of ours."""
    return (path / FOLDER / LOG).is_file()

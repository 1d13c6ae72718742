"""Completing a call: its parts become a master, its record is written and entered.

Every step can be cut off: what is in `open/` goes last, and each step done twice is done once.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.files import storing, sync_folder
from firmware.archive.gaps import lost, together
from firmware.archive.layout import BEGUN, DAMAGED, OPEN, PART, base_of, beside
from firmware.archive.master import Assembly, Piece, make_masters
from firmware.archive.part import PartFacts
from firmware.archive.survey import flac_frames
from firmware.archive.volume import Volume, Volumes

if TYPE_CHECKING:  # the page opens the archive too, and does without numpy
    from firmware.audio.frames import Samples

ELSEWHERE = "The call was stored on another medium; nothing is lost. Look at this one."
LONG_S = 600.0  # a longer call is in the list before its master is made


class Listener(Protocol):
    """Hears a call's samples while its master is made, and says what its record shall keep.

    Neither method may raise: the call would never be entered.
    """

    def hear(self, at: int, block: Samples) -> None:
        """(n,) int16 from sample `at` of the call on; from 0 on where all is read once more."""

    def facts(self) -> dict[str, Any]:
        """Keys of the record."""


Listen = Callable[[dict[str, Any]], Listener | None]


def nobody(_record: dict[str, Any]) -> None:
    """No one listens to the call of this record."""


class Finisher:
    """Works for one archive and its volumes; every method may raise ArchiveError.

    `listen` gives who hears a call while its master is made.
    """

    def __init__(self, archive: Archive, volumes: Volumes, listen: Listen = nobody) -> None:
        self._archive = archive
        self._volumes = volumes
        self._listen = listen
        self.trouble = ""  # why the last master could not be stored where it belongs

    def note_closed(self, record: dict[str, Any]) -> None:
        """Write the final record beside the last part: a crash from here on loses nothing."""
        for fact in reversed(record["parts"]):
            root = self._volumes.root_of(fact["volume"])
            if root is not None:
                own = {"part": 0, "part_offset": fact["offset"], "closed": True}
                self._archive.vault.write_json(
                    root / OPEN / (fact["name"] + BEGUN), {**record, **own}
                )
                return

    def enter_early(self, record: dict[str, Any]) -> None:
        """A long call is in the list, and can be heard, while its master is made."""
        parts = record["parts"]
        if len(parts) != 1 or record["frames_expected"] <= LONG_S * record["rate"]:
            return
        volume = parts[0]["volume"]
        root = self._volumes.root_of(volume)
        if root is None:
            return
        shown = {**record, "audio": f"{OPEN}/{parts[0]['name']}{PART}", "encoding": True}
        self._archive.put(shown, beside(base_of(root, record), ".json"), volume)

    def complete(self, record: dict[str, Any], others: tuple[Path, ...] = ()) -> dict[str, Any]:
        """Make the master and enter the call; the record as it was entered.

        `others`: files in `open/` that belong to the call and hold nothing that counts.
        """
        facts = [PartFacts(**fact) for fact in record["parts"]]
        if not facts:
            return self._row(record, others)
        trouble: ArchiveError | None = None
        places = self._places(facts)
        done = [made for volume in places if (made := self._done(volume, record))]
        for volume in places if not done else []:
            try:
                done.append(self._on(volume, record, facts))
                break
            except ArchiveError as error:
                trouble = error
        self.trouble = "" if trouble is None else f"{trouble} {ELSEWHERE}" if done else f"{trouble}"
        if done:
            with suppress(ArchiveError):  # a medium that failed: what stays there is found again
                self._clear(done[0], facts, others)
            return done[0]
        raise trouble or ArchiveError("No medium is here; the call is completed when one is.")

    def _places(self, facts: list[PartFacts]) -> list[Volume]:
        """The medium of the last part first."""
        here = self._volumes.here()
        return sorted(here, key=lambda one: one.id != facts[-1].volume)

    def _row(self, record: dict[str, Any], others: tuple[Path, ...]) -> dict[str, Any]:
        """A call of which no part is left: with the master, if that had been made, else a row."""
        row = {key: value for key, value in record.items() if key not in ("parts", "closed")}
        for volume in self._volumes.here():
            base = base_of(volume.root, row)
            for master in sorted(base.parent.glob(f"*{row['id']}.flac")):
                if (frames := flac_frames(master, self._archive.vault)) is not None:
                    words = "its record was damaged"
                    row |= {"rate": frames[0], "frames_stored": frames[1]}
                    row |= {"frames_expected": frames[1], "audio": _place(master, volume)}
                    row["duration_s"] = round(frames[1] / frames[0], 3)
                    row["damage"] = [{"code": "record", "words": words, "missing_s": 0.0}]
                    self._archive.enter(row, master.with_suffix(""), volume.id)
                    remove_parts(others)
                    return row
        entered = self._archive.add_row(row)
        remove_parts(others)
        return entered

    def _done(self, volume: Volume, record: dict[str, Any]) -> dict[str, Any]:
        """The call as an earlier run completed it, where only the rest was left to be done."""
        sidecar = beside(base_of(volume.root, record), ".json")
        done = self._archive.vault.read_json(sidecar) or {}
        if not done.get("audio") or not (volume.root / str(done["audio"])).is_file():
            return {}
        self._archive.put(done, sidecar, volume.id)
        return done

    def _on(self, volume: Volume, record: dict[str, Any], facts: list[PartFacts]) -> dict[str, Any]:
        base = base_of(volume.root, record)
        rate = int(record["rate"])
        assembly = Assembly([self._piece(fact) for fact in facts], record["frames_expected"])
        assembly.vault = self._archive.vault
        if (listener := self._listen(record)) is not None:
            assembly.hear = listener.hear
        masters, sha256_pcm = make_masters(assembly, rate, base)
        record = record if listener is None else {**record, **listener.facts()}
        kept = {key: value for key, value in record.items() if key not in ("closed", "encoding")}
        kept["sha256_file"] = masters[0].sha256_file
        kept["audio"] = str(masters[0].path.relative_to(volume.root))
        if len(masters) > 1:
            kept["audio_parts"] = [
                {
                    "audio": str(one.path.relative_to(volume.root)),
                    "offset": one.offset,
                    "frames": one.frames,
                    "sha256_file": one.sha256_file,
                }
                for one in masters
            ]
        self._judge(kept, assembly, sha256_pcm)
        self._archive.enter(kept, base, volume.id)
        return {**kept, "volume": volume.id} if volume.id else kept

    def _judge(self, kept: dict[str, Any], assembly: Assembly, sha256_pcm: str) -> None:
        """Say what is missing, and whether what was read is what was captured."""
        rate = int(kept["rate"])
        captured = kept.get("sha256_pcm")
        kept["sha256_pcm"] = sha256_pcm
        damage = list(kept.get("damage") or [])
        if assembly.missing:
            known = kept.get("gaps") or []
            kept["gaps"] = together(known, assembly.missing)
            more = lost(kept["gaps"]) - lost(known)
            kept["frames_stored"] = max(0, kept["frames_stored"] - more)
            words = "; ".join(dict.fromkeys(gap["reason"] for gap in assembly.missing))
            entry = {"code": "audio", "words": words, "missing_s": round(more / rate, 1)}
            damage.append(entry)
        elif captured not in (None, sha256_pcm):
            words = "the medium gave back other samples than were written"
            damage.append({"code": "changed", "words": words, "missing_s": 0.0})
            kept["sha256_pcm_captured"] = captured
        if damage:
            kept["damage"] = damage

    def _piece(self, fact: PartFacts) -> Piece:
        root = self._volumes.root_of(fact.volume)
        path = None if root is None else root / OPEN / (fact.name + PART)
        if path is not None and not path.is_file():
            path = None
        return Piece(path, fact.offset, fact.frames)

    def _clear(
        self, made: dict[str, Any], facts: list[PartFacts], others: tuple[Path, ...]
    ) -> None:
        """The master is on a medium and read back: the parts go, but those of a damaged call."""
        bases = list(others)
        for fact in facts:
            root = self._volumes.root_of(fact.volume)
            if root is not None:
                bases.append(root / OPEN / fact.name)
        remove_parts(tuple(bases), keep=bool(made.get("damage")))


def remove_parts(bases: tuple[Path, ...], keep: bool = False) -> None:
    """Their samples are in a master that was read back; `keep`: something of them could not be
    read, so they are put aside. Raises ArchiveError."""
    for base in bases:
        with storing(base):
            for path in (beside(base, PART), beside(base, BEGUN)):
                if keep and path.exists():
                    aside = base.parent.parent / DAMAGED
                    aside.mkdir(exist_ok=True)
                    path.rename(aside / path.name)
                path.unlink(missing_ok=True)
            if base.parent.is_dir():
                sync_folder(base.parent)


def _place(path: Path, volume: Volume) -> str:
    return str(path.relative_to(volume.root))

"""Sound that goes: noted first, then carried out, so that a power cut in between is finished later.

A note lies in `going/` until the evidence has entered it in the log, whoever let the sound go.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from firmware.archive.archive import Archive
from firmware.archive.errors import ArchiveError
from firmware.archive.files import read_json, storing, sync_folder, write_json
from firmware.archive.layout import DAMAGED, OPEN
from firmware.archive.vault import Vault
from firmware.archive.waveform import Waveforms

GOING = "going"
GONE = ".gone"
MP3, WAVES = "mp3", "waves.sqlite"


def let_sound_go(archive: Archive, call_id: str, why: str, by: str, when: datetime) -> None:
    """Destroy the sound of a call; its row stays and says `why`. Raises ArchiveError.

    `by`: owner or retention.
    """
    archive.audio_path(call_id)  # where its medium is out nothing is begun
    at = when.isoformat(timespec="seconds")
    _carry_out(archive, _note(archive, call_id, {"why": why, "by": by, "when": at}))


def note_private(archive: Archive, call_id: str, rule: str = "") -> None:
    """The sound of a running call was erased: the key goes, the log hears of it.

    `rule`: which one refused the recording; empty where it was made private.
    """
    archive.vault.forget_sound(call_id)
    told = {"why": rule, "by": "rule"} if rule else {"why": "made private", "by": "button"}
    path = _note(archive, call_id, told)
    with storing(path):
        path.rename(path.with_suffix(GONE))


def finish(archive: Archive) -> list[str]:
    """Carry out what a power cut left, where the medium is here; the calls it was done for."""
    done = []
    for path in _notes(archive, ""):
        with suppress(ArchiveError):  # its medium is out, or the list is not filled yet: later
            _carry_out(archive, path)
            done.append(path.name)
    return done


def gone(archive: Archive) -> Iterator[tuple[str, dict[str, Any]]]:
    """Calls whose sound is gone and whose note the log has not yet: id, and why, by whom, when."""
    for path in _notes(archive, GONE):
        yield path.stem, read_json(path) or {}


def entered(archive: Archive, call_id: str) -> None:
    """The log knows of it."""
    path = archive.root / GOING / (call_id + GONE)
    with storing(path):
        path.unlink(missing_ok=True)


def _notes(archive: Archive, suffix: str) -> list[Path]:
    folder = archive.root / GOING
    return sorted(path for path in folder.glob("*-*") if path.suffix == suffix)


def _note(archive: Archive, call_id: str, facts: dict[str, Any]) -> Path:
    path = archive.root / GOING / call_id
    with storing(path):
        path.parent.mkdir(exist_ok=True, parents=True)
    write_json(path, facts)
    return path


def _carry_out(archive: Archive, note: Path) -> None:
    """Every step may be done twice."""
    call_id, facts = note.name, read_json(note) or {}
    archive.vault.forget_sound(call_id)
    files = sound_files(archive, call_id)
    later = {"audio": None, "deleted_at": facts.get("when"), "deleted_why": facts.get("why")}
    archive.add_later(call_id, **later)
    for path in files:
        with storing(path):
            path.unlink(missing_ok=True)
    for folder in {path.parent for path in files}:
        with storing(folder):
            sync_folder(folder)
    forget_copies(archive.vault, call_id)
    with storing(note):
        note.rename(note.with_suffix(GONE))


def sound_files(archive: Archive, call_id: str) -> list[Path]:
    """Every file that has sound of the call: the master, its parts, what was joined, what was kept
    since it was damaged. Raises ArchiveError where its medium is not here."""
    folder = archive.sidecar_path(call_id).parent
    root = folder.parent.parent.parent
    found = list(folder.glob(f"*{call_id}*.flac"))
    for other in (root / OPEN, root / DAMAGED):
        found += other.glob(f"*{call_id}*.part.wav")
    return sorted(found)


def forget_copies(vault: Vault, call_id: str) -> None:
    """Remove what was made of a call for phones and for the eye."""
    if (folder := vault.copies) is None:
        return
    with storing(folder):
        for copy in (folder / MP3).glob(f"*{call_id}*"):
            copy.unlink(missing_ok=True)
    if (folder / WAVES).exists():
        Waveforms(folder / WAVES).forget(call_id)

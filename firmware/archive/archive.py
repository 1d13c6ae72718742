"""The archive of one folder: what the recorder fills and everyone else reads."""

from __future__ import annotations

import fcntl
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.archive.catalogue import Catalogue, CatalogueCorrupt
from firmware.archive.errors import CallProtected, NoSuchCall
from firmware.archive.files import read_json, replace_synced, storing, sync_folder, write_json
from firmware.archive.identity import uuid7
from firmware.archive.search import Counts, Filter, Page
from firmware.archive.writer import HEADER_BYTES, RecordingWriter, wav_header

PART = ".part.wav"
CATALOGUE = "catalogue.sqlite"


@dataclass(slots=True)
class OpenRecording:
    """A call that is being recorded; `base` is its path without an ending."""

    record: dict[str, Any]
    base: Path
    writer: RecordingWriter


class Archive:
    """Opens the folder's catalogue; a damaged one is set aside and built anew."""

    def __init__(self, root: Path) -> None:
        self.root = root
        with storing(root):
            root.mkdir(parents=True, exist_ok=True)
        path = root / CATALOGUE
        try:
            self._catalogue = Catalogue(path)
        except CatalogueCorrupt:
            aside = path.with_name(f"{CATALOGUE}.damaged-{uuid7()}")
            with storing(path):
                path.rename(aside)
                for ending in ("-wal", "-shm"):
                    path.with_name(path.name + ending).unlink(missing_ok=True)
            self._catalogue = Catalogue(path)
            self.recover()

    def begin(self, record: dict[str, Any]) -> OpenRecording:
        """Open a recording; its record is on the medium first, so that a crash knows the call."""
        record = self._numbered(record)
        base = self._base(record)
        write_json(base.with_name(base.name + ".part.json"), record)
        writer = RecordingWriter(base.with_name(base.name + PART), int(record["rate"]))
        return OpenRecording(record, base, writer)

    def finish(self, held: OpenRecording, record: dict[str, Any]) -> dict[str, Any]:
        """Close the recording, make the FLAC master, enter the call."""
        facts = asdict(held.writer.close())
        facts["frames_expected"] = facts.pop("frames")
        facts["frames_stored"] = facts["frames_expected"] - facts.pop("lost")
        kept = {**record, **self._identity(held.record), **facts}
        return self._complete(kept, self._base(kept), held.writer.path)

    def erase(self, held: OpenRecording) -> None:
        """Remove the audio of a running call; `add_row` with its identity enters the row."""
        held.writer.erase()
        with storing(held.base):
            _begun(held.writer.path).unlink(missing_ok=True)

    def add_row(self, record: dict[str, Any]) -> dict[str, Any]:
        """Enter a call without audio."""
        record = {**self._numbered(record), "audio": None}
        self._enter(record, self._base(record))
        return record

    def recover(self) -> list[dict[str, Any]]:
        """Close what a crash left open, enter what is not entered; the calls that were touched."""
        touched = []
        for part in sorted(self.root.glob(f"[0-9]*/*/*/*{PART}")):
            if part.is_symlink() or not part.is_file() or _being_written(part):
                continue
            touched.append(self._rescue(part, read_json(_begun(part)) or {}))
        known = self._catalogue.known()
        for sidecar in sorted(self.root.glob("[0-9]*/*/*/*.json")):
            name = str(sidecar.relative_to(self.root))
            if name in known or sidecar.is_symlink() or re.search(r"\.(part|marks)\.json$", name):
                continue
            record = read_json(sidecar)
            if record and {"id", "line", "sequence", "started_at"} <= record.keys():
                marks = read_json(sidecar.with_name(sidecar.stem + ".marks.json")) or {}
                self._catalogue.put({**record, **marks}, name)
                touched.append(record)
        return touched

    def _rescue(self, part: Path, record: dict[str, Any]) -> dict[str, Any]:
        base = part.with_name(part.name.removesuffix(PART))
        for master in part.parent.glob(f"*-{record.get('id', '-')}.flac"):
            base = master.with_suffix("")  # the crash came after the master got its name
        frames = max(0, part.stat().st_size - HEADER_BYTES) // 2
        rate = int(record.get("rate", 8000))
        with storing(part), part.open("r+b") as file:
            file.truncate(HEADER_BYTES + 2 * frames)
            file.write(wav_header(rate, frames))
            file.seek(HEADER_BYTES)
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        done = read_json(base.with_name(base.name + ".json")) or {}
        if done.get("sha256_pcm") == digest and done.get("audio"):
            return self._complete(done, base, part)  # only the part was left to be removed
        blank = {"line": "1", "direction": "unknown", "answered": True, "kind": "call"}
        blank["started_at"] = datetime.fromtimestamp(part.stat().st_mtime, UTC).isoformat()
        kept = {**blank, **record, "outcome": "unfinished", "rate": rate, "sha256_pcm": digest}
        kept |= {"frames_stored": frames, "frames_expected": frames}
        kept |= {"gaps": [], "clipped": 0, "duration_s": round(frames / rate, 3)}
        if "id" not in kept:
            kept = self._numbered(kept)
        return self._complete(kept, base, part)

    def _complete(self, record: dict[str, Any], base: Path, part: Path) -> dict[str, Any]:
        master = base.with_name(base.name + ".flac")
        record["sha256_file"] = _make_flac(part, master, record["sha256_pcm"])
        record["audio"] = str(master.relative_to(self.root))
        self._enter(record, base)
        with storing(part):
            part.unlink()
            _begun(part).unlink(missing_ok=True)
            sync_folder(part.parent)
        return record

    def _enter(self, record: dict[str, Any], base: Path) -> None:
        sidecar = base.with_name(base.name + ".json")
        write_json(sidecar, record)
        marks = read_json(sidecar.with_name(sidecar.stem + ".marks.json")) or {}
        self._catalogue.put({**record, **marks}, str(sidecar.relative_to(self.root)))

    def _numbered(self, record: dict[str, Any]) -> dict[str, Any]:
        line = str(record["line"])
        return {**record, "id": uuid7(), "sequence": self._catalogue.last_sequence(line) + 1}

    def _identity(self, record: dict[str, Any]) -> dict[str, Any]:
        return {key: record[key] for key in ("id", "sequence", "line", "started_at")}

    def _base(self, record: dict[str, Any]) -> Path:
        started = datetime.fromisoformat(record["started_at"])
        digits = re.sub(r"[^0-9+]", "", str(record.get("number") or "")) or "unknown"
        name = f"{started:%H%M%S}-{record['direction']}-{digits[:24]}-{record['id']}"
        folder = self.root / f"{started:%Y/%m/%d}"
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def calls(self, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
        """A page of calls, newest first; `before` is the last sequence number already seen."""
        return self._catalogue.calls(limit, before)

    def page(
        self,
        wanted: Filter,
        limit: int = 50,
        before: int | None = None,
        after: int | None = None,
    ) -> Page:
        """The calls that fit, newest first, each with the `key` that pages go on from."""
        return self._catalogue.page(wanted, limit, before, after)

    def counts(self, *callers: str) -> Counts:
        """How many calls these callers (see `search.caller_of`) have together."""
        return self._catalogue.counts(callers)

    def next_unheard(self, call_id: str) -> str | None:
        """The id of the next call that was never played."""
        return self._catalogue.next_unheard(call_id)

    def get(self, call_id: str) -> dict[str, Any]:
        """One call. Raises NoSuchCall."""
        return self._found(call_id)[0]

    def _found(self, call_id: str) -> tuple[dict[str, Any], Path]:
        found = self._catalogue.get(call_id)
        if found is None:
            raise NoSuchCall(f"No call has the id {call_id!r}.")
        return found[0], self.root / found[1]

    def audio_path(self, call_id: str) -> Path:
        """The FLAC master. Raises NoSuchCall where the call has no audio."""
        record = self.get(call_id)
        path = self.root / str(record.get("audio") or "")
        if not record.get("audio") or not path.is_file():
            raise NoSuchCall(f"The call {call_id} has no audio.")
        return path

    def flag(self, call_id: str, on: bool) -> None:
        """Set or take the flag; it lives beside the recording too."""
        self._mark(call_id, flagged=on)

    def note(self, call_id: str, text: str) -> None:
        """Set the owner's note."""
        self._mark(call_id, note=text)

    def hold(self, call_id: str, on: bool, by: str = "", why: str = "") -> None:
        """Keep the call from retention and deletion, or let it go; `by` and `why` say whose."""
        self._mark(call_id, held=on, held_by=by if on else "", held_why=why if on else "")

    def claim(self, call_id: str, user_id: str) -> None:
        """Let only this user of the page see the call; "" gives it back to all."""
        self._mark(call_id, only_for=user_id)

    def heard(self, call_id: str) -> None:
        """Remember that it was played."""
        self._mark(call_id, heard=True)

    def delete(self, call_id: str, when: str) -> None:
        """Delete the audio; the row stays and says when (ISO 8601).

        Raises CallProtected where the call is flagged or held, NoSuchCall where it has no audio.
        """
        record = self.get(call_id)
        if record.get("flagged") or record.get("held"):
            raise CallProtected(f"The call {call_id} is flagged or held; it was not deleted.")
        path = self.audio_path(call_id)
        self._mark(call_id, audio=None, deleted_at=when)
        with storing(path):
            path.unlink(missing_ok=True)
            sync_folder(path.parent)

    def _mark(self, call_id: str, **marks: Any) -> None:
        with self._marking():
            record, sidecar = self._found(call_id)
            path = sidecar.with_name(sidecar.stem + ".marks.json")
            write_json(path, {**(read_json(path) or {}), **marks})
            self._catalogue.put({**record, **marks}, str(sidecar.relative_to(self.root)))

    @contextmanager
    def _marking(self) -> Iterator[None]:
        """Recorder and page both mark calls: one at a time."""
        with storing(self.root), (self.root / ".marks.lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def _begun(part: Path) -> Path:
    """The record that was written when the recording began."""
    return part.with_name(part.name.removesuffix(PART) + ".part.json")


def _being_written(part: Path) -> bool:
    """Whether a running recorder writes it."""
    with part.open("rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _make_flac(part: Path, master: Path, sha256_pcm: str) -> str:
    """Encode, read back, compare, and give the file its name; the SHA-256 of the file."""
    import soundfile

    temporary = master.with_name(master.name + ".tmp")
    with storing(master):
        with soundfile.SoundFile(part) as sound:
            form = {"format": "FLAC", "subtype": "PCM_16"}
            with soundfile.SoundFile(temporary, "w", sound.samplerate, 1, **form) as made:
                for block in sound.blocks(65536, dtype="int16"):
                    made.write(block)
        digest = hashlib.sha256()
        with soundfile.SoundFile(temporary) as sound:
            for block in sound.blocks(65536, dtype="int16"):
                digest.update(block.astype("<i2").tobytes())
        if digest.hexdigest() != sha256_pcm:
            raise OSError(5, "the FLAC master does not read back as it was written")
        with temporary.open("rb") as file:
            sha256_file = hashlib.file_digest(file, "sha256").hexdigest()
    replace_synced(temporary, master)
    return sha256_file

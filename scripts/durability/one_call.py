"""One scripted call through the keeper, for faults in its single system calls.

`python -m scripts.durability.one_call FOLDER [--threads] [--alone]`. FOLDER gets `home` and, unless
it is `--alone`, `media/stick`, where the call is recorded first. Two calls of `access` that fail
tell a tracer where the script begins and ends. Prints what was told, as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

from firmware.archive import Archive, jobs
from firmware.archive.keeper import Keeper, Trouble
from firmware.archive.volume import Volumes
from scripts.durability.workload import RATE, STEP, numbers

SECONDS = 4.0
BEGIN, END = "/tipring-begins", "/tipring-ends"
RECORD: dict[str, Any] = {
    "line": "1",
    "kind": "call",
    "direction": "incoming",
    "outcome": "answered",
    "number": "221234567",
    "started_at": "2026-03-04T05:06:07.000+00:00",
    "audio_monotonic": 0.0,
    "rate": RATE,
    "answered": True,
}


def volumes_of(folder: Path, alone: bool) -> Volumes:
    """The box's own medium and a stick that is a folder."""
    home, stick = folder / "home", folder / "media/stick"
    if not alone:
        stick.mkdir(parents=True, exist_ok=True)
    return Volumes(home, None if alone else folder / "media", is_mount=Path.is_dir)


def main() -> int:
    """Record one call of numbered samples."""
    parser = argparse.ArgumentParser("one_call", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--threads", action="store_true")
    parser.add_argument("--alone", action="store_true", help="there is no stick")
    options = parser.parse_args()
    jobs.TRY_AGAIN_S = 0.1
    volumes = volumes_of(options.folder, options.alone)
    warmed = options.folder / "warm.flac"  # what is loaded late is loaded before the script begins
    soundfile.write(warmed, np.zeros(100, np.int16), RATE)
    warmed.unlink()
    archive = Archive(volumes.home.root, rebuild=False, patient=True)  # as the recorder does
    kept = Keeper(archive, volumes, threads=options.threads)
    kept.start()
    kept.stop(0.2) if not options.threads else kept.poll()
    told: set[str] = set()

    def hear(happened: list[Any]) -> None:
        told.update(one.why for one in happened if isinstance(one, Trouble) and one.why)
        if kept.trouble:
            told.add(kept.trouble)

    os.access(BEGIN, os.F_OK)
    held = kept.begin(RECORD)
    for first in range(0, round(SECONDS * RATE), STEP):
        held.write(first, numbers(first, STEP))
        hear(kept.poll())
        if options.threads:
            time.sleep(STEP / RATE)
    kept.finish(held, RECORD)
    hear(kept.poll())
    hear(kept.stop(8.0))
    os.access(END, os.F_OK)
    print(json.dumps({"id": held.id, "told": sorted(told)}))
    return 0


if __name__ == "__main__":
    sys.exit(main())

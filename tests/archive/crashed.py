"""What a killed recorder leaves, and what is found when it is started anew."""

import subprocess
import sys
from pathlib import Path

from firmware.archive import Archive
from firmware.archive.recovery import Report, recover

KILLED = """
import os, sys
from pathlib import Path
from tests.archive.support import Feed
box = Feed(Path(sys.argv[1]))
held = box.begin()
box.feed(held, 2.0)
os.kill(os.getpid(), 9)
"""


def killed(folder: Path) -> Path:
    """The part that a killed recorder leaves."""
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    [part] = (folder / "open").glob("*.part.wav")
    return part


def restarted(folder: Path) -> tuple[Archive, Report]:
    archive = Archive(folder)
    return archive, recover(archive)


def damaged(folder: Path) -> tuple[Archive, Report]:
    """What is told when the catalogue is made anew from what lies in the folder."""
    (folder / "catalogue.sqlite").unlink()
    return restarted(folder)

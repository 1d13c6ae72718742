"""The minder: signs of life, the box's health, the space on its media, on a thread of its own."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from firmware.archive import Archive
from firmware.archive.errors import ArchiveError, CallProtected
from firmware.archive.going import finish
from firmware.archive.keeper import Keeper, Trouble
from firmware.archive.notice import Notice
from firmware.archive.reserve import hold_back
from firmware.archive.retention import Rules, plan, remove
from firmware.archive.told import Gone
from firmware.archive.volume import Volumes
from firmware.blind import EVERY_S, Sign, continues, read_sign, since
from firmware.clock import WallClock, boot_id
from firmware.config import Config
from firmware.health import Health

RETENTION_EVERY_S = 600.0


class Minder:
    """`tell` takes each `Trouble`; `also` is done as often.

    Nothing here holds the recorder up, even if a medium hangs.
    """

    def __init__(
        self,
        config: Config,
        archive: Archive,
        volumes: Volumes,
        wall_clock: WallClock,
        clock: Callable[[], float],
        tell: Callable[[Trouble | Gone], None],
        also: Callable[[], None] = lambda: None,
    ) -> None:
        self._config = config
        self._archive = archive
        self._volumes = volumes
        self._wall_clock = wall_clock
        self._clock = clock
        self._tell = tell
        self._also = also
        self._boot_id = boot_id()
        self._stopping = threading.Event()
        self._woken = threading.Event()
        self._thread = threading.Thread(target=self._run, name="minder", daemon=True)
        self._next_retention = 0.0
        self._notice = Notice(archive.root)
        belief, wall = wall_clock.belief, wall_clock.wall
        self.health = Health(config, archive, volumes, belief, wall, clock, clock())

    def look_back(self, keeper: Keeper) -> bool:
        """Enter the time since the recorder was last alive, and tell if it had a fault.

        Whether it ended in order then: else its archive should be looked at.
        """
        last, now = read_sign(self._archive.root), self._sign()
        if last is None:
            return False
        record = since(last, now)
        if record is None:
            return last.ended
        if record["cause"] == "crashed":
            self.health.restarted = (
                "The recorder had a fault and was started anew; nothing was recorded for"
                f" {record['duration_s']:.0f} s at most. See the journal: journalctl -u"
                " tipring-recorder."
            )
        facts: dict[str, Any] = {"line": self._config.line.id, "boot_id": last.boot_id}
        facts |= {"started_monotonic": last.monotonic}
        facts |= {"clock_source": self._wall_clock.belief().source}
        keeper.add_blind({**record, **facts}, partial(continues, slack_s=EVERY_S))
        return last.ended

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def reconfigure(self, config: Config) -> None:
        """The owner chose anew: it holds at once."""
        self._config = self.health.config = config
        self._next_retention = 0.0
        self._woken.set()

    def stop(self) -> None:
        """Leave the sign that the recorder ended in order."""
        self._stopping.set()
        self._woken.set()
        if self._thread.ident is not None:
            self._thread.join(timeout=5)
            self._leave(ended=True)

    def _sign(self, ended: bool = False) -> Sign:
        return Sign(self._boot_id, self._wall_clock.wall(), self._clock(), ended)

    def _leave(self, ended: bool = False) -> None:
        try:
            self._sign(ended).write(self._archive.root)
        except OSError as error:
            print(f"tipring: no sign of life can be left: {error}", file=sys.stderr)

    def _run(self) -> None:
        while True:
            self._leave()
            self._also()
            for trouble in self.health.look():
                self._tell(trouble)
                if trouble.kind == "medium-full":
                    self._note_told(bool(trouble.why))
            self._tell(Trouble("archive-space", self.make_room()))
            self._woken.wait(EVERY_S)
            self._woken.clear()
            if self._stopping.is_set():
                return

    def _now(self) -> datetime:
        return datetime.fromtimestamp(self._wall_clock.wall(), UTC)

    def _note_told(self, nearly_full: bool) -> None:
        try:
            self._notice.told(nearly_full, self._now())
        except ArchiveError as error:
            print(f"tipring: the warning's day is not kept: {error}", file=sys.stderr)

    def make_room(self) -> str:
        """Hold the reserve back, and let audio go by the owner's rules; what is wrong, or empty."""
        try:
            held = hold_back(self._archive.root)
            now = self._clock()
            if now >= self._next_retention:
                self._next_retention = now + RETENTION_EVERY_S
                self._retain()
        except ArchiveError as error:
            return str(error)
        if held:
            return ""
        return (
            "The box's own medium is full: list and page work from a reserve, but calls cannot be"
            " stored there. Free some space."
        )

    def _retain(self) -> None:
        for call_id in finish(self._archive):
            self._tell(Gone(call_id))
        when = self._now()
        rules = self._notice.over(Rules.of(self._config.retention), when)
        for going in plan(self._archive, self._volumes, rules, when):
            if going.kept:
                continue
            try:
                remove(self._archive, going, when)
            except CallProtected:
                continue  # it was flagged or held while this looked
            self._tell(Gone(str(going.call["id"])))
            time.sleep(0.01)  # a long tidying leaves the medium to the recorder

"""Alarms: what the owner must know, each kind with a switch of its own, and a hook for programs.

Every alarm is on the page, lights the fault lamp and is told on the control socket; a program that
the owner names (`alarms.command`) is run for each, with the alarm as JSON on its standard input.
"""

from __future__ import annotations

import json
import os
import queue
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.config import AlarmsConfig

Publish = Callable[[dict[str, Any]], None]
SWITCH_OF = {
    "no-calls": "no_calls_days",
    "off-hook-too-long": "off_hook",
    "line-cut": "line_cut",
    "recording-silent": "silent",
    "recording-one-sided": "one_sided",
    "recording-clipped": "clipped",
    "recording-frames": "gaps",
    "medium-full": "medium_full",
    "medium-failing": "medium_failing",
    "medium-slow": "medium_slow",
    "clock-unsure": "clock_unsure",
    "under-voltage": "power",
    "overheating": "heat",
    "restarted": "restarted",
}
HOOK_S = 10.0
WAITING = 100


class Alarms:
    """The alarms that stand. `publish` tells of each change; `hook` does too, beside everything."""

    def __init__(
        self, switches: AlarmsConfig, publish: Publish, hook: Publish = lambda _alarm: None
    ) -> None:
        self._switches = switches
        self._publish = publish
        self._hook = hook
        self._found: dict[str, str] = {}  # with those that the owner does not want to hear of

    @property
    def standing(self) -> dict[str, str]:
        """Kind and words of those whose switch is on."""
        return {kind: why for kind, why in self._found.items() if self.wanted(kind)}

    def wanted(self, kind: str) -> bool:
        """Whether the kind's switch is on; a kind without a switch cannot be turned off."""
        switch = SWITCH_OF.get(kind)
        return switch is None or bool(getattr(self._switches, switch))

    def switch(self, switches: AlarmsConfig) -> None:
        """The owner chose anew which he wants: what he has turned off is over, what he has turned
        on and stands already is told."""
        before = self.standing
        self._switches = switches
        after = self.standing
        for kind in before.keys() - after.keys():
            self._tell_over(kind, before[kind])
        for kind in after.keys() - before.keys():
            self._tell(kind, after[kind])

    def raise_(self, kind: str, why: str) -> None:
        """Tell the owner, until it is cleared; `why` says what it means for the recordings."""
        if self._found.get(kind) == why:
            return
        self._found = {**self._found, kind: why}
        if self.wanted(kind):
            self._tell(kind, why)

    def clear(self, kind: str) -> None:
        """That is over."""
        if kind not in self._found:
            return
        why = self._found[kind]
        self._found = {name: said for name, said in self._found.items() if name != kind}
        if self.wanted(kind):
            self._tell_over(kind, why)

    def _tell(self, kind: str, why: str) -> None:
        self._publish({"event": "alarm", "kind": kind, "why": why})
        self._hook({"alarm": kind, "state": "raised", "why": why})

    def _tell_over(self, kind: str, why: str) -> None:
        self._publish({"event": "alarm-over", "kind": kind})
        self._hook({"alarm": kind, "state": "over", "why": why})


class Command:
    """Runs a program for each alarm, one after the other, on a thread of its own.

    No shell is involved; text from the telephone line may be in the JSON and in nothing else.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: queue.Queue[dict[str, Any]] = queue.Queue(WAITING)
        threading.Thread(target=self._run, name="alarm command", daemon=True).start()

    def __call__(self, alarm: dict[str, Any]) -> None:
        """Have it run; where very many wait, this one is not told by it."""
        try:
            self._waiting.put_nowait(alarm)
        except queue.Full:
            print(f"tipring: {self._path}: too many alarms wait for it", file=sys.stderr)

    def _run(self) -> None:
        while True:
            alarm = self._waiting.get()
            if wrong := refused(self._path):
                print(f"tipring: {wrong}", file=sys.stderr)
                continue
            try:
                subprocess.run(
                    [self._path, alarm["alarm"], alarm["state"]],
                    input=json.dumps(alarm).encode(),
                    stdout=subprocess.DEVNULL,
                    timeout=HOOK_S,
                    check=True,
                    env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
                )
            except (OSError, subprocess.SubprocessError) as error:
                print(f"tipring: the alarm command failed: {error}", file=sys.stderr)


def refused(path: Path) -> str:
    """Why a program is not run; empty where it may be."""
    if not path.is_absolute():
        return f"{path}: an alarm command is named by its whole path"
    try:
        mode = path.stat().st_mode
    except OSError as error:
        return f"{path}: {error.strerror}"
    if not stat.S_ISREG(mode) or not os.access(path, os.X_OK):
        return f"{path}: is no program"
    if mode & stat.S_IWOTH:
        return f"{path}: anyone may change it, so it is not run"
    return ""

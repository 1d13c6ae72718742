"""`tipring retention` and `tipring recover`: what is done to a whole archive by hand."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from firmware.command_options import archive_of, config_of, in_force


def add(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """Enter the verbs."""
    sub = verb("retention", tidy, "let old audio go by the rules; rows, flags and notes stay")
    sub.add_argument("--dry-run", action="store_true", help="only list what would go, and why")
    for name, said in (
        ("days", "audio older than so many days"),
        ("calls", "audio of more than so many calls"),
        ("free-mb", "the oldest audio until so many megabytes are free"),
    ):
        sub.add_argument(f"--{name}", type=int, help=f"{said}, instead of the configuration's")
    sub.add_argument("--archive", type=Path, help="the archive's folder")
    sub.add_argument("--config", type=Path, help="the configuration file")

    sub = verb(
        "recover", recover_archive, "compare every record with its recording; enter the rest"
    )
    sub.add_argument("--archive", type=Path, help="the archive's folder")
    sub.add_argument("--config", type=Path, help="the configuration file")


def tidy(options: argparse.Namespace) -> int:
    """Let audio go by the rules of the configuration, or list what would go."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from firmware.archive.errors import CallProtected
    from firmware.archive.retention import Rules, plan, remove
    from firmware.archive.volume import Volumes

    config = in_force(options)
    chosen = {name: getattr(options, name) for name in ("days", "calls", "free_mb")}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    rules = replace(Rules.of(config.retention), **chosen)
    if options.days is not None:
        rules = replace(rules, incoming_days=0, outgoing_days=0)
    archive = archive_of(options)
    media = config.archive.media
    usb = Path(media) if media and options.archive is None else None
    volumes = Volumes(archive.root, usb, vault=archive.vault)
    volumes.scan()
    now = datetime.now(UTC)
    gone = count = 0
    for one in plan(archive, volumes, rules, now):
        call = one.call
        said = f"{call['id']}  {call['started_at']}  {one.bytes / 2**20:7.1f} MB  {one.why}"
        if one.kept:
            print(f"stays     {said}, but {one.kept}")
            continue
        if not options.dry_run:
            try:
                remove(archive, one, now)
            except CallProtected as error:
                print(f"stays     {call['id']}: {error}")
                continue
        print(f"{'would go' if options.dry_run else 'gone    '}  {said}")
        gone += one.bytes
        count += 1
    verb = "would go" if options.dry_run else "are gone"
    print(f"{count} recordings, {gone / 2**20:.1f} MB {verb}; their rows stay in the list")
    return 0


def recover_archive(options: argparse.Namespace) -> int:
    """Compare every record with its recording, enter what is missing; 1 where a call is damaged."""
    from firmware.archive.recovery import recover
    from firmware.archive.volume import Volumes

    archive = archive_of(options)
    media = config_of(options).archive.media
    usb = Path(media) if media and options.archive is None else None
    volumes = Volumes(archive.root, usb, vault=archive.vault)
    volumes.scan()
    if wrong := archive.check():
        print(f"the list of calls is damaged and made anew: {wrong}")
        archive.renew()
    report = recover(archive, volumes, thorough=True)
    print(report.words())
    return 1 if report.bad else 0

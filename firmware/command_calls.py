"""`tipring calls`: list, show and export the calls of an archive."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from firmware.command_options import archive_of


def add(verb: Callable[..., argparse.ArgumentParser], verbs: Any) -> None:
    """Enter the verbs."""
    calls = verbs.add_parser("calls", help="list, show and export calls")
    of_calls = calls.add_subparsers(metavar="WHAT", required=True)
    for name, run, said in (
        ("list", list_calls, "the calls, newest first"),
        ("show", show_call, "one call, whole"),
        ("export", export_calls, "copy calls with their records into a folder"),
    ):
        sub = verb(name, run, said, of_calls)
        sub.add_argument("--archive", type=Path, help="the archive's folder")
        sub.add_argument("--config", type=Path, help="the configuration file")
        sub.add_argument("--json", action="store_true", help="one JSON object a line")
        if name != "list":
            sub.add_argument("id", nargs="+" if name == "export" else None)
        if name == "export":
            sub.add_argument("--out", type=Path, required=True, help="the folder to copy into")


def list_calls(options: argparse.Namespace) -> int:
    """Print the calls, newest first."""
    before = None
    archive = archive_of(options)
    while page := archive.calls(limit=200, before=before):
        for record in page:
            if options.json:
                print(json.dumps(record, ensure_ascii=False))
            else:
                who = record.get("number") or record.get("number_absent") or "-"
                print(
                    f"{record['id']}  {record['started_at']}  {record['direction']:9}"
                    f" {record['outcome']:10} {record['duration_s']:8.1f} s  {who}"
                )
        before = page[-1]["sequence"]
    return 0


def show_call(options: argparse.Namespace) -> int:
    """Print one call whole."""
    print(json.dumps(archive_of(options).get(options.id), ensure_ascii=False, indent=2))
    return 0


def export_calls(options: argparse.Namespace) -> int:
    """Copy masters and records of calls into a folder."""
    archive = archive_of(options)
    options.out.mkdir(parents=True, exist_ok=True)
    for call_id in options.id:
        record = archive.get(call_id)
        base = options.out / record["id"]
        base.with_suffix(".json").write_text(json.dumps(record, ensure_ascii=False, indent=2))
        if record.get("audio"):
            with (
                archive.sound(call_id).open() as sound,
                base.with_suffix(".flac").open("wb") as copy,
            ):
                shutil.copyfileobj(sound, copy)
        print(base.with_suffix(".json"))
    return 0

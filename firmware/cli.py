"""The `tipring` command."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from firmware import __version__
from firmware.config import COUNTRIES, Config, ConfigError, commented_default, load

DEFAULT_CONFIG = Path("/etc/tipring/tipring.toml")


def _config(options: argparse.Namespace) -> Config:
    if options.config is not None:
        return load(options.config)
    return load(DEFAULT_CONFIG) if DEFAULT_CONFIG.exists() else Config()


def _in_force(options: argparse.Namespace) -> Config:
    """The configuration with what the owner chose on the page."""
    from firmware.choices import Choices

    config = _config(options)
    config, wrong = Choices(Path(config.state.directory)).over(config)
    for one in wrong:
        print(f"tipring: {one}", file=sys.stderr)
    return config


def _archive(options: argparse.Namespace) -> Any:
    from firmware.archive import Archive
    from firmware.storage import archive_of

    config = _in_force(options)
    if options.archive is None or options.archive == Path(config.archive.directory):
        return archive_of(config)
    return Archive(options.archive)


def run_recorder(options: argparse.Namespace) -> int:
    """Record until stopped."""
    from firmware.daemon.process import run

    return run(_config(options))


def run_page(options: argparse.Namespace) -> int:
    """Become the page's process: the recorder's package never imports the page."""
    config = _config(options)
    path = options.config or DEFAULT_CONFIG
    os.execv(
        sys.executable,
        [sys.executable, "-m", "web.serve", "--bind", config.web.bind]
        + (["--config", str(path)] if path.exists() else [])
        + ["--archive", config.archive.directory, "--control", config.state.control]
        + ["--state", config.state.directory]
        + (["--tls-bind", config.web.tls_bind] if config.web.tls_bind else [])
        + [word for name in config.web.names.split() for word in ("--name", name)],
    )


def run_doctor(options: argparse.Namespace) -> int:
    """Say what is wrong; 1 if anything is."""
    from firmware.doctor import examine

    found = list(examine(_in_force(options)))
    for one in found:
        print(f"{'ok  ' if one.good else 'BAD '} {one.part}: {one.why}")
    return 0 if all(one.good for one in found) else 1


def decode_files(options: argparse.Namespace) -> int:
    """Print every signal found in the files."""
    from firmware.decode import DecodeError, decode

    bad = 0
    for path in options.file:
        try:
            for row in decode(path, options.country):
                if options.json:
                    print(json.dumps(row, ensure_ascii=False))
                else:
                    rest = {
                        key: value
                        for key, value in row.items()
                        if key not in ("file", "start_s", "end_s", "kind") and value is not None
                    }
                    said = " ".join(f"{key}={value}" for key, value in rest.items())
                    print(f"{path}: {row['start_s']:9.3f} s  {row['kind']:9}  {said}")
        except DecodeError as error:
            print(f"tipring: {error}", file=sys.stderr)
            bad = 1
    return bad


def run_scenarios(options: argparse.Namespace) -> int:
    """Run scenarios through the whole recorder."""
    from firmware.simulate import simulate
    from firmware.simulator.scenario import load_scenario

    config = load(options.config) if options.config else None
    for name in options.scenario:
        done = simulate(load_scenario(name), options.archive, config)
        print(json.dumps(done))
    return 0


def list_calls(options: argparse.Namespace) -> int:
    """Print the calls, newest first."""
    before = None
    archive = _archive(options)
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
    print(json.dumps(_archive(options).get(options.id), ensure_ascii=False, indent=2))
    return 0


def export_calls(options: argparse.Namespace) -> int:
    """Copy masters and records of calls into a folder."""
    archive = _archive(options)
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


def tidy(options: argparse.Namespace) -> int:
    """Let audio go by the rules of the configuration, or list what would go."""
    from dataclasses import replace
    from datetime import UTC, datetime

    from firmware.archive.errors import CallProtected
    from firmware.archive.retention import Rules, plan, remove
    from firmware.archive.volume import Volumes

    config = _in_force(options)
    chosen = {name: getattr(options, name) for name in ("days", "calls", "free_mb")}
    chosen = {name: value for name, value in chosen.items() if value is not None}
    rules = replace(Rules.of(config.retention), **chosen)
    if options.days is not None:
        rules = replace(rules, incoming_days=0, outgoing_days=0)
    archive = _archive(options)
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

    archive = _archive(options)
    media = _config(options).archive.media
    usb = Path(media) if media and options.archive is None else None
    volumes = Volumes(archive.root, usb, vault=archive.vault)
    volumes.scan()
    if wrong := archive.check():
        print(f"the list of calls is damaged and made anew: {wrong}")
        archive.renew()
    report = recover(archive, volumes, thorough=True)
    print(report.words())
    return 1 if report.bad else 0


def print_config(_options: argparse.Namespace) -> int:
    """Print the commented default configuration."""
    print(commented_default(), end="")
    return 0


def parser() -> argparse.ArgumentParser:
    """The command's words."""
    top = argparse.ArgumentParser("tipring", description="A landline call recorder.")
    top.add_argument("--version", action="version", version=__version__)
    verbs = top.add_subparsers(metavar="COMMAND", required=True)

    def verb(name: str, run: Any, said: str, place: Any = verbs) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = place.add_parser(name, help=said, description=said)
        made.set_defaults(run=run, config=None, archive=None)
        return made

    for name, run, said in (
        ("run", run_recorder, "watch the line and record every call"),
        ("web", run_page, "serve the page"),
        ("doctor", run_doctor, "what is wrong with line, card, medium and clock"),
    ):
        sub = verb(name, run, said)
        sub.add_argument("--config", type=Path, help="the configuration file")

    sub = verb("decode", decode_files, "every signal in WAV, FLAC or raw 8 kHz s16 files")
    sub.add_argument("file", nargs="+", type=Path)
    sub.add_argument("--json", action="store_true", help="one JSON object a line")
    sub.add_argument(
        "--country", choices=COUNTRIES, default="PL", help="whose call progress tones come first"
    )

    sub = verb("simulate", run_scenarios, "run scenarios through the whole recorder")
    sub.add_argument("scenario", nargs="+", help="a built-in name or a TOML file")
    sub.add_argument("--archive", type=Path, required=True, help="where the calls are left")
    sub.add_argument(
        "--config", type=Path, help="a configuration file; what is played is on the simulated line"
    )
    sub.add_argument("--speed", choices=["max"], default="max", help="as fast as it can")

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

    verb("config", print_config, "print the commented default configuration")

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

    from firmware.evidence import command as evidence

    evidence.add(verb, verbs, _config)
    return top


def main(arguments: list[str] | None = None) -> int:
    """Run a command; 0 well, 1 something is wrong, 2 wrong words or configuration."""
    options = parser().parse_args(arguments)
    # numpy's matrix products are small here: a second thread would only spin beside the first.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        return int(options.run(options))
    except ConfigError as error:
        print(f"tipring: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        return 0
    except Exception as error:
        if type(error).__module__.startswith("firmware."):
            print(f"tipring: {error}", file=sys.stderr)
            return 1
        raise


if __name__ == "__main__":
    sys.exit(main())

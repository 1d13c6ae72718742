"""The `tipring` command."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from firmware import __version__, command_archive, command_calls
from firmware.command_options import DEFAULT_CONFIG, config_of, in_force
from firmware.config import COUNTRIES, ConfigError, commented_default, load


def run_recorder(options: argparse.Namespace) -> int:
    """Record until stopped."""
    from firmware.daemon.process import run

    return run(config_of(options))


def run_page(options: argparse.Namespace) -> int:
    """Become the page's process: the recorder's package never imports the page."""
    config = config_of(options)
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

    found = list(examine(in_force(options)))
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

    command_archive.add(verb)
    verb("config", print_config, "print the commented default configuration")
    command_calls.add(verb, verbs)

    from firmware.evidence import command as evidence

    evidence.add(verb, verbs, config_of)
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

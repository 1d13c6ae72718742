"""Where the commands of the evidence find archive, key and log; and how their words are entered."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from firmware.config import Config

Verb = Callable[..., argparse.ArgumentParser]
Load = Callable[[argparse.Namespace], Config]
OUT = ("--out", {"type": Path, "required": True, "help": "the HTML file to write"})
ZIP = ("out", {"type": Path, "metavar": "OUT.zip", "help": "the file to write"})
CALL = ("call", {"metavar": "CALL", "help": "the call's id"})
CALLS = ("call", {"nargs": "+", "metavar": "CALL", "help": "the calls' ids"})


class Word(NamedTuple):
    """One command: what it runs, what it says of itself, and what it takes."""

    name: str
    run: Callable[[argparse.Namespace], int]
    said: str
    takes: tuple[tuple[str, dict[str, Any]], ...] = ()


def enter(words: Iterable[Word], verb: Verb, within: Any, load: Load) -> None:
    """Enter commands, each with the options that say where things lie; `load` reads the
    configuration that these name."""
    for word in words:
        sub = verb(word.name, word.run, word.said, within)
        for name, how in word.takes:
            sub.add_argument(name, **how)
        sub.add_argument("--archive", type=Path, help="the archive's folder")
        sub.add_argument(
            "--state",
            type=Path,
            help="the folder of the box's key (default: the configuration's; of an archive that is"
            " given by hand, its folder '.state')",
        )
        sub.add_argument("--config", type=Path, help="the configuration file")
        sub.set_defaults(load=load)


def group(verbs: Any, name: str, said: str) -> Any:
    """A command that has commands of its own."""
    return verbs.add_parser(name, help=said).add_subparsers(metavar="WHAT", required=True)


def places(options: argparse.Namespace) -> tuple[Path, Path]:
    """The archive's folder and the folder of the key."""
    if options.archive is not None:
        state = options.state or options.archive / ".state"
        if options.config is not None and options.state is None:
            state = Path(options.load(options).state.directory)
        return options.archive, state
    config = options.load(options)
    state = options.state or Path(config.state.directory)
    return Path(config.archive.directory), state


def evidence_of(options: argparse.Namespace) -> Any:
    """The evidence of the archive that the options name."""
    from firmware.archive import Archive
    from firmware.evidence.evidence import Evidence

    folder, state = places(options)
    return Evidence(Archive(folder, vault=vault_of(options, folder, state)), state)


def vault_of(options: argparse.Namespace, folder: Path, state: Path) -> Any:
    """The keys of encrypted calls, and where their list lies: in memory, by the configuration."""
    from firmware.archive.vault import Vault

    config = options.load(options)
    own = folder == Path(config.archive.directory)
    memory = Path(config.state.control).parent if own else None
    return Vault(state, own and config.archive.sealed == "yes", memory)


def write_private(path: Path, text: str, mode: int) -> None:
    """Write a new file; one that is there is not overwritten."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)


def said_step(step: str) -> None:
    """Progress, for whoever waits."""
    print(f"{step} ...", file=sys.stderr)

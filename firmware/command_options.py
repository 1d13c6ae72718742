"""What a command's options name: the configuration that holds, and the archive."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from firmware.config import Config, load

if TYPE_CHECKING:
    from firmware.archive import Archive

DEFAULT_CONFIG = Path("/etc/tipring/tipring.toml")


def config_of(options: argparse.Namespace) -> Config:
    """What the configuration file says. Raises ConfigError."""
    if options.config is not None:
        return load(options.config)
    return load(DEFAULT_CONFIG) if DEFAULT_CONFIG.exists() else Config()


def in_force(options: argparse.Namespace) -> Config:
    """The configuration with what the owner chose on the page."""
    from firmware.choices import Choices

    config = config_of(options)
    config, wrong = Choices(Path(config.state.directory)).over(config)
    for one in wrong:
        print(f"tipring: {one}", file=sys.stderr)
    return config


def archive_of(options: argparse.Namespace) -> Archive:
    """The archive that the options or the configuration name. Raises ArchiveError."""
    from firmware import storage
    from firmware.archive import Archive

    config = in_force(options)
    if options.archive is None or options.archive == Path(config.archive.directory):
        return storage.archive_of(config)
    return Archive(options.archive)

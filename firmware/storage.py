"""The archive as the configuration wants it: where it lies, and how calls are kept in it."""

from __future__ import annotations

from pathlib import Path

from firmware.archive import Archive
from firmware.archive.vault import Vault
from firmware.config import Config


def vault_of(config: Config) -> Vault:
    """The box's keys lie in its state folder; what tells of sealed calls lies beside the socket, in
    memory."""
    state = config.state
    seals = config.archive.sealed == "yes"
    return Vault(Path(state.directory), seals, Path(state.control).parent)


def archive_of(config: Config, rebuild: bool = True, patient: bool = False) -> Archive:
    """Open it. Raises ArchiveError."""
    return Archive(Path(config.archive.directory), rebuild, patient, vault_of(config))

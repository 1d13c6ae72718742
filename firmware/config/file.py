"""The configuration file: TOML, checked whole at start, every key known by name."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from firmware.config.rules import fitted
from firmware.config.sections import Config

CONFIG_VERSION = 1


class ConfigError(Exception):
    """The configuration cannot be used; the message names file, line, key and what was expected."""


def checked(section: str, key: str, value: Any, where: str) -> Any:
    """The value as the key wants it. Raises ConfigError, which begins with `where`."""
    kind = next((entry for entry in fields(Config) if entry.name == section), None)
    keys = {entry.name: entry for entry in fields(type(kind.default))} if kind else {}  # type: ignore[arg-type]
    if key not in keys:
        raise ConfigError(f"{where}: {section}.{key}: unknown key")
    good, expected = fitted(keys[key].type, keys[key].metadata["rule"], value)
    if expected:
        raise ConfigError(f"{where}: {section}.{key}: expected {expected}, found {value!r}")
    return good


def load(path: Path) -> Config:
    """Read and check the file. Raises ConfigError with file, line, key and what was expected."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error
    version = data.pop("version", CONFIG_VERSION)
    if not isinstance(version, int) or version > CONFIG_VERSION:
        raise ConfigError(
            f"{path}:1: version: expected {CONFIG_VERSION} or less, found {version!r}; the file is"
            " for a newer Tipring. Update Tipring, or start from `tipring config`."
        )
    sections: dict[str, Any] = {}
    known: dict[str, Any] = {entry.name: entry.default for entry in fields(Config)}
    for name, table in data.items():
        if name not in known or not isinstance(table, dict):
            line = _line_of(text, name, "") if isinstance(table, dict) else 1
            raise ConfigError(f"{path}:{line}: {name}: expected one of {', '.join(known)}")
        section_type = type(known[name])
        keys = {entry.name: entry for entry in fields(section_type)}
        chosen: dict[str, Any] = {}
        for key, value in table.items():
            where = f"{path}:{_line_of(text, name, key)}: {name}.{key}"
            if key not in keys:
                raise ConfigError(f"{where}: unknown key; expected one of {', '.join(keys)}")
            value, expected = fitted(keys[key].type, keys[key].metadata["rule"], value)
            if expected:
                raise ConfigError(f"{where}: expected {expected}, found {value!r}")
            chosen[key] = value
        sections[name] = section_type(**chosen)
    return Config(**sections)


def _line_of(text: str, section: str, key: str) -> int:
    """The line of `key` in `[section]`, counted from 1; the section's own line without it."""
    here, found = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*\[([^\]]+)\]", line):
            here = header[1].strip()
            if here == section:
                found = number
        elif here == section and re.match(rf"\s*{re.escape(key)}\s*=", line):
            return number
    return found


def commented_default() -> str:
    """The default file: every key with its meaning and what it may be."""
    lines = ["# Tipring's configuration. Every key stands here with its default.", ""]
    lines += [f"version = {CONFIG_VERSION}", ""]
    for section in fields(Config):
        default: Any = section.default
        lines.append(f"[{section.name}]")
        for entry in fields(default):
            rule = entry.metadata["rule"]
            limit = f" Expected: {rule.describe()}." if rule else ""
            value = json.dumps(entry.default)  # text, numbers and truth are written as in TOML
            lines += [f"# {entry.metadata['note']}{limit}", f"{entry.name} = {value}"]
        lines.append("")
    return "\n".join(lines)

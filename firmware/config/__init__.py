"""The configuration: one TOML file, checked whole at start, every key known by name."""

from firmware.config.file import (
    ConfigError,
    checked,
    commented_default,
    load,
)
from firmware.config.sections import (
    COUNTRIES,
    AlarmsConfig,
    ArchiveConfig,
    AudioConfig,
    CallsConfig,
    Config,
    ConsentConfig,
    EvidenceConfig,
    LineConfig,
    RetentionConfig,
    StateConfig,
    WebConfig,
)

__all__ = [
    "COUNTRIES",
    "AlarmsConfig",
    "ArchiveConfig",
    "AudioConfig",
    "CallsConfig",
    "Config",
    "ConfigError",
    "ConsentConfig",
    "EvidenceConfig",
    "LineConfig",
    "RetentionConfig",
    "StateConfig",
    "WebConfig",
    "checked",
    "commented_default",
    "load",
]

"""The sections of the configuration: everything the owner can choose, key by key."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from firmware.config.rules import Choice, Pattern, Range, Rule

COUNTRIES = ("any", "CZ", "DE", "ES", "FR", "IT", "NL", "PL", "SE", "SK", "UA", "UK", "US")


def _key(default: Any, note: str, rule: Rule | None = None) -> Any:
    return field(default=default, metadata={"note": note, "rule": rule})


@dataclass(frozen=True, slots=True)
class ArchiveConfig:
    directory: str = _key("/var/lib/tipring/calls", "Where calls are kept.")
    media: str = _key(
        "/media/tipring",
        "Where USB media are mounted, each in a folder of its own; recordings go there first."
        " Empty: they stay on the box's own medium.",
    )
    sealed: str = _key(
        "no",
        "'yes': new calls are encrypted, each with a key of its own that lies in state.directory;"
        " they can be erased for good, and are lost with the keys unless these are backed up. 'no':"
        " open FLAC files that any program plays. Calls that are there stay as they are.",
        Choice(("no", "yes")),
    )
    reserve_mb: int = _key(
        64, "Megabytes that recordings leave free on each medium.", Range(0, 100000)
    )


@dataclass(frozen=True, slots=True)
class AudioConfig:
    device: str = _key("default", "The ALSA device, by name: 'hw:CARD=Zero' or 'default'.")
    rate: int = _key(8000, "Samples per second of the recordings.", Choice((8000, 16000)))
    channel: str = _key(
        "left", "The line's channel, where the card is stereo only.", Choice(("left", "right"))
    )
    preroll_s: float = _key(2.0, "Seconds put before the off-hook.", Range(0, 10))
    preroll_held_s: float = _key(10.0, "Seconds held in memory.", Range(0, 60))


@dataclass(frozen=True, slots=True)
class LineConfig:
    id: str = _key("1", "The name of this line in every record.")
    profile: str = _key(
        "tipring-a", "The HAT profile: a built-in name, or the path of a TOML file."
    )
    pins: str = _key(
        "default",
        "The gpiozero pin factory.",
        Choice(("default", "lgpio", "rpigpio", "mock")),
    )
    hook: str = _key(
        "gpio", "How off-hook is detected; 'vox' (by voice) is a fallback.", Choice(("gpio", "vox"))
    )
    country: str = _key(
        "PL",
        "Whose call progress tones the line has; 'any' prefers none. Tones from abroad are known"
        " in either case.",
        Choice(COUNTRIES),
    )
    flash: str = _key(
        "etsi",
        "The longest hook flash: 'etsi' (0.35 s) or 'us' (1.1 s); a longer break is a hang-up.",
        Choice(("etsi", "us")),
    )
    vox_threshold_dbm0: float = _key(-40.0, "Speech above this level is a call.", Range(-70, 0))
    vox_hang_s: float = _key(15.0, "Silence that ends a call found by voice.", Range(1, 600))


@dataclass(frozen=True, slots=True)
class CallsConfig:
    ring_timeout_s: float = _key(8.0, "No ring for so long: the call was missed.", Range(3, 60))
    off_hook_alarm_s: float = _key(3600.0, "Off the hook for so long: an alarm.", Range(10, 86400))
    off_hook_limit_s: float = _key(
        14400.0, "Off the hook for so long: recording stops.", Range(60, 604800)
    )


@dataclass(frozen=True, slots=True)
class AlarmsConfig:
    no_calls_days: int = _key(0, "No call for so many days: an alarm. 0: never.", Range(0, 366))
    off_hook: bool = _key(True, "A telephone is off the hook very long.")
    line_cut: bool = _key(True, "The line is cut or unplugged.")
    silent: bool = _key(True, "Nobody is heard in a recording.")
    one_sided: bool = _key(True, "Perhaps only one of two people is heard: a guess.")
    clipped: bool = _key(True, "A recording is too loud.")
    gaps: bool = _key(True, "Something is missing in a recording.")
    medium_full: bool = _key(True, "A medium is nearly full.")
    medium_failing: bool = _key(True, "A medium fails.")
    medium_slow: bool = _key(True, "A medium is slow.")
    clock_unsure: bool = _key(True, "Nothing has set the clock.")
    power: bool = _key(True, "The Raspberry Pi has too low a voltage.")
    heat: bool = _key(True, "The Raspberry Pi is too hot.")
    restarted: bool = _key(True, "The recorder was started anew after a fault.")
    command: str = _key(
        "", "A program, by its whole path, that is run for each alarm: JSON on its standard input."
    )


@dataclass(frozen=True, slots=True)
class RetentionConfig:
    days: int = _key(0, "Audio older than so many days goes. 0: none.", Range(0, 36500))
    incoming_days: int = _key(
        0, "The same for calls that came in, instead. 0: as `days` says.", Range(0, 36500)
    )
    outgoing_days: int = _key(
        0, "The same for calls that went out, instead. 0: as `days` says.", Range(0, 36500)
    )
    calls: int = _key(0, "Audio of more than so many calls goes. 0: none.", Range(0, 10000000))
    free_mb: int = _key(
        500, "Less free than so many megabytes: the oldest audio goes. 0: none.", Range(0, 1000000)
    )
    warn_days: int = _key(
        30, "A warning when the medium will be full in so many days.", Range(0, 366)
    )


@dataclass(frozen=True, slots=True)
class WebConfig:
    bind: str = _key(
        "127.0.0.1:8080",
        "Address and port of the page; '0.0.0.0:8080' for every phone of the local network.",
        Pattern(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):[0-9]{1,5}", "an address and a port"),
    )
    tls_bind: str = _key(
        "",
        "Address and port of the page with TLS, by the box's own authority; empty for none.",
        Pattern(r"|(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):[0-9]{1,5}", "an address and a port"),
    )
    names: str = _key("", "Further names that the page answers to, with spaces between them.")


@dataclass(frozen=True, slots=True)
class StateConfig:
    directory: str = _key("/var/lib/tipring/state", "Passwords and secrets; mode 0700.")
    control: str = _key("/run/tipring/control.sock", "The recorder's control socket.")


@dataclass(frozen=True, slots=True)
class EvidenceConfig:
    authority: str = _key(
        "",
        "A time-stamp authority (RFC 3161) by its address; once a day a hash is sent to it. Empty:"
        " none, nothing outside the box vouches for the age of its log.",
        Pattern(r"|https?://[^\s]+", "an http or https address, or nothing"),
    )
    authority_roots: str = _key(
        "", "A PEM file with the authority's root certificate; empty: the system's own."
    )


SIDES = Choice(("rule", "none", "incoming", "outgoing", "both"))


@dataclass(frozen=True, slots=True)
class ConsentConfig:
    place: str = _key(
        "PL",
        "Country, or 'US-' and the state: whose rule about recording holds. Not legal advice.",
        Pattern(r"[A-Z]{2}(-[A-Z]{2})?", "a country such as PL or a state such as US-CA"),
    )
    use: str = _key("home", "Who uses the telephone.", Choice(("home", "business")))
    announce: str = _key("rule", "Calls that are announced; 'rule': as the place wants it.", SIDES)
    beep: str = _key("none", "Calls with a beep every 15 s.", SIDES)
    announcement: str = _key("pl", "What is said: 'pl', 'en', or the path of your own WAV.")
    armed: str = _key(
        "no",
        "Where the box waits for an announcement (Germany, France): 'yes' once it is set up.",
        Choice(("no", "yes")),
    )
    never_recorded: str = _key("", "Numbers that are never recorded, with commas between them.")
    always_announced: str = _key("", "Numbers that are always announced to.")
    never_announced: str = _key("", "Numbers that are never announced to, where the place allows.")
    playout: str = _key(
        "",
        "The ALSA device that plays into the line, 'plughw:CARD=Zero' where the card is stereo"
        " only; empty: nothing is played.",
    )
    playout_gain_db: float = _key(0.0, "dBm on the line for 0 dBm0 of a sample.", Range(-40, 40))
    keys: str = _key(
        "off", "Whether codes dialled on the own telephone do something.", Choice(("off", "on"))
    )
    key_flag: str = _key("*7", "Flags the call.", Pattern(r"\*[0-9]", "* and a digit"))
    key_private: str = _key("*8", "Makes it private.", Pattern(r"\*[0-9]", "* and a digit"))
    key_announce: str = _key("*9", "Announces now.", Pattern(r"\*[0-9]", "* and a digit"))
    key_own_dbm0: float = _key(
        -14.0, "A digit below this level is taken for the far end's.", Range(-60, 3)
    )


@dataclass(frozen=True, slots=True)
class Config:
    """Everything the owner can choose; each section is a table of the file."""

    archive: ArchiveConfig = ArchiveConfig()
    audio: AudioConfig = AudioConfig()
    line: LineConfig = LineConfig()
    calls: CallsConfig = CallsConfig()
    alarms: AlarmsConfig = AlarmsConfig()
    retention: RetentionConfig = RetentionConfig()
    web: WebConfig = WebConfig()
    state: StateConfig = StateConfig()
    evidence: EvidenceConfig = EvidenceConfig()
    consent: ConsentConfig = ConsentConfig()

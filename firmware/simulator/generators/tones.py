"""Call progress tones, alerting tones and fax tones.

Sources: ITU-T E.180 and its list of national tones (Supplement 2), Bellcore GR-506 (US), BT SIN 350
(UK), GR-30 and EN 300 659 (CAS and DT-AS: 2130 and 2750 Hz), T.30 (CNG, CED), V.8 (ANSam).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from firmware.simulator.generators.dtmf import shaped
from firmware.simulator.generators.levels import Sound, amplitude


@dataclass(frozen=True, slots=True)
class Part:
    """Frequencies in Hz, sounded together for `on` seconds and followed by `off` seconds."""

    hertz: tuple[float, ...]
    on: float = math.inf
    off: float = 0.0


Cadence = tuple[Part, ...]

_PL = (425.0,)
_FR = (440.0,)
_SIT = ((950.0,), (1400.0,), (1800.0,))
_ALERT = (2130.0, 2750.0)

EVERYWHERE: Mapping[str, Cadence] = MappingProxyType(
    {
        "cas": (Part(_ALERT, 0.080, math.inf),),
        "dt-as": (Part(_ALERT, 0.100, math.inf),),
        "sit": (Part(_SIT[0], 0.33), Part(_SIT[1], 0.33), Part(_SIT[2], 0.33, 1.0)),
        "cng": (Part((1100.0,), 0.5, 3.0),),
        "ced": (Part((2100.0,)),),
        "howler": (Part((1400.0, 2060.0, 2450.0, 2600.0), 0.1, 0.1),),
    }
)
PLANS: Mapping[str, Mapping[str, Cadence]] = MappingProxyType(
    {
        "pl": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.5, 0.5),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.5, 0.5),),
        },
        "us": {
            "dial": (Part((350.0, 440.0)),),
            "busy": (Part((480.0, 620.0), 0.5, 0.5),),
            "ringback": (Part((440.0, 480.0), 2.0, 4.0),),
            "reorder": (Part((480.0, 620.0), 0.25, 0.25),),
        },
        "uk": {
            "dial": (Part((350.0, 440.0)),),
            "busy": (Part((400.0,), 0.375, 0.375),),
            "ringback": (Part((400.0, 450.0), 0.4, 0.2), Part((400.0, 450.0), 0.4, 2.0)),
            "reorder": (Part((400.0,), 0.4, 0.35), Part((400.0,), 0.225, 0.525)),
        },
        "de": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.48, 0.48),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.24, 0.24),),
        },
        "fr": {
            "dial": (Part(_FR),),
            "busy": (Part(_FR, 0.5, 0.5),),
            "ringback": (Part(_FR, 1.5, 3.5),),
            "reorder": (Part(_FR, 0.25, 0.25),),
        },
        "it": {
            "dial": (Part(_PL, 0.2, 0.2), Part(_PL, 0.6, 1.0)),
            "busy": (Part(_PL, 0.5, 0.5),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.2, 0.2),),
        },
        "es": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.2, 0.2),),
            "ringback": (Part(_PL, 1.5, 3.0),),
            "reorder": (Part(_PL, 0.2, 0.2), Part(_PL, 0.2, 0.2), Part(_PL, 0.2, 0.6)),
        },
        "nl": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.5, 0.5),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.25, 0.25),),
        },
        "se": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.25, 0.25),),
            "ringback": (Part(_PL, 1.0, 5.0),),
            "reorder": (Part(_PL, 0.25, 0.75),),
        },
        "cz": {
            "dial": (Part(_PL, 0.33, 0.33), Part(_PL, 0.66, 0.66)),
            "busy": (Part(_PL, 0.33, 0.33),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.165, 0.165),),
        },
        "sk": {
            "dial": (Part(_PL, 0.33, 0.33), Part(_PL, 0.66, 0.66)),
            "busy": (Part(_PL, 0.33, 0.33),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.165, 0.165),),
        },
        "ua": {
            "dial": (Part(_PL),),
            "busy": (Part(_PL, 0.35, 0.35),),
            "ringback": (Part(_PL, 1.0, 4.0),),
            "reorder": (Part(_PL, 0.175, 0.175),),
        },
    }
)
NAMES = ("dial", "busy", "ringback", "reorder", *EVERYWHERE)


def cadence(name: str, plan: str = "pl") -> Cadence:
    """The parts of a tone, which repeat. Raises ValueError for an unknown name or plan."""
    if plan not in PLANS:
        raise ValueError(f"no tone plan {plan!r}; expected one of {', '.join(PLANS)}")
    if name in EVERYWHERE:
        return EVERYWHERE[name]
    if name not in PLANS[plan]:
        raise ValueError(f"no tone {name!r}; expected one of {', '.join(NAMES)}")
    return PLANS[plan][name]


def tone(
    name: str,
    rate: int,
    duration: float,
    level_dbm0: float = -13.0,
    plan: str = "pl",
    deviation: float = 0.0,
) -> Sound:
    """`duration` seconds of a tone in its cadence; `level_dbm0` is that of each frequency."""
    count = round(duration * rate)
    sound = np.zeros(count)
    parts = cadence(name, plan)
    at, number = 0.0, 0
    while (first := round(at * rate)) < count:
        part = parts[number % len(parts)]
        end = count if math.isinf(part.on) else min(count, round((at + part.on) * rate))
        sound[first:end] = steady(part.hertz, end - first, rate, level_dbm0, deviation)
        at += part.on + part.off
        number += 1
        if math.isinf(at):
            break
    return sound


def steady(
    hertz: tuple[float, ...], count: int, rate: int, level_dbm0: float, deviation: float = 0.0
) -> Sound:
    """Frequencies together, each at `level_dbm0`, (count,) samples, with a rise of 1 ms."""
    angle = 2.0 * math.pi * (1.0 + deviation) * np.arange(count) / rate
    sound = np.zeros(count)
    for each in hertz:
        sound += np.sin(angle * each)
    return shaped(amplitude(level_dbm0) * sound, rate, 1.0)


def ansam(rate: int, duration: float, level_dbm0: float = -13.0) -> Sound:
    """The modem answer tone of V.8: 2100 Hz, reversed every 450 ms, its amplitude moved by 15 Hz.

    (duration * rate,) samples; the amplitude goes from 0.8 to 1.2 of its mean.
    """
    time = np.arange(round(duration * rate)) / rate
    sign = np.where(np.floor(time / 0.45) % 2 == 0, 1.0, -1.0)
    height = 1.0 + 0.2 * np.sin(2.0 * math.pi * 15.0 * time)
    sound = amplitude(level_dbm0) * sign * height * np.sin(2.0 * math.pi * 2100.0 * time)
    return shaped(sound, rate, 1.0)

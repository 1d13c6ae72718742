"""The process that systemd starts: the real sound card, the real pins, signals and exit code."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from typing import Any

from firmware.config import Config
from firmware.daemon.daemon import Daemon
from firmware.line.errors import ProfileError
from firmware.line.profile import HatProfile


def run(config: Config) -> int:
    """Record until SIGTERM or SIGINT: 0; 1 after a fault, so that it is started anew."""
    from firmware.audio.capture import AlsaCapture

    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    profile, pins = _hat(config)
    audio = config.audio
    source = AlsaCapture(audio.device, audio.rate, patient=True, channel=audio.channel)
    daemon = Daemon(config, source, profile, pins)
    daemon.start()
    print(f"tipring: line {config.line.id} is watched", flush=True)
    while not stop.wait(0.5) and not daemon.failed.is_set():
        continue
    daemon.stop()
    return 1 if daemon.failed.is_set() else 0


def _hat(config: Config) -> tuple[HatProfile, Callable[[], Any]]:
    """The profile and its pin factory; a wrong profile is told when the pins are wanted."""
    from firmware.line.factory import pin_factory

    try:
        return HatProfile.named(config.line.profile), lambda: pin_factory(config.line.pins)
    except ProfileError as error:
        wrong = error

    def refuse() -> Any:
        raise wrong

    return HatProfile.default(), refuse

"""`make run`: recorder and web page on a simulated line, until Ctrl-C.

The pins are gpiozero's mock pins and the sound is the simulator's; everything behind them is the
recorder itself. Calls stay in `var/` and are there at the next start.
"""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from firmware.archive.errors import ArchiveError
from firmware.config import ArchiveConfig, Config, StateConfig
from firmware.control import ControlError
from firmware.daemon import Daemon
from firmware.line.profile import HatProfile
from firmware.simulator.errors import SimulatorError
from firmware.simulator.pins import PinDriver, line_factory
from firmware.simulator.scenario import Scenario, load_scenario
from firmware.simulator.source import RealtimeSource
from firmware.simulator.steps import CallerIdBurst
from firmware.simulator.timeline import Timeline, build
from web.auth import SetupCode

ROOT = Path(__file__).resolve().parent.parent


def drive(pins: PinDriver, timeline: Timeline, started: float, stop: threading.Event) -> None:
    """Move the simulated line's pins at their times."""
    for edge in timeline.pins:
        if stop.wait(max(0.0, started + edge.time - time.monotonic())):
            return
        pins.apply(edge.pin, edge.active)


def start_page(bind: str, config: Config) -> subprocess.Popen[bytes]:
    """The page as a process of its own; Ctrl-C comes to it only through this one."""
    return subprocess.Popen(
        [sys.executable, "-m", "web.serve", "--bind", bind]
        + ["--archive", config.archive.directory, "--control", config.state.control]
        + ["--state", config.state.directory],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def start_evidence(config: Config, state: Path) -> subprocess.Popen[bytes]:
    """The process that seals the calls; it has a configuration as it has on the box."""
    path = state / "demo.toml"
    path.write_text(
        f'[archive]\ndirectory = "{config.archive.directory}"\n'
        f'[state]\ndirectory = "{config.state.directory}"\ncontrol = "{config.state.control}"\n'
    )
    return subprocess.Popen(
        [sys.executable, "-m", "firmware.cli", "evidence", "watch", "--config", str(path)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
    )


def as_now(scenario: Scenario, now: datetime) -> Scenario:
    """An exchange sends the time that it is: without NTP, the box's clock is set by it."""
    told = f"{now:%m%d%H%M}"
    steps = [
        replace(one, time=told) if isinstance(one, CallerIdBurst) and one.time else one
        for one in scenario.steps
    ]
    return replace(scenario, steps=tuple(steps))


def tell_how_to_log_in(bind: str, code: str | None, scenario: str) -> None:
    """What a person needs to know."""
    print(f"Tipring: http://{bind}/   simulated line: {scenario}", flush=True)
    if code:
        print(f"Log in: open the page, enter the one-time code {code}, choose a password.")
    else:
        print("Log in: with the password chosen before.")
    print("Ctrl-C stops both; the calls are kept.", flush=True)


def main() -> int:
    """Start both processes, wait for Ctrl-C, stop both."""
    parser = argparse.ArgumentParser("make run", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:8080", help="address and port of the page")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="where calls are kept")
    parser.add_argument("--scenario", default="demo", help="what the simulated line does")
    options = parser.parse_args()
    state = options.var / "state"
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    config = replace(
        Config(),
        archive=ArchiveConfig(str(options.var / "calls")),
        state=StateConfig(str(state), str(state / "control.sock")),
    )
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    try:
        timeline = build(as_now(load_scenario(options.scenario), datetime.now()))
        profile, factory = HatProfile.default(), line_factory()
        source, pins = RealtimeSource(timeline), PinDriver(profile, factory)
        code = SetupCode.ensure(state)
        daemon = Daemon(config, source, profile, lambda: factory)
        daemon.start()
    except (ArchiveError, ControlError, SimulatorError) as error:
        print(f"tipring: {error}", file=sys.stderr)
        return 1
    driver = threading.Thread(target=drive, args=(pins, timeline, source.started, stop))
    driver.start()
    page = start_page(options.bind, config)
    evidence = start_evidence(config, state)
    tell_how_to_log_in(options.bind, code, options.scenario)
    told = False
    while not stop.wait(0.5) and not daemon.failed.is_set():
        if page.poll() is not None and not told:
            told = True
            print("The page stopped (is the address in use?); the recorder goes on.", flush=True)
    stop.set()
    page.terminate()
    page.wait(timeout=10)
    driver.join()
    daemon.stop()
    evidence.terminate()
    evidence.wait(timeout=30)
    print("Stopped; the calls are kept in", config.archive.directory)
    return 1 if daemon.failed.is_set() else 0


if __name__ == "__main__":
    sys.exit(main())

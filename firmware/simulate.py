"""Scenarios through the whole recorder on a virtual clock: what `tipring simulate` does."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from firmware.archive import Archive
from firmware.archive.keeper import Keeper
from firmware.archive.recovery import recover
from firmware.archive.vault import Vault
from firmware.audio.frames import Period
from firmware.audio.levels import rms_dbm0
from firmware.audio.playout import Played
from firmware.config import Config
from firmware.consent_desk import ConsentDesk
from firmware.consent_terms import TermsBook
from firmware.events import LineEvent, OffHook, OnHook
from firmware.line.hook import settings_for
from firmware.line.lamps import Lamps
from firmware.line.monitor import LineMonitor
from firmware.line.profile import HatProfile
from firmware.line.vox import VoxDetector
from firmware.recorder import Recorder
from firmware.simulator.pins import PinDriver, line_factory
from firmware.simulator.playout import SimulatedPlayout
from firmware.simulator.scenario import Scenario
from firmware.simulator.source import SimulatedSource, VirtualClock
from firmware.simulator.timeline import build
from firmware.storage import vault_of

WALL_START = 1_767_225_600.0  # 2026-01-01 00:00 UTC: a run is repeatable


def _after_last(archive: Archive) -> float:
    """Unix seconds: an hour after the newest call, so that the calls of several runs are apart."""
    newest = archive.calls(limit=1)
    if not newest:
        return WALL_START
    return datetime.fromisoformat(newest[0]["started_at"]).timestamp() + 3600


def simulate(scenario: Scenario, directory: Path, config: Config | None = None) -> dict[str, Any]:
    """Run one scenario; the archive in `directory` is what a real call would have left."""
    config = config or Config()
    config = replace(config, line=replace(config.line, hook=scenario.hook))
    vox: VoxDetector | None = None
    if scenario.hook == "vox":
        vox = VoxDetector(config.line.vox_threshold_dbm0, config.line.vox_hang_s)
    clock = VirtualClock()
    timeline = build(scenario)
    source = SimulatedSource(timeline, clock)
    profile = HatProfile.default()
    factory = line_factory()
    vault = vault_of(config) if config.archive.sealed == "yes" else Vault()
    archive = Archive(directory, vault=vault)
    recover(archive)
    begun = _after_last(archive)
    terms = TermsBook(config, directory, source.rate)
    done: list[Played] = []
    playout = SimulatedPlayout(source, clock, done.append)
    desk = ConsentDesk(config, terms.terms, playout.play, playout.stop, clock)
    keeper = Keeper(archive, listen=desk.listen)
    recorder = Recorder(
        *(config, archive, source.rate),
        wall=lambda: begun + clock(),
        keeper=keeper,
        consent=desk,
    )
    for trouble in terms.refresh():
        recorder.hear(trouble)
    pins = PinDriver(profile, factory)

    def on_line(event: LineEvent) -> None:
        if vox is None or not isinstance(event, OffHook | OnHook):
            recorder.on_line(event)

    monitor = LineMonitor(profile, on_line, clock, factory, settings_for(config.line.flash))
    lamps = Lamps(profile, factory)
    edges = iter(timeline.pins)
    edge = next(edges, None)
    try:
        monitor.start()
        while (item := source.read()) is not None:
            end = item.time + (len(item.samples) if isinstance(item, Period) else 0) / source.rate
            while edge is not None and edge.time < end:
                clock.set(edge.time)
                monitor.poll(edge.time)
                pins.apply(edge.pin, edge.active)
                edge = next(edges, None)
            clock.set(end)
            if vox is not None and isinstance(item, Period):
                for event in vox.feed(rms_dbm0(item.samples), item.time):
                    recorder.on_line(event)
            recorder.on_audio(item)
            playout.poll()
            while done:
                recorder.played(done.pop(0))
            if vox is not None and recorder.machine.state == "idle":
                vox.release_call()
            monitor.poll(end)
        recorder.shutdown(clock())
        made = {"scenario": scenario.name, "audio_s": len(timeline.samples) / timeline.rate}
        return made | ({"alarms": recorder.alarms} if recorder.alarms else {})
    finally:
        vault.close()
        monitor.close()
        lamps.close()
        factory.close()

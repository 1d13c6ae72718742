"""Many boards on many lines: every quantity of the specification, its worst case found.

A run is a board with each part somewhere in its tolerance on a line somewhere in the ranges. The
corners of the line are among the first runs, so that no row depends on luck for its worst case.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from firmware.events import LineEvent, OffHook, OnHook, RingBurst, RingStarted
from firmware.line.gauge import VOLTS_PER_VOLT
from firmware.line.monitor import ONSET_S
from hardware.circuit.hat import hat
from hardware.simulation.bridge import events
from hardware.simulation.call import Script, Waves, play
from hardware.simulation.comparators import longest_high
from hardware.simulation.line import Line, Telephone, draw_line, within_current
from hardware.simulation.small_signal import SmallSignal, measure
from hardware.simulation.spice import draw_board
from hardware.simulation.surge import Stress, stresses
from hardware.simulation.table import Row, least, most

RINGS, LIFTS, END = (0.35, 1.0), (1.3, 1.8), 2.35
SEED = 20260
FCC = "47 CFR 68.312(b)(1)"


@dataclass(frozen=True, slots=True)
class Run:
    """What one board on one line did; margins in volts of the line."""

    small: SmallSignal
    off_margin_v: float
    on_margin_v: float
    ring_dip_s: float
    ring_margin: float
    speech_share: float
    line_ok_margin_v: float
    lift_s: float
    wrong: str
    loop_a: float


def corners() -> Iterator[Line]:
    """The ends of every range together: feed, cable, ringing, telephones."""
    weak, strong = Telephone(3.0, 50.0), Telephone(6.0, 250.0)
    for feed, km, ring, hertz, sets, lifted in itertools.product(
        (24.0, 60.0),
        (0.0, 8.0),
        (35.0, 90.0),
        (16.0, 67.0),
        ((strong,), (weak, weak, weak), (Telephone(0.0, 150.0),)),
        (1, 3),
    ):
        if lifted > len(sets):
            continue
        yield within_current(
            Line(feed, 400.0, km, ring, hertz, 500.0, 25.0, hertz > 20, sets, lifted, 0.6)
        )
    for feed in (45.0, 48.0, 50.0, 52.0):  # the swing of 35 V ringing as deep as the battery
        yield Line(feed, 400.0, 1.0, 35.0, 16.0, 500.0, 25.0, False, (strong,), 1, 0.6)


def one(number: int) -> Run:
    """Run `number`: the same board and line each time."""
    circuit = hat()
    rng = np.random.default_rng(SEED + number)
    board = draw_board(circuit, rng)
    line = draw_line(rng)
    line = dict(enumerate(corners())).get(number, line)
    speech = f"{line.speech_v:.4g}*(sin(6.2832*941*time)+sin(6.2832*140*time))"
    waves = play(circuit, board, line, Script(END, (RINGS,), (LIFTS,), speech))
    return _judge(line, waves, measure(circuit, board))


def _judge(line: Line, waves: Waves, small: SmallSignal) -> Run:
    volts = VOLTS_PER_VOLT
    levels, hookf = waves.levels, waves.hookf * volts
    lifted = waves.between(LIFTS[0] + 0.2, LIFTS[1])
    idle = [waves.between(0.2, 0.35), waves.between(1.2, 1.3), waves.between(2.1, END)]
    falling, rising = levels.offhook[1] * volts, levels.offhook[0] * volts
    found = events(waves)
    lift = next((event.time for event in found if isinstance(event, OffHook)), float("inf"))
    ring_ac = waves.ring_ac[waves.between(RINGS[0] + 0.3, RINGS[1])]
    return Run(
        small,
        off_margin_v=falling - float(np.max(hookf[lifted])),
        on_margin_v=min(float(np.min(hookf[part])) for part in idle) - rising,
        ring_dip_s=longest_high(waves.pins.offhook, RINGS[0], RINGS[1] + 0.1),
        ring_margin=float(np.max(ring_ac)) / levels.ring_n[0],
        speech_share=float(np.max(waves.ring_ac[lifted])) / levels.ring_n[0],
        line_ok_margin_v=float(np.min(hookf[lifted])) - levels.line_ok[0] * volts,
        lift_s=lift - LIFTS[0],
        wrong=_wrong(line, found),
        loop_a=line.loop_a(),
    )


def _wrong(line: Line, found: list[LineEvent]) -> str:
    kinds = [type(event) for event in found]
    if kinds != [RingStarted, RingBurst, OffHook, OnHook]:
        return f"{line}: {found}"
    burst, hung_up = found[1], found[3]
    assert isinstance(burst, RingBurst)
    if abs(burst.frequency - line.ring_hz) > 2.5 or abs(hung_up.time - LIFTS[1]) > 0.1:
        return f"{line}: {found}"
    return ""


def quiet_ring(number: int) -> int:
    """Edges of the ring pin on a line that rings with 15 V only; none are allowed."""
    circuit = hat()
    rng = np.random.default_rng(SEED + number)
    board, line = draw_board(circuit, rng), draw_line(rng)
    line = replace(line, ring_v=15.0)
    return len(play(circuit, board, line, Script(1.0, ((0.4, 1.0),))).pins.ring_n.edges)


def surged(number: int) -> list[Stress]:
    """Stresses on a board; the first has the least resistance before the thyristor."""
    circuit = hat()
    board = draw_board(circuit, np.random.default_rng(SEED + number))
    if number == 0:
        board = replace(board, thermistor_ohm=4.0, winding_f=90e-12)
    return stresses(circuit, board)


def workers() -> int:
    """How many simulations at once."""
    return max(1, min(4, len(os.sched_getaffinity(0))))


def rows(count: int, surges: int = 3) -> list[Row]:
    """Run `count` boards on lines and `surges` boards under surges; the table's rows."""
    with ProcessPoolExecutor(workers()) as pool:
        runs = list(pool.map(one, range(count), chunksize=4))
        faint = list(pool.map(quiet_ring, range(max(4, count // 10))))
        stress = [entry for board in pool.map(surged, range(surges)) for entry in board]
    return _line_rows(runs, faint) + _small_rows([run.small for run in runs]) + _surge_rows(stress)


def _line_rows(runs: list[Run], faint: list[int]) -> list[Row]:
    own, issue = "own goal", "issue 7"
    dips = [run.ring_dip_s for run in runs]
    wrong = [run.wrong for run in runs if run.wrong]
    for text in wrong[:3]:
        print(f"wrong: {text}")
    return [
        most(f"calls of {len(runs)} not told right by the firmware", 0, [len(wrong)], "", issue),
        least("off-hook below its threshold by", 0.3, [r.off_margin_v for r in runs], "V", own),
        least("on-hook above its threshold by", 3.0, [r.on_margin_v for r in runs], "V", own),
        most("ringing below it at a time; firmware waits", ONSET_S, dips, "s", issue),
        least("ringing over the ring threshold", 1.15, [r.ring_margin for r in runs], "x", issue),
        most("speech and DTMF of it", 0.2, [r.speech_share for r in runs], "x", issue),
        most(f"ring edges of 15 V ringing, {len(faint)} runs", 0, faint, "", own),
        least(
            "off-hook line above 'no line' by", 0.3, [r.line_ok_margin_v for r in runs], "V", own
        ),
        most("lift to OffHook", 0.1, [r.lift_s for r in runs], "s", own),
        least("least loop current tried", 0.0179, [min(r.loop_a for r in runs)], "A", issue),
        most("greatest loop current tried", 0.0601, [max(r.loop_a for r in runs)], "A", issue),
    ]


def _small_rows(small: list[SmallSignal]) -> list[Row]:
    def of(name: str) -> list[float]:
        return [getattr(entry, name) for entry in small]

    return [
        least("DC resistance up to 100 V", 5e6, of("dc_ohm"), "ohm", f"{FCC}(i)"),
        least("DC resistance up to 200 V", 30e3, of("dc_ohm_200"), "ohm", f"{FCC}(ii)"),
        least(
            "ringing impedance, 16-68 Hz", 4e3, of("ring_ohm"), "ohm", "ES 203 021 (value not read)"
        ),
        most(
            "ringer equivalence, 7 kohm / |Z|",
            0.25,
            [7e3 / z for z in of("ring_ohm")],
            "",
            "own goal",
        ),
        least("lead to Pi at 50 Hz", 100e3, of("lead_ohm"), "ohm", f"{FCC}(v)"),
        most("insertion loss, 200-4000 Hz, 600 ohm", 0.1, of("insertion_db"), "dB", "issue 7"),
        most("audio, 200-3600 Hz, against 1 kHz", 1.0, of("flat_db"), "dB", "issue 7"),
        least("audio level at the codec", -8.0, of("tap_db"), "dB", "the model settled"),
        least("common-mode rejection, audio, 50 Hz", 50, of("audio_cmrr_db"), "dB", "issue 7"),
        least("common-mode rejection, hook, 50 Hz", 50, of("sense_cmrr_db"), "dB", "issue 7"),
        most("injection, rail-to-rail square, 600 ohm", -9.0, of("inject_dbm"), "dBm", "issue 7"),
        most("of it at the codec's own input", 1.0, of("echo_v"), "V", "full scale of the codec"),
        most(
            "the same with the switch open", -30.0, of("leak_dbm"), "dBm", "own goal; DAC muted too"
        ),
    ]


def _surge_rows(found: list[Stress]) -> list[Row]:
    worst: dict[str, Stress] = {}
    for entry in found:
        if entry.part not in worst or entry.used > worst[entry.part].used:
            worst[entry.part] = entry
    return [
        Row(f"surge: {name}", entry.rating, entry.worst, entry.unit, entry.surge)
        for name, entry in worst.items()
    ]

"""`make hw`: builds and checks the HAT from source, and prints quantity, limit, worst case, margin.

python -m hardware               everything (10 to 20 minutes); 1 when a check or a row is missed
python -m hardware make          write the files that are made from the schematic
python -m hardware profile       print the firmware's HAT profile
python -m hardware eeprom FILE   write the ID EEPROM's image to FILE
python -m hardware simulate -n 20   only the simulation, with fewer runs
python -m hardware board         place and route anew (minutes); KiCad from Debian
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from hardware.circuit.exports import profile
from hardware.circuit.hat import hat
from hardware.circuit.rules import faults
from hardware.outputs import (
    BOARD,
    GERBERS,
    OUTPUT,
    PICTURES,
    ROOT,
    SETTINGS,
    make,
    pack,
    picture,
    stale,
    texts,
    unpacked,
)

BUILD = ROOT / "build" / "hw"
RUNS, SURGES = 500, 12
KICAD_PYTHON = "/usr/bin/python3"  # the only one that has KiCad's module
PACKAGES = (
    "ngspice|the simulation|command -v ngspice",
    "device-tree-compiler|the overlay|command -v dtc",
    "openscad|the case|command -v openscad",
    "xvfb|pictures of the case without a display|command -v xvfb-run",
    "xauth|pictures of the case without a display|command -v xauth",
    "librsvg2-bin|the schematic as PDF and PNG|command -v rsvg-convert",
    f"kicad|the board (460 MB)|{KICAD_PYTHON} -c 'import pcbnew'",
    "kicad-footprints|the board|test -d /usr/share/kicad/footprints",
    "kicad-symbols|pin numbers to compare with|test -d /usr/share/kicad/symbols",
    "gerbv|a picture of the Gerbers|command -v gerbv",
)
Check = tuple[str, list[str]]


def main() -> int:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(
        "python -m hardware", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "what", nargs="?", default="all",
        choices=("all", "make", "profile", "eeprom", "simulate", "board"),
    )  # fmt: skip
    parser.add_argument("file", nargs="?", type=Path)
    parser.add_argument("-n", "--runs", type=int, default=RUNS, help="boards on lines to simulate")
    options = parser.parse_args()
    tasks: dict[str, Callable[[], int]] = {
        "all": lambda: _all(options.runs),
        "make": _make,
        "profile": lambda: print(profile(hat()), end="") or 0,
        "eeprom": lambda: _eeprom(options.file),
        "simulate": lambda: _simulate(options.runs),
        "board": _board,
    }
    return tasks[options.what]()


def _make() -> int:
    from hardware.drawing.render import pdf

    for path in make(hat()):
        print(path.relative_to(ROOT))
    if shutil.which("rsvg-convert"):
        pdf(OUTPUT, OUTPUT / "schematic.pdf")
        print("hardware/output/schematic.pdf")
    else:
        print("schematic.pdf is as it was: rsvg-convert (Debian: librsvg2-bin) is missing")
    return 0


def _eeprom(target: Path | None) -> int:
    content = texts(hat())[OUTPUT / "tipring-hat.eep"]
    if target is None:
        print("python -m hardware eeprom FILE: the file is missing")
        return 2
    target.write_bytes(content)
    print(f"{target}: {len(content)} bytes")
    return 0


def _board() -> int:
    """Place, route, check, plot; then what of it is committed."""
    from hardware.case import check as case

    _install()
    command = [KICAD_PYTHON, "-m", "hardware.board.build", str(BOARD)]
    if subprocess.run(command, cwd=ROOT).returncode:
        return 1
    BUILD.mkdir(parents=True, exist_ok=True)
    wrong = _board_faults(fresh=True)
    GERBERS.write_bytes(pack(BUILD / "gerber"))
    for name in PICTURES:
        picture(BUILD / f"tipring-hat-{name}.svg", OUTPUT / f"board-{name}.png")
    case.pictures(OUTPUT)
    print("\n".join(wrong) or "no fault")
    return 1 if wrong else 0


def _install() -> None:
    from hardware.eeprom.check import PACKAGES as EEPROM_PACKAGES

    script = ROOT / "scripts" / "debian.sh"
    subprocess.run(["bash", str(script), "hw", *PACKAGES, *EEPROM_PACKAGES], check=True)


def _simulate(runs: int) -> int:
    from hardware.simulation.monte_carlo import rows
    from hardware.simulation.table import text

    found = rows(runs, max(2, min(SURGES, runs // 10)))
    print(text(found))
    missed = [row.quantity for row in found if not row.met]
    print(f"\n{len(found) - len(missed)} of {len(found)} rows met; missed: {missed or 'none'}")
    return 1 if missed else 0


def _all(runs: int) -> int:
    _install()
    BUILD.mkdir(parents=True, exist_ok=True)
    wrong = 0
    for name, found in _checks():
        print(f"{'ok    ' if not found else 'MISSED'}  {name}", flush=True)
        for line in found:
            print(f"        {line}")
        wrong += bool(found)
    print(f"\nsimulating {runs} boards on {runs} lines", flush=True)
    missed = _simulate(runs)
    print(f"\nFiles for a builder: {OUTPUT.relative_to(ROOT)} and {BUILD.relative_to(ROOT)}.")
    print("No board has been built: all of this is arithmetic, not measurement.")
    return 1 if wrong or missed else 0


def _checks() -> Iterator[Check]:
    from hardware.board import symbols
    from hardware.case import check as case
    from hardware.drawing.render import pdf
    from hardware.eeprom import check as eeprom
    from hardware.overlay import check as overlay

    circuit = hat()
    yield "electrical rules and the barrier, on the netlist", faults(circuit)
    yield (
        "committed files are what the schematic gives; sheets show the netlist",
        stale(circuit, BUILD),
    )
    yield "pin numbers against KiCad's symbols", symbols.faults(circuit)
    pdf(BUILD, BUILD / "schematic.pdf")
    yield "schematic as PDF", [] if (BUILD / "schematic.pdf").exists() else ["none was written"]
    yield "overlay compiled by dtc, read back against the schematic", overlay.faults(circuit, BUILD)
    image = texts(circuit)[OUTPUT / "tipring-hat.eep"]
    with tempfile.TemporaryDirectory() as folder:
        yield (
            "EEPROM image against Raspberry Pi's eepmake and eepdump",
            eeprom.faults(image, SETTINGS, Path(folder)),
        )
    yield "case: STL watertight and of the board's size", case.make(BUILD)
    case.pictures(BUILD)
    yield "board: KiCad's design rules, netlist, barrier, committed Gerbers", _board_faults()


def _board_faults(fresh: bool = False) -> list[str]:
    from hardware.board import geometry as g

    command = [KICAD_PYTHON, "-m", "hardware.board.check", str(BOARD), str(BUILD)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        return [done.stderr[-500:]]
    found = json.loads(done.stdout[done.stdout.index("{") :])
    wrong = [f"{count} x {kind}" for kind, count in found["rules"].items()]
    wrong += found["differs"]
    wrong += [f"{ref} bridges the barrier" for ref in found["bridging"]]
    if found["barrier_mm"] < g.BARRIER_MM:
        wrong.append(f"barrier {found['barrier_mm']:.2f} mm, between {found['barrier_between']}")
    if found["hole_mm"] < g.LINE_HOLE_MM:
        wrong.append(f"line copper {found['hole_mm']:.2f} mm from a mounting hole")
    if not fresh and unpacked(GERBERS.read_bytes()) != unpacked(pack(BUILD / "gerber")):
        wrong.append("the committed Gerbers are not the board's; run `python -m hardware board`")
    print(
        f"        barrier {found['barrier_mm']:.2f} mm (limit {g.BARRIER_MM}), mounting holes"
        f" {found['hole_mm']:.2f} mm (limit {g.LINE_HOLE_MM}), {found['tracks']} tracks and vias"
    )
    return wrong


if __name__ == "__main__":
    sys.exit(main())

"""`make bench [AREA=name]`: one JSON object a line as it is measured, a table at the end.

An area is a module of `scripts/bench/areas` with `measure()`, which yields rows, and, where it
needs Debian packages, `PACKAGES`: rows of "package|why|check" for `scripts/debian.sh`.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.bench.row import Row, table

HERE = Path(__file__).resolve().parent


def areas() -> list[str]:
    """The names of all areas, sorted."""
    return sorted(path.stem for path in (HERE / "areas").glob("[a-z]*.py"))


def main() -> int:
    """Measure; 1 where a goal is missed, so that a script can tell."""
    parser = argparse.ArgumentParser("make bench", description=__doc__)
    parser.add_argument("area", nargs="*", default=areas(), help=", ".join(areas()))
    options = parser.parse_args()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # figures are of one core
    for name in options.area:
        if name not in areas():
            parser.error(f"no area is called {name!r}; known: {', '.join(areas())}")
    rows: list[Row] = []
    for name in options.area:
        module = importlib.import_module(f"scripts.bench.areas.{name}")
        if packages := getattr(module, "PACKAGES", ()):
            command = ["bash", str(HERE.parent / "debian.sh"), "bench", *packages]
            subprocess.run(command, check=True)
        for row in module.measure():
            rows.append(row)
            print(json.dumps(row.as_json()), flush=True)
    print()
    print(table(rows))
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())

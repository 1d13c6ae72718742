"""`make fuzz [SECONDS=60] [TARGET=name]`: atheris throws mutated input at what the line can reach.

A target is a module of `scripts/fuzz` with `try_one(data)`, which raises where the product breaks
its word, and `seeds()`, input to begin with. What breaks is left in .cache/fuzz/TARGET.
"""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
CORPUS = HERE.parents[1] / ".cache" / "fuzz"
LONGEST_INPUT = 4096


def targets() -> list[str]:
    """The names of all targets, sorted."""
    return sorted(path.stem for path in HERE.glob("[a-z]*.py"))


def run_here(name: str, seconds: int) -> None:
    """Fuzz one target in this process; it never returns."""
    import atheris

    with atheris.instrument_imports(include=["firmware"]):
        target = importlib.import_module(f"scripts.fuzz.{name}")
    folder = CORPUS / name
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds()):
        (folder / f"seed-{number}").write_bytes(seed)
    options = [f"-max_total_time={seconds}", f"-max_len={LONGEST_INPUT}", "-verbosity=1"]
    options += [f"-artifact_prefix={folder}/", "-timeout=10", "-print_final_stats=1"]
    atheris.Setup([name, *options, str(folder)], target.try_one)
    atheris.Fuzz()


def main() -> int:
    """Each target in a process of its own; 1 where one of them broke."""
    parser = argparse.ArgumentParser("make fuzz", description=__doc__)
    parser.add_argument("target", nargs="*", default=targets(), help=", ".join(targets()))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in options.target:
        if name not in targets():
            parser.error(f"no target is called {name!r}; known: {', '.join(targets())}")
    if options.here:
        run_here(options.target[0], options.seconds)
    broke = []
    for name in options.target:
        print(f"fuzz: {name}, {options.seconds} s", flush=True)
        command = [sys.executable, "-m", "scripts.fuzz", name, "--here"]
        command += ["--seconds", str(options.seconds)]
        if subprocess.run(command, check=False).returncode:
            broke.append(name)
    print(f"fuzz: broke {', '.join(broke)}" if broke else "fuzz: nothing broke")
    return 1 if broke else 0


if __name__ == "__main__":
    sys.exit(main())

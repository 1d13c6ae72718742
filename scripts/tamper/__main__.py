"""`make tamper MUTATIONS=100000`: that many changes and as many honest bundles.

Ends with 0 where every change was found and no honest bundle was refused. Half of the changes are
to bundles, half to whole logs; a bundle's reader knows the box's fingerprint, as its owner does.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from multiprocessing import get_context

from scripts.tamper.run import run


def main() -> int:
    """0 where nothing was missed and nobody was wronged."""
    parser = argparse.ArgumentParser("make tamper", description=__doc__)
    parser.add_argument("--mutations", type=int, default=2000, help="how many changes")
    parser.add_argument("--honest", type=int, help="how many honest bundles (default: as many)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    options = parser.parse_args()
    honest = options.mutations if options.honest is None else options.honest
    jobs = []
    for kind, count in (("changes", options.mutations), ("honest", honest)):
        for begin in range(0, count, 1000):
            jobs.append((kind, options.seed + begin // 1000, min(1000, count - begin)))
    total: Counter[str] = Counter()
    wrong: list[str] = []
    began = time.monotonic()
    with get_context("spawn").Pool(options.jobs) as pool:
        for done, (tried, troubles) in enumerate(pool.imap(run, jobs), 1):
            total += tried
            wrong += troubles
            said = f"{done}/{len(jobs)} {time.monotonic() - began:.0f} s, {len(wrong)} wrong"
            print(said, file=sys.stderr, flush=True)
    for name, count in sorted(total.items()):
        print(f"{count:8}  {name}")
    changes = sum(count for name, count in total.items() if name != "honest bundles")
    print(f"{changes} changes and {total['honest bundles']} honest bundles: {len(wrong)} wrong")
    for line in wrong[:20]:
        print(line)
    return 1 if wrong or changes < options.mutations * 0.98 else 0


if __name__ == "__main__":
    sys.exit(main())

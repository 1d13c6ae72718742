"""The figures in the recorder's own words, which are English, in the page's language."""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as later

FIGURES = (
    (re.compile(r"(\d+) calls? cut off"), later("cut off by it: %(n)s")),
    (re.compile(r"(\d+) calls? completed"), later("completed: %(n)s")),
    (re.compile(r"(\d+) calls? entered again"), later("entered in the list again: %(n)s")),
    (re.compile(r"(\d+) calls? damaged"), later("damaged: %(n)s")),
    (re.compile(r"(\d+) s missing"), later("missing: %(n)s s")),
    (re.compile(r"(\d+) s of \d+ calls? could not be kept"), later("lost: %(n)s s")),
    (re.compile(r"of (\d+) calls? could not be kept"), later("calls that it was lost of: %(n)s")),
)


def figures(why: str) -> str:
    """Those that are in `why`, each with what it counts; "" where there are none."""
    found = ((pattern.search(why), said) for pattern, said in FIGURES)
    return ", ".join(str(said) % {"n": match[1]} for match, said in found if match)

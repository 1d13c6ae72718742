"""Why a bundle was refused, in the page's language: what kind of thing is wrong with it.

The exact reason is said in English beside it, with the names of the files, as the command says it.
"""

from __future__ import annotations

import re

from flask_babel import lazy_gettext as later

REASONS = (
    (
        r"packed|fill the disk|outside the folder|fixed place|link to another place|password"
        r"|not a name that a bundle has|in the ZIP twice|far more files",
        later(
            "The ZIP holds something that no bundle has and that could do harm when it is unpacked."
            " It was not unpacked. Do not open it."
        ),
    ),
    (
        r"cannot be opened as a ZIP|no bundle|is missing|cannot be read|is not there",
        later("It is not a whole bundle: it is damaged, cut off, or something else altogether."),
    ),
    (
        r"another box|of this key|not of this box's key|key was replaced|public key",
        later("It was not signed by the key that it names: key, list or log are of another box."),
    ),
    (
        r"revoked|expired|not good|not valid when"
        r"|not yet valid|not made for time-stamping|trusted ones",
        later("The certificate of the time-stamp authority was not good for this time-stamp."),
    ),
    (
        r"future|clock was turned|clock was set|before the entry|made before entry|later than the",
        later("Its times cannot be: a date lies in the future, or a clock was turned."),
    ),
    (
        r"time-stamp|stamped",
        later("A time-stamp in it does not hold: it was changed, or is over something else."),
    ),
    (
        r"swapped|handed out\.$|in the bundle twice|not the one that belongs"
        r"|not one that the log knows|of another call",
        later("A recording or a record is not the one that the box sealed: it was put in later."),
    ),
    (
        r"[Ee]ntry|entries|proof of something|log|list of what happened",
        later("The list of what was done with the call is not complete, or was changed."),
    ),
    (
        r"changed|added|removed|order|damaged|Something|is listed where|far larger"
        r"|that a bundle has",
        later("A file in it was changed, added, removed or put in another order."),
    ),
)
OTHER = later("It is not as a box handed it out.")


def reason(said: str) -> str:
    """The kind of what is wrong, in the page's language."""
    return str(next((words for form, words in REASONS if re.search(form, said)), OTHER))

"""The names of the files in a bundle: what is always there, and what a call or a stamp adds."""

from __future__ import annotations

import re

SUMS, PAGE_SUM, PAGE = "SHA256SUMS", "PAGE.sha256", "verify.html"
UNLISTED = (SUMS, f"{SUMS}.sig", PAGE_SUM, f"{PAGE_SUM}.sig", PAGE)  # not in the list of files
ENTRY = re.compile(r"log/entry-([0-9]{12})\.json")
STAMP = re.compile(
    r"stamps/([0-9]{12})/(head\.txt|head\.sig|token\.tsr|chain\.pem|crl\.pem|growth\.proof)"
)
CALL = re.compile(
    r"calls/([0-9]{3})/((?:record|marks|later|transcript)\.json|recording(-[0-9]+)?\.flac)"
)
_ROOT = ("READ-ME.txt", "box.pem", "cover.html", "cover.pdf", "log/head.txt", "log/head.sig")
REQUIRED = (*_ROOT, "verify.sh", *UNLISTED)

"""`python -m scripts.translations`: bring the catalogues up to date with the page and compile them.

English stands in the code; a new sentence appears in each catalogue as untranslated, and a test
fails until it is translated. The compiled catalogues are kept in the repository, so that an
installation needs no compiler.
"""

from __future__ import annotations

import io
import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

WEB = Path(__file__).resolve().parent.parent / "web"
LANGUAGES = ("pl",)
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "later": None, "ngettext": (1, 2)}


def template() -> Catalog:
    """Every sentence of the page."""
    made = Catalog(project="Tipring", version="", header_comment="# Tipring", fuzzy=False)
    found = extract_from_dir(
        WEB, METHODS, {"templates/**.html": {"trimmed": "true"}}, keywords=KEYWORDS
    )
    for name, _line, message, comments, context in found:
        made.add(message, None, [(name, None)], auto_comments=comments, context=context)
    return made


def path_of(language: str) -> Path:
    """The language's catalogue."""
    return WEB / f"translations/{language}/LC_MESSAGES/messages.po"


def read(language: str) -> Catalog:
    """The catalogue as it is kept; empty where there is none."""
    path = path_of(language)
    if not path.exists():
        return Catalog(locale=language, project="Tipring", version="", fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def compiled(catalog: Catalog) -> bytes:
    """The .mo of a catalogue."""
    made = io.BytesIO()
    write_mo(made, catalog)
    return made.getvalue()


def main() -> int:
    """Update, compile, and name what is not translated; 1 where anything is not."""
    sentences, missing = template(), 0
    for language in LANGUAGES:
        catalog = read(language)
        begun = catalog.creation_date
        catalog.update(sentences, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.creation_date = begun  # or every run would change the file
        path = path_of(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(file, catalog, sort_output=True, omit_header=False, width=100)
        path.with_suffix(".mo").write_bytes(compiled(catalog))
        for message in catalog:
            if message.id and not all(message.string if message.pluralizable else [message.string]):
                missing += 1
                print(f"{language}: not translated: {message.id!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())

"""Pages to print: the log's head, and the signing key. Plain HTML, nothing loaded from anywhere."""

from __future__ import annotations

from html import escape

from firmware.evidence import words
from firmware.evidence.head import SignedHead
from firmware.evidence.key import BoxKey

STYLE = """
body { font: 12pt/1.4 sans-serif; max-width: 17cm; margin: 1cm auto; color: #000; background: #fff }
h1 { font-size: 18pt } ol { columns: 3; font: bold 13pt monospace; padding-left: 2.2em }
pre { font-size: 9pt; white-space: pre-wrap; overflow-wrap: anywhere } .qr svg { width: 6cm; height: 6cm }
.warn { border: 2pt solid #000; padding: .5em 1em } section { break-after: page }
section:last-child { break-after: auto }
"""  # noqa: E501

HEAD_WORDS = {
    "pl": (
        "Stan dziennika nagrań",
        "Zachowaj tę kartkę poza urządzeniem: wydrukuj ją, wyślij pocztą lub sfotografuj. Kto ją"
        " ma, może później wykazać, że dziennik zawierał wtedy {size} wpisów i że żaden z nich nie"
        " został zmieniony, usunięty ani dodany. Kartka nie dowodzi, co nagrania mówią, ani że"
        " zegar urządzenia szedł dobrze.",
        "Dwanaście słów",
        "Sprawdzenie: tipring evidence check --words \"…\"",
    ),
    "en": (
        "State of the recording log",
        "Keep this sheet away from the box: print it, mail it or photograph it. Whoever holds it"
        " can show later that the log held {size} entries then, and that none of them was changed,"
        " removed or added. It does not prove what the recordings say, nor that the box's clock"
        " was right.",
        "Twelve words",
        "To check: tipring evidence check --words \"…\"",
    ),
}  # fmt: skip
KEY_WORDS = {
    "pl": (
        "Klucz podpisujący urządzenia",
        "TAJNE. Kto zna te słowa, może podpisywać w imieniu tego urządzenia. Schowaj kartkę w"
        " bezpiecznym miejscu, nie fotografuj jej i nie wysyłaj.",
        "Po wymianie karty lub urządzenia klucz odtwarza polecenie: tipring evidence restore-key",
        "Nazwa urządzenia (jawna)",
    ),
    "en": (
        "The box's signing key",
        "SECRET. Whoever knows these words can sign in this box's name. Keep the sheet in a safe"
        " place; do not photograph it and do not send it.",
        "After a new card or a new box, this restores the key: tipring evidence restore-key",
        "Name of the box (public)",
    ),
}


def head_page(signed: SignedHead) -> str:
    """The head as a QR code and 12 words, in Polish and in English."""
    text = words.head_text(signed)
    parts = []
    for language, (title, why, label, how) in HEAD_WORDS.items():
        parts.append(
            f'<section lang="{language}"><h1>{title}</h1><p>{why.format(size=signed.head.size)}</p>'
            f'<div class="qr">{words.qr_svg(text)}</div><h2>{label}</h2>'
            f"{_list(words.of_head(signed.head))}<pre>{escape(text)}</pre><p>{escape(how)}</p>"
            "</section>"
        )
    return _page("Tipring", parts)


def key_page(key: BoxKey) -> str:
    """The signing key as 24 words and a QR code, in Polish and in English."""
    said = words.of_bytes(key.seed)
    parts = []
    for language, (title, warning, how, label) in KEY_WORDS.items():
        parts.append(
            f'<section lang="{language}"><h1>{title}</h1><p class="warn">{warning}</p>'
            f'{_list(said)}<div class="qr">{words.qr_svg(said)}</div>'
            f"<p>{label}: <code>{key.public.box}</code></p><p>{escape(how)}</p></section>"
        )
    return _page("Tipring", parts)


def _list(said: str) -> str:
    return "<ol>" + "".join(f"<li>{word}</li>" for word in said.split()) + "</ol>"


def _page(title: str, parts: list[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        f"<style>{STYLE}</style></head><body>{''.join(parts)}</body></html>\n"
    )

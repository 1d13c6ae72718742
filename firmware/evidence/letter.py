"""A ready letter to somebody who goes on calling, to be read, signed and sent by its owner.

The law it names is in `LAWS` with its source. It is a letter and not legal advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import Final

from firmware.evidence.stop import StopFile

KINDS: Final = ("telemarketer", "collector")

# (language, kind): what the letter rests on. Sources beside each.
LAWS: Final[dict[tuple[str, str], tuple[str, ...]]] = {
    ("pl", "telemarketer"): (
        # Dz.U. 2024 poz. 1221
        "art. 398 ustawy z dnia 12 lipca 2024 r. – Prawo komunikacji elektronicznej (zakaz"
        " marketingu bezpośredniego przez telefon bez uprzedniej zgody)",
        # OJ L 119, 4.5.2016
        "art. 21 ust. 2 i 3 rozporządzenia (UE) 2016/679 (RODO): sprzeciw wobec przetwarzania"
        " danych na potrzeby marketingu bezpośredniego",
    ),
    ("pl", "collector"): (
        "art. 21 ust. 1 i art. 18 rozporządzenia (UE) 2016/679 (RODO): sprzeciw i żądanie"
        " ograniczenia przetwarzania numeru telefonu",
        # Dz.U. 1964 nr 16 poz. 93
        "art. 23 i 24 Kodeksu cywilnego (ochrona dóbr osobistych)",
    ),
    ("en", "telemarketer"): (
        "article 21(2) and (3) of the GDPR (Regulation (EU) 2016/679, and the UK GDPR): the right"
        " to object to direct marketing",
        # SI 2003/2426
        "in the United Kingdom, regulation 21 of the Privacy and Electronic Communications (EC"
        " Directive) Regulations 2003",
        # 47 CFR 64.1200(d)
        "in the United States, 47 CFR 64.1200(d): a do-not-call request has to be honoured",
    ),
    ("en", "collector"): (
        "article 21(1) and article 18 of the GDPR (Regulation (EU) 2016/679, and the UK GDPR)",
        # 15 U.S.C. 1692c(c); 12 CFR 1006.14
        "in the United States, 15 U.S.C. 1692c(c) (a written notice to cease communication) and"
        " 12 CFR 1006.14 (repeated calls)",
    ),
}  # fmt: skip

TEXTS: Final[dict[str, dict[str, str]]] = {
    "pl": {
        "title": "Wezwanie do zaprzestania połączeń telefonicznych",
        "opening": "Wzywam do zaprzestania połączeń na mój numer z numeru {number} i z innych"
        " numerów używanych przez Państwa lub na Państwa zlecenie.",
        "asked": "O zaprzestanie połączeń prosiłam/prosiłem:",
        "since": "Od tego czasu Państwo zadzwonili jeszcze {count} razy:",
        "none": "Od tego czasu nie odnotowano dalszych połączeń.",
        "rests": "Podstawa żądania:",
        "wants": "Proszę o pisemne potwierdzenie w terminie 14 dni oraz o informację, skąd Państwo"
        " mają mój numer (art. 15 ust. 1 lit. g RODO).",
        "kept": "Połączenia są nagrane, a nagrania zabezpieczone podpisem elektronicznym i"
        " znacznikami kolejności; mogą zostać przedstawione organom i sądowi.",
        "sign": "podpis",
        "note": "Projekt pisma przygotowany przez urządzenie. To nie jest porada prawna:"
        " przeczytaj, popraw i podpisz.",
        "answered": "odebrane",
        "missed": "nieodebrane",
    },
    "en": {
        "title": "Notice to stop calling",
        "opening": "Stop calling my number from {number} and from any other number that you, or"
        " others on your behalf, use.",
        "asked": "I asked you to stop on:",
        "since": "Since then you have called {count} more times:",
        "none": "No further calls have been counted since.",
        "rests": "This demand rests on:",
        "wants": "Confirm in writing within 14 days, and say where you have my number from (article"
        " 15(1)(g) GDPR, where it applies).",
        "kept": "The calls are recorded. The recordings are sealed with an electronic signature and"
        " numbered without a gap; they can be put before authorities and courts.",
        "sign": "signature",
        "note": "A draft made by the box. It is not legal advice: read it, correct it and sign it.",
        "answered": "answered",
        "missed": "missed",
    },
}
STYLE = (
    "body{font:12pt/1.5 serif;max-width:17cm;margin:1.5cm auto;color:#000;background:#fff}"
    "pre{font:inherit;white-space:pre-wrap}h1{font-size:15pt}.right{text-align:right}"
    ".sign{text-align:right;margin-top:2cm}"
    ".draft{border:1px solid #000;padding:.5em;font-size:10pt}"
    "@media print{.draft{display:none}}"
)


@dataclass(frozen=True, slots=True)
class Parties:
    """Addresses as lines of text; `place`: where the letter is written."""

    sender: str = ""
    recipient: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter's parts in their order; `note` is for its owner and is not printed."""

    language: str
    note: str
    where: str
    sender: str
    recipient: str
    title: str
    opening: str
    asked: str
    times: list[str]
    since: str
    later: list[str]
    rests: str
    laws: list[str]
    closing: list[str]
    sign: str


def written(file: StopFile, language: str, kind: str, parties: Parties, today: date) -> Letter:
    """The letter. Raises KeyError for a language or kind without one."""
    text, laws = TEXTS[language], LAWS[language, kind]
    later = [f"{_shown(one.started)} – {text.get(one.outcome, one.outcome)}" for one in file.later]
    return Letter(
        language=language,
        note=text["note"],
        where=", ".join(filter(None, (parties.place, str(today)))),
        sender=parties.sender,
        recipient=parties.recipient,
        title=text["title"],
        opening=text["opening"].format(number=file.number),
        asked=text["asked"],
        times=[_asked(at, words) for _, at, words in file.asked],
        since=text["since"].format(count=len(later)) if later else text["none"],
        later=later,
        rests=text["rests"],
        laws=list(laws),
        closing=[text["wants"], text["kept"]],
        sign=text["sign"],
    )


def letter(file: StopFile, language: str, kind: str, parties: Parties, today: date) -> str:
    """The letter as an HTML page to print. Raises KeyError for a language or kind without one."""
    made = written(file, language, kind, parties, today)
    parts = [
        f"<p class=draft>{escape(made.note)}</p>",
        f"<p class=right>{escape(made.where)}</p>",
        f"<pre>{escape(made.sender)}</pre><pre>{escape(made.recipient)}</pre>",
        f"<h1>{escape(made.title)}</h1>",
        f"<p>{escape(made.opening)}</p>",
        f"<p>{escape(made.asked)}</p>{_list(made.times)}",
        f"<p>{escape(made.since)}</p>{_list(made.later) if made.later else ''}",
        f"<p>{escape(made.rests)}</p>{_list(made.laws)}",
        *(f"<p>{escape(said)}</p>" for said in made.closing),
        f"<p class=sign>.............................<br>{escape(made.sign)}</p>",
    ]
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        f"<title>{escape(made.title)}</title><style>{STYLE}</style></head>"
        f"<body>{''.join(parts)}</body></html>\n"
    )


def _asked(at: str, words: str) -> str:
    return f"{_shown(at)}: „{words}”" if words else _shown(at)


def _list(items: list[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def _shown(started: str) -> str:
    try:
        return f"{datetime.fromisoformat(started).astimezone():%Y-%m-%d %H:%M}"
    except ValueError:
        return started

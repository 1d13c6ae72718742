"""What the cover sheet and the read-me say, in Polish and in English."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("pl", "en")

TEXTS: Final[dict[str, dict[str, str]]] = {
    "pl": {
        "title": "Nagranie rozmowy telefonicznej",
        "title-many": "Nagrania rozmów telefonicznych",
        "call": "Rozmowa {number} z {count}",
        "case": "Sprawa",
        "notes": "Notatki właściciela",
        "id": "Numer w urządzeniu",
        "sequence": "Kolejny numer rozmowy na linii",
        "direction": "Kierunek",
        "incoming": "przychodząca",
        "outgoing": "wychodząca",
        "unknown": "nieznany",
        "who": "Numer drugiej strony",
        "name": "Nazwa",
        "withheld": "zastrzeżony",
        "not-told": "nie podano",
        "outcome": "Przebieg",
        "answered": "odebrana",
        "missed": "nieodebrana",
        "private": "prywatna (bez dźwięku)",
        "unfinished": "przerwana (brak zasilania lub awaria)",
        "line-cut": "linia została przerwana",
        "off-hook-too-long": "słuchawka odłożona zbyt późno",
        "never-recorded": "bez nagrywania (wybór właściciela)",
        "started": "Początek (zegar urządzenia)",
        "clock": "Źródło czasu",
        "ntp": "internet (NTP)",
        "rtc": "zegar sprzętowy",
        "caller-id": "identyfikacja numeru",
        "none": "nie sprawdzone",
        "length": "Długość nagrania",
        "no-audio": "bez dźwięku",
        "gaps": "Luki w nagraniu",
        "no-gaps": "brak",
        "gap": "{count} próbek od {at}",
        "marks": "Oznaczenia (▲)",
        "no-marks": "brak",
        "note": "Notatka",
        "sha-audio": "SHA-256 nagrania",
        "sha-record": "SHA-256 opisu",
        "entry": "Wpis w dzienniku",
        "entry-value": "nr {entry} z {size}, wpisano {at}",
        "late": "nr {entry} z {size}, wpisano dopiero {at} (rozmowa jest starsza niż dziennik)",
        "existed": "Istniało nie później niż",
        "existed-value": "{at}, według urzędu znacznika czasu: {authority}",
        "existed-not": "brak znacznika czasu spoza urządzenia",
        "waveform": "Przebieg dźwięku",
        "transcript": "Zapis tekstowy (wykonany przez program; rozstrzyga nagranie)",
        "access": "Co działo się z nagraniem",
        "when": "Kiedy",
        "what": "Co",
        "number": "Wpis",
        "recorded": "nagrano",
        "not-recorded": "odnotowano bez dźwięku",
        "played": "odtworzono",
        "exported": "wydano na zewnątrz",
        "flagged": "oznaczono",
        "noted": "zmieniono notatkę",
        "held": "zabezpieczono przed usunięciem",
        "released": "zdjęto zabezpieczenie",
        "corrected": "dodano sprostowanie",
        "deleted": "usunięto",
        "erased": "zniszczono",
        "consent": "zgoda lub zapowiedź",
        "box": "Urządzenie (odcisk klucza)",
        "head": "Stan dziennika",
        "head-value": "{size} wpisów, podpisano {at}",
        "words": "Stan dziennika w 12 słowach",
        "proves-title": "Czego to dowodzi",
        "proves": "Że pliki są dokładnie takie, jakie urządzenie zapisało i podpisało; że ich wpisy"
        " stoją w dzienniku, z którego niczego nie usunięto ani nie zmieniono; a tam, gdzie jest"
        " znacznik czasu, że istniały nie później niż w podanej chwili.",
        "not-title": "Czego to nie dowodzi",
        "not": "Kto mówi. Że to, co powiedziano, jest prawdą. Że zegar urządzenia szedł dobrze."
        " Że właściciel urządzenia nie podał mu innego dźwięku niż dźwięk linii. Czy wolno było"
        " nagrywać. Kto ma klucz urządzenia, mógł utworzyć cały dziennik na nowo, dopóki jego stan"
        " nie został oznaczony czasem, wydrukowany lub wysłany.",
        "check-title": "Jak sprawdzić",
        "check": "Otwórz verify.html w przeglądarce (bez internetu) albo uruchom: sh verify.sh"
        " (wystarczą sha256sum i openssl). Porównaj odcisk klucza z wydrukiem właściciela.",
    },
    "en": {
        "title": "Recording of a telephone call",
        "title-many": "Recordings of telephone calls",
        "call": "Call {number} of {count}",
        "case": "Case",
        "notes": "The owner's notes",
        "id": "Number in the box",
        "sequence": "Running number of the call on its line",
        "direction": "Direction",
        "incoming": "incoming",
        "outgoing": "outgoing",
        "unknown": "unknown",
        "who": "The other side's number",
        "name": "Name",
        "withheld": "withheld",
        "not-told": "not told",
        "outcome": "What became of it",
        "answered": "answered",
        "missed": "missed",
        "private": "private (no sound)",
        "unfinished": "broken off (power cut or fault)",
        "line-cut": "the line was cut",
        "off-hook-too-long": "left off the hook too long",
        "never-recorded": "not recorded (the owner's choice)",
        "started": "Began (the box's clock)",
        "clock": "Where the time is from",
        "ntp": "the internet (NTP)",
        "rtc": "a hardware clock",
        "caller-id": "caller ID",
        "none": "not checked",
        "length": "Length of the recording",
        "no-audio": "no sound",
        "gaps": "Gaps in the recording",
        "no-gaps": "none",
        "gap": "{count} samples from {at}",
        "marks": "Marks (▲)",
        "no-marks": "none",
        "note": "Note",
        "sha-audio": "SHA-256 of the recording",
        "sha-record": "SHA-256 of the record",
        "entry": "Entry in the log",
        "entry-value": "no. {entry} of {size}, entered {at}",
        "late": "no. {entry} of {size}, entered only on {at} (the call is older than the log)",
        "existed": "Existed no later than",
        "existed-value": "{at}, by the time-stamp authority {authority}",
        "existed-not": "no time-stamp from outside the box",
        "waveform": "Waveform",
        "transcript": "Transcript (made by a program; the recording decides)",
        "access": "What happened to the recording",
        "when": "When",
        "what": "What",
        "number": "Entry",
        "recorded": "recorded",
        "not-recorded": "entered without sound",
        "played": "played",
        "exported": "handed out",
        "flagged": "flagged",
        "noted": "note changed",
        "held": "held against deletion",
        "released": "hold lifted",
        "corrected": "correction added",
        "deleted": "deleted",
        "erased": "erased",
        "consent": "consent or announcement",
        "box": "Box (fingerprint of its key)",
        "head": "State of the log",
        "head-value": "{size} entries, signed {at}",
        "words": "State of the log in 12 words",
        "proves-title": "What this proves",
        "proves": "That the files are exactly those that the box stored and signed; that their"
        " entries stand in a log from which nothing was removed and in which nothing was changed;"
        " and, where there is a time-stamp, that they existed no later than its time.",
        "not-title": "What this does not prove",
        "not": "Who is speaking. That what was said is true. That the box's clock was right. That"
        " the owner of the box did not feed it other sound than the line's. Whether the recording"
        " was allowed. Whoever has the box's key could have made the whole log anew until its"
        " state was time-stamped, printed or sent away.",
        "check-title": "How to check",
        "check": "Open verify.html in a browser (no internet needed), or run: sh verify.sh"
        " (sha256sum and openssl are enough). Compare the key's fingerprint with the owner's"
        " printed sheet.",
    },
}

READ_ME: Final = """\
TIPRING

PL  Ta paczka zawiera nagranie rozmowy telefonicznej i dowody, że nie zostało zmienione.
    1. cover.pdf (lub cover.html): co to za rozmowa i czego dowodzi paczka.
    2. verify.html: otwórz w przeglądarce. Strona sprawdza się sama, bez internetu.
    3. verify.sh: to samo bez naszych programów: sh verify.sh
       (sha256sum oraz openssl w wersji 3 lub nowszej).
    4. calls/001/recording.flac: nagranie.
    Niczego nie zmieniaj: otwarcie i zapisanie pliku innym programem go zmienia.

EN  This bundle holds the recording of a telephone call and the proofs that it was not changed.
    1. cover.pdf (or cover.html): which call it is, and what the bundle proves.
    2. verify.html: open it in a browser. The page checks itself, without internet.
    3. verify.sh: the same without any program of ours: sh verify.sh
       (sha256sum, and openssl 3 or newer).
    4. calls/001/recording.flac: the recording.
    Change nothing: opening a file and saving it with another program changes it.
"""

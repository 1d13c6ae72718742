"""The letter as a PDF to sign and send (fpdf2, with the cover sheet's font)."""

from __future__ import annotations

from firmware.evidence.bundle.cover_pdf import FONT, drawable
from firmware.evidence.letter import Letter

SIZE = 11.0
LINE_MM = 5.6


def document(letter: Letter) -> bytes:
    """The PDF; without the note to the letter's owner."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_margins(25, 22, 25)
    pdf.set_auto_page_break(True, 22)
    pdf.add_font("sans", fname=FONT)
    pdf.set_lang(letter.language)
    pdf.set_title(letter.title)
    pdf.add_page()

    def said(text: str, align: str = "L", size: float = SIZE, after: float = 3.0) -> None:
        if text:
            pdf.set_font("sans", size=size)
            pdf.multi_cell(
                0, LINE_MM * size / SIZE, drawable(text), align=align, new_x="LMARGIN", new_y="NEXT"
            )
        pdf.ln(after)

    def listed(items: list[str]) -> None:
        for item in items:
            said(f"– {item}", after=0.5)
        pdf.ln(2.5)

    said(letter.where, "R", after=6)
    said(letter.sender, after=4)
    said(letter.recipient, after=8)
    said(letter.title, size=14, after=4)
    said(letter.opening)
    said(letter.asked, after=1)
    listed(letter.times)
    said(letter.since, after=1 if letter.later else 3)
    if letter.later:
        listed(letter.later)
    said(letter.rests, after=1)
    listed(letter.laws)
    for text in letter.closing:
        said(text)
    pdf.ln(14)
    said(".............................", "R", after=0)
    said(letter.sign, "R")
    return bytes(pdf.output())

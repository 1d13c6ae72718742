"""The cover sheet as a PDF to print and file (fpdf2; a font with Polish letters comes with it)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from firmware.evidence.bundle.cover import Part, Sheet, clock

FONT = Path(__file__).parent / "fonts" / "DejaVuSans-subset.ttf"
LABEL_MM = 58.0
WAVE_MM = 24.0


def document(sheets: Iterable[Sheet], at: float) -> bytes:
    """The PDF; `at`: its date, Unix seconds."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime.fromtimestamp(at, UTC))
    pdf.set_margins(18, 16, 18)
    pdf.set_auto_page_break(True, 18)
    pdf.add_font("sans", fname=FONT)
    for sheet in sheets:
        pdf.set_lang(sheet.language)
        pdf.add_page()
        _text(pdf, sheet.title, 17)
        pdf.ln(2)
        _rows(pdf, sheet.intro)
        for part in sheet.parts:
            _part(pdf, part, sheet.labels, len(sheet.parts) > 1)
        for title, said in sheet.closing:
            pdf.ln(2.5)
            _text(pdf, title, 10.5)
            _text(pdf, said, 9)
    return bytes(pdf.output())


def _text(pdf: Any, said: str, size: float) -> None:
    pdf.set_font("sans", size=size)
    pdf.multi_cell(0, size * 0.48, drawable(said), align="L", new_x="LMARGIN", new_y="NEXT")


def drawable(said: str) -> str:
    """Without the control characters that a PDF cannot show."""
    return re.sub(r"[^\n\x20-\U0010ffff]", " ", said)


def _rows(pdf: Any, rows: Iterable[tuple[str, str]]) -> None:
    pdf.set_font("sans", size=9)
    for label, value in rows:
        _row(pdf, (label, value), (LABEL_MM, pdf.epw - LABEL_MM), (90, 0))


def _row(
    pdf: Any, cells: tuple[str, ...], widths: tuple[float, ...], grey: tuple[int, ...]
) -> None:
    """Cells beside each other, a hair line under the tallest."""
    height = 4.4
    said = [drawable(cell) for cell in cells]
    lines = max(
        len(pdf.multi_cell(width, height, cell, dry_run=True, output="LINES"))
        for cell, width in zip(said, widths, strict=True)
    )
    if pdf.will_page_break(lines * height + 1.2):
        pdf.add_page()
    left, top = pdf.l_margin, pdf.get_y()
    for cell, width, shade in zip(said, widths, grey, strict=True):
        pdf.set_xy(left, top + 0.5)
        pdf.set_text_color(shade)
        pdf.multi_cell(
            width, height, cell, align="L", wrapmode="CHAR" if " " not in cell else "WORD"
        )
        left += width
    bottom = top + lines * height + 1.2
    pdf.set_draw_color(200)
    pdf.set_line_width(0.15)
    pdf.line(pdf.l_margin, bottom, pdf.l_margin + pdf.epw, bottom)
    pdf.set_text_color(0)
    pdf.set_xy(pdf.l_margin, bottom)


def _part(pdf: Any, part: Part, labels: dict[str, str], titled: bool) -> None:
    pdf.ln(4)
    if titled:
        _text(pdf, part.title, 12.5)
        pdf.ln(1)
    _rows(pdf, part.rows)
    if part.peaks:
        pdf.ln(2.5)
        _text(pdf, labels["waveform"], 10.5)
        _waveform(pdf, part)
    if part.transcript:
        pdf.ln(2.5)
        _text(pdf, labels["transcript"], 10.5)
        _text(pdf, "\n".join(part.transcript), 9)
    pdf.ln(2.5)
    _text(pdf, labels["access"], 10.5)
    pdf.set_font("sans", size=9)
    widths = (20.0, 60.0, pdf.epw - 80.0)
    _row(pdf, tuple(labels[name] for name in ("number", "when", "what")), widths, (90, 90, 90))
    for row in part.access:
        _row(pdf, row, widths, (0, 0, 0))


def _waveform(pdf: Any, part: Part) -> None:
    if pdf.will_page_break(WAVE_MM + 8):
        pdf.add_page()
    left, top, width = pdf.l_margin, pdf.get_y() + 1, pdf.epw
    pdf.set_fill_color(244, 246, 248)
    pdf.rect(left, top, width, WAVE_MM, style="F")
    middle, step = top + WAVE_MM / 2, width / len(part.peaks)
    pdf.set_draw_color(27, 79, 143)
    pdf.set_line_width(step * 0.8)
    for place, peak in enumerate(part.peaks):
        x, half = left + (place + 0.5) * step, max(0.08, peak * WAVE_MM * 0.47)
        pdf.line(x, middle - half, x, middle + half)
    pdf.set_draw_color(200, 0, 0)
    pdf.set_fill_color(200, 0, 0)
    pdf.set_line_width(0.3)
    for mark in part.marks_s:
        if part.duration_s and 0 <= mark <= part.duration_s:
            x = left + mark / part.duration_s * width
            pdf.line(x, top, x, top + WAVE_MM)
            below = top + WAVE_MM
            pdf.polygon([(x, below), (x - 1, below + 1.8), (x + 1, below + 1.8)], style="F")
    pdf.set_xy(left, top + WAVE_MM + 1.8)
    pdf.set_font("sans", size=8)
    pdf.cell(width / 2, 4, "0:00.0")
    pdf.cell(width / 2, 4, clock(part.duration_s), align="R", new_x="LMARGIN", new_y="NEXT")

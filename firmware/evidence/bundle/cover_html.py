"""The cover sheet as one HTML page: both languages, the waveform as SVG, nothing loaded."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from firmware.evidence.bundle.cover import Part, Sheet, clock

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
STYLE = """
body{font:11pt/1.45 "DejaVu Sans",Verdana,sans-serif;max-width:19cm;margin:1cm auto;padding:0 .5cm;
color:#111;background:#fff}
h1{font-size:19pt;margin:.2em 0 .6em}h2{font-size:13pt;margin:1.4em 0 .4em}
h3{font-size:11pt;margin:1.2em 0 .3em}
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;
border-bottom:1px solid #ccc;padding:.25em .6em .25em 0;overflow-wrap:anywhere}
th{width:34%;font-weight:normal;color:#444}thead th{width:auto;color:#111}
svg{width:100%;height:3.2cm;background:#f4f6f8}pre{white-space:pre-wrap;font:inherit}
section+section{border-top:3px double #111;margin-top:1.5cm;padding-top:.6cm}
@media print{section+section{break-before:page;border:0;margin:0}}
"""


def page(sheets: Iterable[Sheet]) -> str:
    """The whole page."""
    body = "".join(_sheet(sheet) for sheet in sheets)
    return (
        '<!doctype html>\n<html lang="pl"><head><meta charset="utf-8"><title>Tipring</title>'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def _sheet(sheet: Sheet) -> str:
    parts = "".join(_part(part, sheet.labels, len(sheet.parts) > 1) for part in sheet.parts)
    closing = "".join(
        f"<h3>{escape(title)}</h3><p>{escape(said)}</p>" for title, said in sheet.closing
    )
    return (
        f'<section lang="{sheet.language}"><h1>{escape(sheet.title)}</h1>'
        f"{_rows(sheet.intro)}{parts}{closing}</section>"
    )


def _rows(rows: Iterable[tuple[str, str]]) -> str:
    lines = "".join(
        f"<tr><th>{escape(label)}</th><td>{_lines(value)}</td></tr>" for label, value in rows
    )
    return f"<table>{lines}</table>"


def _lines(value: str) -> str:
    return escape(value).replace("\n", "<br>")


def _part(part: Part, labels: dict[str, str], titled: bool) -> str:
    made = f"<h2>{escape(part.title)}</h2>" if titled else "<h2></h2>"
    made += _rows(part.rows)
    if part.peaks:
        made += f"<h3>{escape(labels['waveform'])}</h3>{_waveform(part)}"
    if part.transcript:
        said = escape("\n".join(part.transcript))
        made += f"<h3>{escape(labels['transcript'])}</h3><pre>{said}</pre>"
    head = "".join(f"<th>{escape(labels[name])}</th>" for name in ("number", "when", "what"))
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in part.access
    )
    made += f"<h3>{escape(labels['access'])}</h3><table><thead><tr>{head}</tr></thead>"
    return made + f"<tbody>{rows}</tbody></table>"


def _waveform(part: Part) -> str:
    width, height = len(part.peaks), 100
    middle = height / 2
    path = "".join(
        f"M{x + 0.5:g} {middle - peak * middle * 0.94 - 0.3:.1f}V{middle + peak * middle * 0.94 + 0.3:.1f}"  # noqa: E501
        for x, peak in enumerate(part.peaks)
    )
    marks = "".join(
        f'<path d="M{mark / part.duration_s * width:.1f} 0V100" stroke="#c00" stroke-width="1.5"/>'
        for mark in part.marks_s
        if part.duration_s and 0 <= mark <= part.duration_s
    )
    label = f"0:00 - {clock(part.duration_s)}"
    return (
        f'<svg viewBox="0 0 {width} {height}" preserveAspectRatio="none" role="img"'
        f' aria-label="{label}"><path d="{path}" stroke="#1b4f8f" stroke-width="1"/>{marks}</svg>'
        f"<div>{label}</div>"
    )

"""A small picture of curves as SVG, written by hand so that it needs nothing."""

from __future__ import annotations

import math
from html import escape

WIDTH, HEIGHT = 640, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 44, 52
# Told apart by dash as well as by colour, for those who see no difference between colours.
STYLES = (("#0b6e4f", ""), ("#c1440e", "7 4"), ("#1f4e8c", "2 3"), ("#7a3b8f", "9 3 2 3"))


def _ticks(low: float, high: float, about: int = 8) -> list[float]:
    """Round numbers from `low` to `high`, about `about` of them."""
    rough = (high - low) / about or 1.0
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * k for k in (1, 2, 5, 10) if size * k >= rough)
    first = math.ceil(low / step - 1e-9)
    return [step * k for k in range(first, math.floor(high / step + 1e-9) + 1)]


def curve_svg(title: str, x_label: str, series: dict[str, list[tuple[float, float]]]) -> str:
    """One SVG document: `series` maps a name to (x, percent) points; the y axis is 0 to 100 %.

    Raises ValueError where no series has a point.
    """
    xs = [x for points in series.values() for x, _ in points]
    if not xs:
        raise ValueError("a curve needs at least one point")
    low, high = min(xs), max(xs)
    span = high - low or 1.0

    def across(x: float) -> float:
        return LEFT + (x - low) / span * (WIDTH - LEFT - RIGHT)

    def down(y: float) -> float:
        return HEIGHT - BOTTOM - y / 100 * (HEIGHT - TOP - BOTTOM)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        f' font-family="sans-serif" font-size="13"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="22" font-size="16" font-weight="bold">{escape(title)}</text>',
    ]
    for y in range(0, 101, 20):
        parts.append(
            f'<path d="M{LEFT} {down(y):.1f}H{WIDTH - RIGHT}" stroke="#dddddd"/>'
            f'<text x="{LEFT - 8}" y="{down(y) + 4:.1f}" text-anchor="end">{y} %</text>'
        )
    for x in _ticks(low, high):
        parts.append(
            f'<path d="M{across(x):.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eeeeee"/>'
            f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}"'
            f' text-anchor="middle">{x:g}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(
        f'<text x="{middle:.1f}" y="{HEIGHT - 12}" text-anchor="middle">{escape(x_label)}</text>'
    )
    for place, (name, points) in enumerate(series.items()):
        colour, dash = STYLES[place % len(STYLES)]
        path = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in sorted(points))
        key = TOP + 14 + 20 * place
        pen = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dash}" fill="none"'
        parts.append(
            f'<polyline points="{path}" {pen}/>'
            f'<path d="M{WIDTH - 190} {key}h32" {pen}/>'
            f'<text x="{WIDTH - 150}" y="{key + 4}">{escape(name)}</text>'
        )
    return "\n".join([*parts, "</svg>\n"])

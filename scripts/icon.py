"""The page's sign as a picture for home screens that show no SVG: `python -m scripts.icon`.

As `web/static/icon.svg`, but filling its whole square, which telephones round themselves.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw

OUT = Path(__file__).resolve().parent.parent / "web/static/icon.png"
SIDE, FINER = 512, 4
BLUE, WHITE, RED = "#14548c", "#ffffff", "#c62828"


def picture() -> Image.Image:
    """512 x 512, drawn finer and made smaller so that its edges are smooth."""
    side = SIDE * FINER
    drawn = Image.new("RGB", (side, side), BLUE)
    pen, middle = ImageDraw.Draw(drawn), side / 2
    for share, colour in ((7 / 32, WHITE), (3.5 / 32, RED)):
        radius = side * share
        pen.ellipse((middle - radius, middle - radius, middle + radius, middle + radius), colour)
    return drawn.resize((SIDE, SIDE), Image.Resampling.LANCZOS).quantize(32)


if __name__ == "__main__":
    picture().save(OUT, optimize=True)

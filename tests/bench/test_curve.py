"""The picture of a curve is an SVG that any browser reads."""

from xml.etree import ElementTree

import pytest

from scripts.bench.curve import curve_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_every_series_is_a_line_with_its_name() -> None:
    text = curve_svg("Digits", "SNR in dB", {"ours": [(0, 100), (-4, 50)], "peer <1>": [(0, 0)]})
    root = ElementTree.fromstring(text)
    lines = root.findall(f"{SVG}polyline")
    assert len(lines) == 2
    said = [one.text for one in root.findall(f"{SVG}text")]
    assert {"Digits", "SNR in dB", "ours", "peer <1>"} <= set(said)


def test_a_higher_share_is_drawn_higher_and_points_are_in_order() -> None:
    text = curve_svg("t", "x", {"a": [(2, 100), (0, 0), (1, 50)]})
    line = ElementTree.fromstring(text).find(f"{SVG}polyline")
    assert line is not None
    points = [tuple(map(float, one.split(","))) for one in line.attrib["points"].split()]
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert points[0][1] > points[1][1] > points[2][1]


def test_no_points_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        curve_svg("t", "x", {"a": []})

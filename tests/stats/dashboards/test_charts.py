"""Charts: well-formed, named and described, inside their frame, and readable without colours."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given, settings
from hypothesis import strategies as st

from services.stats.dashboards.charts import (
    COLOURS,
    DASHES,
    HEIGHT,
    WIDTH,
    Series,
    Words,
    bar_chart,
    line_chart,
    nice_top,
    sparkline,
)

SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words("c", 'Đúng hạn <"&>', "Cao nhất 7")
NUMBERS = st.one_of(st.none(), st.integers(0, 10**9), st.floats(0, 100, allow_nan=False))


def _read(chart: str) -> ElementTree.Element:
    return ElementTree.fromstring(str(chart))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=70))
def test_every_point_lies_in_the_chart_and_gaps_break_the_line(values: list[tuple[float | None, float | None]]) -> None:
    series = [Series("a", [one for one, _ in values]), Series("b", [two for _, two in values])]
    svg = _read(line_chart(WORDS, [str(n) for n in range(len(values))], series, lambda value: f"{value:g}"))
    for line in svg.iter(f"{SVG}polyline"):
        for point in str(line.get("points")).split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= WIDTH
            assert 0 <= y <= HEIGHT
    legend = len(series)
    runs = sum(_runs(one.values) for one in series)
    assert len(list(svg.iter(f"{SVG}polyline"))) == legend + runs


def _runs(values: object) -> int:
    known = [value is not None for value in values]  # type: ignore[attr-defined]
    return sum(one and not before for one, before in zip(known, [False, *known], strict=False))


@given(st.lists(st.floats(0, 1e12, allow_nan=False), max_size=9))
def test_an_axis_ends_above_all_values_and_has_whole_steps(values: list[float]) -> None:
    top = nice_top(values)
    assert top >= max(values, default=0)
    assert (top / 4) % 1 == 0
    assert top <= 4 or top <= 10 * max(values)


def test_a_chart_says_what_it_shows() -> None:
    for chart in (
        line_chart(WORDS, ["01/11"], [Series("a", [7])], str),
        bar_chart(WORDS, [("Xã <Phước Long>", 7.0)], str),
        sparkline(WORDS, [1, None, 7]),
    ):
        svg = _read(chart)
        named = str(svg.get("aria-labelledby")).split()
        said = {one.get("id"): one.text for one in svg if one.get("id")}
        assert [said[name] for name in named] == ['Đúng hạn <"&>', "Cao nhất 7"]
        assert svg.get("role") == "img"
        assert "style" not in str(chart), "the pages' policy forbids it"


def test_lines_differ_without_colours() -> None:
    assert len(set(DASHES)) == len(COLOURS)
    svg = _read(line_chart(WORDS, ["a", "b"], [Series(str(n), [1, 2]) for n in range(4)], str))
    dashes = [line.get("stroke-dasharray", "") for line in svg.iter(f"{SVG}polyline")]
    assert sorted(set(dashes)) == sorted(DASHES)


def test_bars_carry_their_numbers_and_names() -> None:
    svg = _read(bar_chart(WORDS, [("A" * 100, 3.0), ("B", 0.0)], lambda value: f"{value:g} hồ sơ"))
    texts = [one.text for one in svg.iter(f"{SVG}text")]
    assert texts == [f"{'A' * 61}…", "3 hồ sơ", "B", "0 hồ sơ"]


def test_nothing_is_drawn_of_a_single_number() -> None:
    assert sparkline(WORDS, [None, 3]) == ""

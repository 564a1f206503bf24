"""Charts as SVG: lines, bars and sparklines, with a title and a description; the table with the same numbers stands beside them.

No library: pygal, which is alive, writes style and script elements into each chart, which the pages' policy forbids (its issue 489), and
no description; others need a browser's script or a compiled renderer. Colours are attributes, so that a chart looks the same inside
a page, on its own and on paper. No meaning lies in colour alone: lines differ by dashes and marks, bars carry their numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from markupsafe import Markup

INK, MUTED, LINE, PAPER = "#1d2329", "#535c66", "#cdd3d9", "#ffffff"
COLOURS = ("#0b4f8a", "#9b1c1c", "#6d4a00", "#14592d")
"""Of the series in order; each has a contrast of more than 4.5 to paper."""
DASHES = ("", "7 4", "2 3", "10 3 2 3")
WIDTH, HEIGHT = 600, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 14, 34, 30
MAX_LABELS = 8
MAX_MARKED = 40
"""Lines of more points have no marks, which would hide them."""
BAR_HEIGHT, BAR_GAP, BAR_TEXT = 22, 10, 18
MAX_BAR_LABEL = 62

Number = float | None
Written = Callable[[float], str]


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a chart.

    Attributes:
        name: in the language of the page.
        values: one for each label; None where nothing is known.
    """

    name: str
    values: Sequence[Number]


@dataclass(frozen=True, slots=True)
class Words:
    """What a chart says to those who do not see it.

    Attributes:
        id: unique on the page; the ids of title and description begin with it.
        title: what it shows.
        description: what can be seen in it, in a sentence.
    """

    id: str
    title: str
    description: str


def line_chart(words: Words, labels: Sequence[str], series: Sequence[Series], written: Written) -> Markup:
    """A chart of lines over time, from zero.

    Args:
        words: title and description.
        labels: of the points, from left to right.
        series: at most four.
        written: a number in the language of the page.
    """
    top = nice_top([value for one in series for value in one.values if value is not None])
    parts = [_legend(series), _grid(top, written), _below(labels)]
    parts += [_line(place, one, top) for place, one in enumerate(series)]
    return _svg(words, WIDTH, HEIGHT, parts)


def bar_chart(words: Words, bars: Sequence[tuple[str, float]], written: Written, language: str = "") -> Markup:
    """Bars one under the other, each with its name and its number as text.

    Args:
        words: title and description.
        bars: names and numbers that are not below zero.
        written: a number in the language of the page.
        language: of the names, if it is another one than the page's.
    """
    top = max((number for _, number in bars), default=0) or 1
    step = BAR_TEXT + BAR_HEIGHT + BAR_GAP
    parts = [_bar(name, number, top, place * step, written, language) for place, (name, number) in enumerate(bars)]
    return _svg(words, WIDTH, max(len(bars), 1) * step, parts)


def sparkline(words: Words, values: Sequence[Number]) -> Markup:
    """A small line without axes, for a cell of a table; nothing with fewer than two numbers."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup("")
    top, width, height = max(known) or 1, 120, 28
    step = (width - 8) / max(len(values) - 1, 1)
    points = [(4 + place * step, None if v is None else 24 - 20 * v / top) for place, v in enumerate(values)]
    lines = [_path(run, COLOURS[0], "") for run in _runs(points)]
    last = next((x, y) for x, y in reversed(points) if y is not None)
    end = Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3" fill="{}"/>').format(*last, COLOURS[0])
    return _svg(words, width, height, [*lines, end])


def nice_top(values: Sequence[float]) -> float:
    """The upper end of an axis: the least of 1, 2, 2.5 or 5 times a power of ten, times four, that holds all values; at least 4."""
    highest = max(values, default=0)
    if highest <= 4:
        return 4
    raw = highest / 4
    power = 10.0 ** floor(log10(raw))
    factors = [factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= 1 and (factor * power) % 1 == 0]
    step = next((factor * power for factor in factors if factor * power >= raw), 10 * power)
    return step * 4


def _svg(words: Words, width: int, height: int, parts: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="chart-image" role="img" aria-labelledby="{0}-title {0}-description" '
        'viewBox="0 0 {1} {2}" font-family="system-ui, sans-serif" font-size="13" fill="{3}">'
        '<title id="{0}-title">{4}</title><desc id="{0}-description">{5}</desc>'
    ).format(words.id, width, height, INK, words.title, words.description)
    return head + Markup("").join(parts) + Markup("</svg>")


def _legend(series: Sequence[Series]) -> Markup:
    found, x = [], float(LEFT)
    for place, one in enumerate(series):
        colour = COLOURS[place]
        found.append(_path([(x, 14), (x + 30, 14)], colour, DASHES[place]))
        found.append(_mark(place, x + 15, 14, colour))
        found.append(Markup('<text x="{:.0f}" y="18">{}</text>').format(x + 36, one.name))
        x += 36 + 7.4 * len(one.name) + 22
    return Markup("").join(found)


def _grid(top: float, written: Written) -> Markup:
    found = []
    for number in range(5):
        value = top * number / 4
        y = _y(value, top)
        line = '<line x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}" stroke="{}"/>'
        found.append(Markup(line).format(LEFT, WIDTH - RIGHT, y, y, MUTED if number == 0 else LINE))
        text = '<text x="{}" y="{:.1f}" text-anchor="end" fill="{}">{}</text>'
        found.append(Markup(text).format(LEFT - 8, y + 4.5, MUTED, written(value)))
    return Markup("").join(found)


def _below(labels: Sequence[str]) -> Markup:
    every = ceil(len(labels) / MAX_LABELS) if labels else 1
    shown = [place for place in range(len(labels)) if (len(labels) - 1 - place) % every == 0]
    text = '<text x="{:.1f}" y="{}" text-anchor="{}" fill="{}">{}</text>'
    found = []
    for place in shown:
        x = _x(place, len(labels))
        anchor = "end" if x > WIDTH - RIGHT - 16 else "middle"
        found.append(Markup(text).format(x, HEIGHT - 10, anchor, MUTED, labels[place]))
    return Markup("").join(found)


def _line(place: int, series: Series, top: float) -> Markup:
    colour, count = COLOURS[place], len(series.values)
    points = [(_x(n, count), None if value is None else _y(value, top)) for n, value in enumerate(series.values)]
    runs = list(_runs(points))
    found = [_path(run, colour, DASHES[place]) for run in runs]
    marked = count <= MAX_MARKED
    found += [_mark(place, x, y, colour) for run in runs for x, y in run if marked or len(run) == 1]
    return Markup("").join(found)


def _runs(points: Sequence[tuple[float, Number]]) -> list[list[tuple[float, float]]]:
    """The stretches without gaps."""
    found: list[list[tuple[float, float]]] = []
    for (x, y), (_, before) in zip(points, [(0.0, None), *points], strict=False):
        if y is not None:
            if before is None:
                found.append([])
            found[-1].append((x, y))
    return found


def _path(points: Sequence[tuple[float, float]], colour: str, dashes: str) -> Markup:
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = Markup(' stroke-dasharray="{}"').format(dashes) if dashes else ""
    shape = '<polyline points="{}" fill="none" stroke="{}" stroke-width="2.5"{}/>'
    return Markup(shape).format(line, colour, dashed)


def _mark(place: int, x: float, y: float, colour: str) -> Markup:
    """The mark of a point: circle, square, triangle or diamond by its series."""
    if place == 0:
        return Markup('<circle cx="{:.1f}" cy="{:.1f}" r="3.5" fill="{}"/>').format(x, y, colour)
    corners = (
        [(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)],
        [(0, -4.5), (4.5, 3.5), (-4.5, 3.5)],
        [(0, -5), (5, 0), (0, 5), (-5, 0)],
    )[(place - 1) % 3]
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in corners)
    return Markup('<polygon points="{}" fill="{}" stroke="{}"/>').format(points, PAPER, colour)


def _bar(name: str, number: float, top: float, y: int, written: Written, language: str) -> Markup:
    label = name if len(name) <= MAX_BAR_LABEL else f"{name[: MAX_BAR_LABEL - 1]}…"
    long = (WIDTH - 90) * number / top
    other = Markup(' lang="{}"').format(language) if language else ""
    return Markup(
        '<text x="0" y="{:.0f}"{}>{}</text><rect x="0" y="{}" width="{:.1f}" height="{}" fill="{}"/>'
        '<text x="{:.1f}" y="{:.0f}" font-weight="600">{}</text>'
    ).format(
        y + 13,
        other,
        label,
        y + BAR_TEXT,
        max(long, 1),
        BAR_HEIGHT,
        COLOURS[0],
        long + 7,
        y + BAR_TEXT + 16,
        written(number),
    )


def _x(place: int, count: int) -> float:
    inner = WIDTH - LEFT - RIGHT
    return LEFT + (inner / 2 if count == 1 else inner * place / (count - 1))


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def change_in_words(values: Sequence[Number]) -> tuple[Number, Number, Number]:
    """First, last and highest known number of a series, for a description; None for each without any."""
    known = [value for value in values if value is not None]
    return (known[0], known[-1], max(known)) if known else (None, None, None)

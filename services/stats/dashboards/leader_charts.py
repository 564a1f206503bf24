"""The charts of a leader's page, each with a description in words."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from services.stats.dashboards.charts import Series, Words, Written, bar_chart, change_in_words, line_chart
from services.stats.dashboards.figures import Counts, Row
from services.stats.dashboards.grids import figure_title, name_of
from shared.web.language import language, text
from shared.web.pages import written_number

FLOW = ("received", "resolved", "resolved_late")
STOCK = ("in_progress", "in_progress_overdue")


def course(id_: str, title: str, names: Sequence[str], trend: Sequence[tuple[str, Counts]]) -> Markup:
    """Some measures over time.

    Args:
        id_: unique on the page.
        title: of the chart.
        names: of the measures.
        trend: each day or month with its numbers.
    """
    series = [Series(figure_title(name), [counts.get(name, 0) for _, counts in trend]) for name in names]
    words = Words(id_, title, " ".join(_in_words(one) for one in series))
    return line_chart(words, [_short(key) for key, _ in trend], series, _whole)


def queues(rows: Sequence[Row]) -> Markup:
    """The agencies with most overdue dossiers in hand."""
    bars = [(name_of("handling_agency", row.key, {}), row.counts["in_progress_overdue"]) for row in rows]
    title = text("Hồ sơ đang quá hạn theo cơ quan giải quyết", "Overdue dossiers in hand by handling agency")
    return named_bars("chart-queues", title, bars, _whole)


def named_bars(id_: str, title: str, bars: Sequence[tuple[str, float]], written: Written) -> Markup:
    """Bars of agencies or fields, whose names are Vietnamese on every page; the description is in the page's language alone.

    Args:
        id_: unique on the page.
        title: of the chart.
        bars: names and numbers.
        written: a number in the language of the page.
    """
    if language() == "vi":
        return bar_chart(
            Words(id_, title, "; ".join(f"{name}: {written(number)}" for name, number in bars)), bars, written
        )
    return bar_chart(Words(id_, title, "; ".join(written(number) for _, number in bars)), bars, written, "vi")


def _in_words(series: Series) -> str:
    first, last, highest = change_in_words(series.values)
    if first is None or last is None or highest is None:
        return ""
    return text(
        "{name}: đầu kỳ {first}, cuối kỳ {last}, cao nhất {highest}.",
        "{name}: {first} at the beginning, {last} at the end, {highest} at most.",
        name=series.name,
        first=_whole(first),
        last=_whole(last),
        highest=_whole(highest),
    )


def _whole(value: float) -> str:
    return written_number(round(value))


def _short(key: str) -> str:
    """A day without its year, 20/11; a month with it, 11/2025."""
    parts = key.split("-")
    return "/".join(reversed(parts[1:] if len(parts) == 3 else parts))

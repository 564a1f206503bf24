"""The public pages: transparency, and figures that other sites may show in a frame or as a picture. No dossier, no person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Response, current_app, make_response, render_template, request, url_for
from markupsafe import Markup

from services.stats.dashboards.charts import Series, Words, line_chart
from services.stats.dashboards.figures import Counts, Row, figure
from services.stats.dashboards.grids import Grid, figure_title, key_title, name_of, plain_grid, total_grid
from services.stats.dashboards.leader_charts import named_bars
from services.stats.dashboards.public_numbers import EXTENSION, FIRST_MONTH, PublicNumbers, Side
from services.stats.dashboards.samples import samples
from services.stats.downloads import download
from services.stats.measures.kept import Kept
from shared.runtime.clock import VIETNAM
from shared.web.authorization import public
from shared.web.framing import allow_framing
from shared.web.language import text
from shared.web.pages import page_blueprint, written_date, written_decimal, written_number, written_time
from shared.web.problem import Problem
from shared.web.views import context

PATH = "/stats/transparency"
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
CACHED = "public, max-age=60"
MOST_BARS = 12
FIGURES = ("dossiers", "on-time", "agencies", "satisfaction")
"""What other sites may show."""
FIGURE_NAMES = {
    "dossiers": ("Tiếp nhận và giải quyết theo tháng", "Received and resolved by month"),
    "on-time": ("Tỷ lệ đúng hạn theo tháng (%)", "On time by month (%)"),
    "agencies": ("Hồ sơ tiếp nhận trong tháng theo cơ quan", "Dossiers received in the month by agency"),
    "satisfaction": ("Tỷ lệ hài lòng trong năm theo lĩnh vực (%)", "Satisfied in the year by field (%)"),
}

pages = page_blueprint("stats", __name__, "public_pages")


@pages.get("/transparency")
@public
def transparency() -> Response:
    """Numbers of a month and of its year so far, and how they are computed."""
    month = _month()
    found, least = _numbers(month), _least()
    page = render_template(
        "stats/dashboards/transparency.html",
        found=found,
        grids=_grids(found, least),
        least=least,
        month=month,
        days={"month": _days(found.month), "year": _days(found.year)},
        beside=_beside(month),
        total_of=lambda counts, name: figure(name, counts, least),
        figures=[(name, text(*FIGURE_NAMES[name]), _embed(name, month)) for name in FIGURES],
        chart=_chart("dossiers", found, least)[0],
        file_address=lambda ending, table="": url_for(
            "public_pages.transparency_file",
            ending=ending,
            month=f"{month:%Y-%m}",
            **({"table": table} if table else {}),
        ),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = CACHED
    return response


@pages.get("/transparency/numbers.csv", defaults={"ending": "csv"})
@pages.get("/transparency/numbers.xlsx", defaults={"ending": "xlsx"})
@public
def transparency_file(ending: str) -> Response:
    """One table of the page, or as XLSX all of them."""
    month, wanted = _month(), request.args.get("table", "")[:20]
    found = _numbers(month)
    grids = [grid for grid in _grids(found, _least()) if wanted in ("", grid.key)]
    if not grids:
        raise Problem(404, "not-found")
    notes = [(text("Số liệu tính đến", "As of"), written_time(found.as_of))]
    return download(f"cong-khai-{month:%Y%m}", ending, *(grid.table(notes) for grid in grids))


@pages.get("/embed/<any('dossiers','on-time',agencies,satisfaction):name>")
@public
def embedded_figure(name: str) -> Response:
    """A figure with its table, for a frame of another site."""
    month = _month()
    found, least = _numbers(month), _least()
    chart, grid = _chart(name, found, least)
    page = render_template("stats/dashboards/embed.html", found=found, chart=chart, grid=grid, month=month)
    response = make_response(page)
    response.headers["Cache-Control"] = CACHED
    return allow_framing(response, context().settings.embed_origins)


@pages.get("/embed/<any('dossiers','on-time',agencies,satisfaction):name>/figure.svg")
@public
def embedded_picture(name: str) -> Response:
    """The same as a picture."""
    chart, _ = _chart(name, _numbers(_month()), _least())
    response = make_response(str(chart))
    response.headers["Content-Type"] = "image/svg+xml; charset=utf-8"
    response.headers["Cache-Control"] = CACHED
    return response


def _month() -> date:
    """The month that the address asks for, by default this one.

    Raises:
        Problem: 422, it is no month that has begun since :data:`FIRST_MONTH`.
    """
    today = context().clock.now().astimezone(VIETNAM).date()
    given = request.args.get("month", "").strip()
    if not given:
        return today.replace(day=1)
    asked = MONTH.fullmatch(given)
    month = date(int(asked[1]), int(asked[2]), 1) if asked else None
    if month is None or not FIRST_MONTH <= month <= today:
        raise Problem(
            422,
            "invalid",
            errors=[
                {
                    "field": "month",
                    "message": "Không phải tháng đã bắt đầu.",
                    "message_en": "Not a month that has begun.",
                }
            ],
        )
    return month


def _numbers(month: date) -> PublicNumbers:
    kept: Kept[date, PublicNumbers] = current_app.extensions[EXTENSION]
    return kept.of(month)


def _least() -> int:
    return samples(context().clock.now().astimezone(VIETNAM).date()).public_ratings


def _days(side: Side) -> str:
    return f"{written_date(side.period.first)} – {written_date(side.period.last)}"


def _grids(found: PublicNumbers, least: int) -> list[Grid]:
    month = text("tháng {m}", "month {m}", m=f"{found.month.period.first:%m/%Y}")
    year = text(
        "năm {y} đến {d}", "year {y} to {d}", y=found.year.period.first.year, d=written_date(found.year.period.last)
    )
    sides = (("month", month, found.month), ("year", year, found.year))
    whole = [(text("Tháng", "Month"), found.month.total), (text("Năm", "Year"), found.year.total)]
    return [
        total_grid(text("Toàn hệ thống", "All agencies"), whole, least),
        *(plain_grid(f"agencies-{key}", "agency", name, side.agencies, least) for key, name, side in sides),
        *(plain_grid(f"fields-{key}", "field", name, side.fields, least) for key, name, side in sides),
    ]


def _beside(month: date) -> tuple[str, str]:
    """The addresses of the months before and after; empty where there is none."""
    today = context().clock.now().astimezone(VIETNAM).date()
    before = date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
    after = date(month.year + (month.month == 12), month.month % 12 + 1, 1)
    return (
        f"{PATH}?month={before:%Y-%m}" if before >= FIRST_MONTH else "",
        f"{PATH}?month={after:%Y-%m}" if after <= today else "",
    )


def _embed(name: str, month: date) -> str:
    """The address of a figure that follows the present month, or of a month that is over."""
    today = context().clock.now().astimezone(VIETNAM).date()
    place = url_for("public_pages.embedded_figure", name=name)
    over = "" if (month.year, month.month) == (today.year, today.month) else f"?month={month:%Y-%m}"
    return f"{context().settings.public_url}{place}{over}"


def _chart(name: str, found: PublicNumbers, least: int) -> tuple[Markup, Grid]:
    """A figure and its table."""
    title = text(*FIGURE_NAMES[name])
    if name == "dossiers":
        return _lines(name, title, ("received", "resolved"), found.course, written=_whole)
    if name == "on-time":
        return _lines(name, title, ("on_time_share",), found.course, written=_percent)
    if name == "agencies":
        return _bars(name, title, "agency", "received", found.month.agencies, least, _whole)
    return _bars(name, title, "field", "satisfied_share", found.year.fields, least, _percent)


def _lines(
    name: str, title: str, figures: Sequence[str], course: Sequence[tuple[str, Counts]], written: Any
) -> tuple[Markup, Grid]:
    series = [Series(figure_title(one), [figure(one, counts) for _, counts in course]) for one in figures]
    said = "; ".join(
        f"{key_title(key)}: " + ", ".join(written(one.values[place]) for one in series if one.values[place] is not None)
        for place, (key, _) in enumerate(course)
    )
    chart = line_chart(Words(f"figure-{name}", title, said), [key_title(key) for key, _ in course], series, written)
    rows = [(key_title(key), counts) for key, counts in course]
    return chart, total_grid(title, rows, 1, figures, text("Tháng", "Month"))


def _bars(
    name: str, title: str, by: str, of: str, rows: Sequence[Row], least: int, written: Any
) -> tuple[Markup, Grid]:
    known = [(name_of(by, row.key, {}), figure(of, row.counts, least), row) for row in rows]
    shown = sorted(((label, value, row) for label, value, row in known if value), key=lambda one: -one[1])[:MOST_BARS]
    bars = [(label, float(value)) for label, value, _ in shown]
    chart = named_bars(f"figure-{name}", title, bars, written)
    return chart, plain_grid("figure", by, "", [row for _, _, row in shown], least, (of,), title)


def _whole(value: float) -> str:
    return written_number(round(value))


def _percent(value: float) -> str:
    return written_decimal(round(value, 1))

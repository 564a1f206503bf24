"""The page on which officials see what they did themselves; nobody else sees it (access.py)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from services.stats import access
from services.stats.dashboards.charts import Series, Words, change_in_words, line_chart
from services.stats.dashboards.grids import Grid, Line, key_title
from services.stats.dashboards.labels import BY, THIS, period_title
from services.stats.dashboards.schemas import EARLIEST, LATEST
from services.stats.dashboards.selection import PERIODS, Selection, calendar_period, keys_of, trend_of
from services.stats.downloads import download
from services.stats.measures.domain import Period, share
from services.stats.officials.domain import COUNTS
from services.stats.officials.store import official_days
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.error_handlers import to_problem
from shared.web.language import text
from shared.web.pages import page_blueprint, written_date, written_number, written_time
from shared.web.problem import Problem
from shared.web.views import context

PATH = "/stats/me"
COUNT_NAMES: Mapping[str, tuple[str, str]] = {
    "served": ("Lượt người dân đã phục vụ tại quầy", "Visitors served at the counter"),
    "received": ("Hồ sơ đã tiếp nhận", "Dossiers received"),
    "returned": ("Kết quả đã trả", "Results handed over"),
    "steps": ("Bước đã hoàn thành", "Steps completed"),
    "steps_on_time": ("Trong đó đúng hạn", "Of these on time"),
    "steps_late": ("Trong đó quá hạn", "Of these late"),
    "steps_returned": ("Bị trả lại để làm lại", "Sent back to be done again"),
}
TREND_COLUMNS = ("served", "received", "returned", "steps", "steps_on_time", "steps_returned")

pages = page_blueprint("stats", __name__, "own_pages")


class OwnSchema(Schema):
    """Which period an official looks at."""

    class Meta:
        """Of other arguments, such as the language, nothing is known here."""

        unknown = EXCLUDE

    kind = fields.Str(data_key="period", validate=validate.OneOf(PERIODS), load_default="month")
    on = fields.Date(load_default=None, validate=validate.Range(EARLIEST, LATEST, error="Năm không hợp lệ."))


@pages.get("/me")
@roles(*access.OFFICIALS, agency="record")
def own_numbers() -> Response:
    """What the caller did in a period, and how that went on."""
    scope_checked()
    shown, problem = _asked()
    found = _read(shown)
    total = found["total"]
    known = principal()
    role = next(one for one in access.OFFICIALS if known.has(one))
    page = render_template(
        "stats/dashboards/me.html",
        caller={"subject": known.subject, "agency": known.agency, "role": role},
        problem=problem,
        counts=[(name, text(*COUNT_NAMES[name]), total[name]) for name in COUNTS],
        on_time_share=share(total["steps_on_time"], total["steps_on_time"] + total["steps_late"]),
        chart=_chart(found["course"]),
        presets=[(text(*THIS[kind]), Selection(kind).address(PATH), Selection(kind) == shown) for kind in PERIODS],
        beside=_beside(shown, found["today"]),
        file_address=lambda ending, _table="": shown.address(url_for("own_pages.own_file", ending=ending)),
        **found,
    )
    return make_response(page, problem.status if problem else 200)


@pages.get("/me/numbers.csv", defaults={"ending": "csv"})
@pages.get("/me/numbers.xlsx", defaults={"ending": "xlsx"})
@roles(*access.OFFICIALS, agency="record")
def own_file(ending: str) -> Response:
    """The same as a file."""
    scope_checked()
    shown, problem = _asked()
    if problem:
        raise problem
    found = _read(shown)
    notes = [(text("Kỳ", "Period"), found["title"]), (text("Số liệu tính đến", "As of"), written_time(found["now"]))]
    days: Period = found["period"]
    return download(f"so-lieu-cua-toi-{days.first:%Y%m%d}-{days.last:%Y%m%d}", ending, found["grid"].table(notes))


def _asked() -> tuple[Selection, Problem | None]:
    given = {name: value.strip() for name, value in request.args.items() if value.strip()}
    try:
        asked = OwnSchema().load(given)
    except ValidationError as error:
        return Selection(), to_problem(error)
    return Selection(asked["kind"], asked["on"]), None


def _read(shown: Selection) -> dict[str, Any]:
    now = context().clock.now()
    today = now.astimezone(VIETNAM).date()
    period = shown.period(today)
    trend, by = trend_of(shown, period)
    read = Period(min(trend.first, period.first), max(trend.last, period.last))
    with context().store.snapshot() as connection:
        days = official_days(connection, principal().subject, read)
    total = _sum(days, period)
    course = [(key, _sum(days, _part(key, trend))) for key in keys_of(trend, by)]
    lines = [
        Line(key_title(key), "", [counts[name] for name in TREND_COLUMNS], [""] * len(TREND_COLUMNS))
        for key, counts in course
    ]
    heads = [text(*COUNT_NAMES[name]) for name in TREND_COLUMNS]
    whole = calendar_period(shown.kind, shown.on or today)
    return {
        "now": now,
        "today": today,
        "period": period,
        "days": f"{written_date(period.first)} – {written_date(period.last)}",
        "title": text(*period_title(shown.kind, period, whole)),
        "total": total,
        "course": course,
        "grid": Grid("trend", text("Số liệu của tôi", "My numbers"), text(*BY[by]), heads, lines),
    }


def _sum(days: Mapping[date, Mapping[str, int]], period: Period) -> Counter[str]:
    inside = (counts for day, counts in days.items() if period.first <= day <= period.last)
    return sum((Counter(counts) for counts in inside), Counter[str]())


def _part(key: str, period: Period) -> Period:
    """The days of a key that lie in the period."""
    if len(key) == len("2025-11-20"):
        return Period(date.fromisoformat(key), date.fromisoformat(key))
    month = calendar_period("month", date.fromisoformat(f"{key}-01"))
    return Period(max(month.first, period.first), min(month.last, period.last))


def _chart(course: Sequence[tuple[str, Mapping[str, int]]]) -> Any:
    names = {"served": ("Đã phục vụ", "Served"), "steps": ("Bước hoàn thành", "Steps completed")}
    series = [Series(text(*pair), [counts[name] for _, counts in course]) for name, pair in names.items()]
    said = []
    for one in series:
        first, last, highest = (round(value or 0) for value in change_in_words(one.values))
        said.append(
            text(
                "{name}: đầu kỳ {first}, cuối kỳ {last}, cao nhất {highest}.",
                "{name}: {first} at the beginning, {last} at the end, {highest} at most.",
                **{"name": one.name, "first": first, "last": last, "highest": highest},
            )
        )
    labels = ["/".join(reversed(key.split("-")[1:] if len(key) > 7 else key.split("-"))) for key, _ in course]
    words = Words("chart-own", text("Số liệu của tôi qua thời gian", "My numbers over time"), " ".join(said))
    return line_chart(words, labels, series, lambda value: written_number(round(value)))


def _beside(shown: Selection, today: date) -> tuple[str, str]:
    before, after = (shown.moved(steps, today) for steps in (-1, 1))
    return (
        before.address(PATH) if before.period(today).first >= EARLIEST else "",
        after.address(PATH) if after.period(today).first <= min(today, LATEST) else "",
    )

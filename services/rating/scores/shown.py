"""What the pages of scores share: which period was asked for, and its name."""

from __future__ import annotations

from datetime import date

from flask import request

from services.rating.ratings.form import forms
from services.rating.scores.periods import (
    MONTH,
    QUARTER,
    WEEK,
    YEAR,
    NoSuchPeriod,
    ScorePeriod,
    parse_period,
    recent_periods,
)
from shared.runtime.clock import VIETNAM
from shared.web.language import text
from shared.web.views import context

OFFERED = {YEAR: 2, QUARTER: 5, MONTH: 12, WEEK: 6}
"""How many periods of each kind a page offers; an older one is found by its address."""


def form_titles() -> dict[str, tuple[str, str]]:
    """Version of the form → the decree that it follows, in Vietnamese and English."""
    regulations = context().reference.regulations
    found = {form.version: regulations.get(form.regulations[0]) for form in forms()}
    return {version: (one.title_vi, one.title_en) for version, one in found.items()}


def today() -> date:
    """The local day."""
    return context().clock.now().astimezone(VIETNAM).date()


def offered_periods(*, only_over: bool = False) -> list[ScorePeriod]:
    """The periods that a page offers.

    Args:
        only_over: leaves out those that go on.
    """
    now = context().clock.now()
    found = [one for kind, number in OFFERED.items() for one in recent_periods(kind, today(), number)]
    return [one for one in found if one.is_over(now) or not only_over]


def asked_period(default: ScorePeriod, *, only_over: bool = False) -> ScorePeriod:
    """The period that the address asks for.

    Args:
        default: without one, and where the text is no period.
        only_over: a period that goes on is not shown.
    """
    try:
        found = parse_period(request.args.get("period", ""))
    except NoSuchPeriod:
        return default
    return default if only_over and not found.is_over(context().clock.now()) else found


def period_name(period: ScorePeriod) -> str:
    """A period in the language of the page: Quý 4/2026, Tuần 49/2026 (30/11 – 06/12)."""
    year, _, part = period.key.partition("-")
    days = f"({period.first:%d/%m} – {period.last:%d/%m})"
    names = {
        WEEK: (f"Tuần {part[1:]}/{year} {days}", f"Week {part[1:]}/{year} {days}"),
        MONTH: (f"Tháng {part}/{year}", f"{period.first:%m}/{year}"),
        QUARTER: (f"Quý {part[1:]}/{year}", f"Quarter {part[1:]}/{year}"),
        YEAR: (f"Năm {year}", f"Year {year}"),
    }
    return text(*names[period.kind])

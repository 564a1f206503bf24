"""The periods of rankings: those of scores, with their names on papers, and when one is over and settled."""

from __future__ import annotations

from datetime import date, timedelta

from services.rating.scores.periods import MONTH, QUARTER, WEEK, YEAR, ScorePeriod, before, period_of

KINDS = (WEEK, MONTH, QUARTER, YEAR)
_ROMAN = ("I", "II", "III", "IV")


def is_settled(period: ScorePeriod, today: date, settle_days: int) -> bool:
    """Whether a period has ended, and so have the days in which late ratings arrive.

    Args:
        period: any.
        today: the local day.
        settle_days: calendar days after the period's last day on which no ranking is drawn up yet.
    """
    return today > period.last + timedelta(days=settle_days)


def last_settled(kind: str, today: date, settle_days: int) -> ScorePeriod:
    """The newest period of a kind that :func:`is_settled`."""
    found = before(period_of(kind, today))
    while not is_settled(found, today, settle_days):
        found = before(found)
    return found


def label_of(period: ScorePeriod) -> tuple[str, str]:
    """The name of a period in Vietnamese, as papers write it, and in English."""
    year = period.first.year
    if period.kind == WEEK:
        iso_year, week, _ = period.first.isocalendar()
        first, last = f"{period.first:%d/%m/%Y}", f"{period.last:%d/%m/%Y}"
        return f"Tuần {week} năm {iso_year} (từ {first} đến {last})", f"Week {week} of {iso_year} ({first} to {last})"
    if period.kind == MONTH:
        return f"Tháng {period.first.month} năm {year}", f"Month {period.first:%m/%Y}"
    if period.kind == QUARTER:
        number = (period.first.month - 1) // 3 + 1
        return f"Quý {_ROMAN[number - 1]} năm {year}", f"Quarter {number} of {year}"
    return f"Năm {year}", f"Year {year}"

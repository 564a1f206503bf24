"""Rewrite `data/holidays/holidays-vn.json` from the library `holidays`.

Run `python -m shared.calendar.refresh_holidays` after upgrading the library, look at the difference, and raise
`announced_through` in `announcements-vn.json` once the Government has announced the holidays of a new year.
"""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

from holidays import HolidayBase, country_holidays

FIRST_YEAR, LAST_YEAR = 2014, 2045
_SATURDAY = 5
_EVE = "Giao thừa Tết Nguyên Đán"
_BEFORE_THE_EVE = ("Nghỉ Tết Nguyên Đán", "Lunar New Year holiday")
TARGET = Path(__file__).parent / "data" / "holidays" / "holidays-vn.json"


def document(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> dict[str, object]:
    """Return the content of the data file: the closed days and the swapped working days of these years."""
    years = range(first_year, last_year + 1)
    vietnamese, english = (country_holidays("VN", years=years, language=language) for language in ("vi", "en_US"))
    swapped_off = _swaps(vietnamese)
    fourth_days, days_before_the_eve = _lunar_new_year(vietnamese)
    closed = [
        {"date": day.isoformat(), "vi": _BEFORE_THE_EVE[0], "en": _BEFORE_THE_EVE[1]}
        if day in days_before_the_eve
        else {"date": day.isoformat(), "vi": vietnamese[day], "en": english[day]}
        for day in sorted(vietnamese)
        if day not in swapped_off and day not in fourth_days and first_year <= day.year <= last_year
    ]
    swaps = [{"closed": off.isoformat(), "worked": worked.isoformat()} for off, worked in sorted(swapped_off.items())]
    return {
        "description": "From the library `holidays`, by shared/calendar/refresh_holidays.py; not for hand editing.",
        "first_year": first_year,
        "last_year": last_year,
        "closed": closed,
        "swaps": swaps,
    }


def _lunar_new_year(calendar: HolidayBase) -> tuple[set[date], set[date]]:
    """Return the fourth days of Tết that are no holiday, and the days before its eve that are one.

    Tết has five days (Labour Code 2019, article 112), by announcement one before the first day and four from it on, or two and three. For
    the second choice the library closes the day before the eve, but keeps the fourth day too where it is on a weekend: Saturday
    01/02/2025, which was no holiday (6150/TB-BLĐTBXH), is worked by desks that work on Saturdays. The library also calls the day
    before the eve the 29th, which it is only after a month of 30 days.
    """
    fourth_days, before_the_eve = set(), set()
    for day, name in calendar.items():
        if name == _EVE and day - timedelta(days=1) in calendar:
            before_the_eve.add(day - timedelta(days=1))
            fourth = day + timedelta(days=4)
            if fourth.weekday() >= _SATURDAY:
                fourth_days.add(fourth)
    return fourth_days, before_the_eve


def _swaps(calendar: HolidayBase) -> dict[date, date]:
    """Return each substituted day off with the weekend day worked in its place, from the library's own table."""
    swaps: dict[date, date] = {}
    for year, entries in calendar.special_public_holidays.items():
        for entry in entries if isinstance(entries[0], tuple) else (entries,):
            month, day, worked_month, worked_day, *worked_year = entry
            off, worked = (
                date(year, month, day),
                date(worked_year[0] if worked_year else year, worked_month, worked_day),
            )
            if off.year in calendar.years and off in calendar and worked in calendar.weekend_workdays:
                swaps[off] = worked
    return swaps


def text(content: dict[str, object]) -> str:
    """Return `content` as JSON with one record a line, so that a changed holiday is one changed line."""
    lines = []
    for key, value in content.items():
        if isinstance(value, list):
            records = ",\n".join("    " + json.dumps(record, ensure_ascii=False) for record in value)
            lines.append(f'  "{key}": [\n{records}\n  ]')
        else:
            lines.append(f'  "{key}": {json.dumps(value, ensure_ascii=False)}')
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text(document()), encoding="utf-8")

"""Rewrite `data/holidays/holidays-vn.json` from the library `holidays`.

Run `python -m shared.calendar.refresh_holidays` after upgrading the library, look at the difference, and raise
`announced_through` in `announcements-vn.json` once the Government has announced the holidays of a new year.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from holidays import HolidayBase, country_holidays

FIRST_YEAR, LAST_YEAR = 2014, 2045
TARGET = Path(__file__).parent / "data" / "holidays" / "holidays-vn.json"


def document(first_year: int = FIRST_YEAR, last_year: int = LAST_YEAR) -> dict[str, object]:
    """Return the content of the data file: the closed days and the swapped working days of these years."""
    years = range(first_year, last_year + 1)
    vietnamese, english = (country_holidays("VN", years=years, language=language) for language in ("vi", "en_US"))
    swapped_off = _swaps(vietnamese)
    closed = [
        {"date": day.isoformat(), "vi": vietnamese[day], "en": english[day]}
        for day in sorted(vietnamese)
        if day not in swapped_off and first_year <= day.year <= last_year
    ]
    swaps = [{"closed": off.isoformat(), "worked": worked.isoformat()} for off, worked in sorted(swapped_off.items())]
    return {
        "description": "From the library `holidays`, by shared/calendar/refresh_holidays.py; not for hand editing.",
        "first_year": first_year,
        "last_year": last_year,
        "closed": closed,
        "swaps": swaps,
    }


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

"""The public holidays of Vietnam as dated data.

`data/holidays/holidays-vn.json` is written by `refresh_holidays.py` from the library `holidays`. It is kept as data so
that all replicas count alike whatever version of the library they have, and no process loads the library (46 MB).
`data/holidays/announcements-vn.json` holds what the library lacks: decisions that move a working day, and the last year
whose holidays the Government has announced. Later years are computed from the Labour Code (article 112) and may change;
explanations say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from shared.calendar.model import Reason
from shared.data_files import Fault, Record, raise_faults, read_records

_DATA = Path(__file__).parent / "data" / "holidays"
_YEARS = ("first_year", "last_year", "announced_through")


@dataclass(frozen=True)
class PublicHolidays:
    """Days on which all agencies are closed, and the days worked in their place.

    `closed` maps each day to its reason, `worked` each extra working day to the day off that it replaces. The data cover
    `first_year` to `last_year`.
    """

    first_year: int
    last_year: int
    closed: Mapping[date, Reason]
    worked: Mapping[date, date]

    @classmethod
    def load(cls, directory: Path | str | None = None) -> PublicHolidays:
        """Read every `*.json` of `directory` (the product's own data when None).

        Raises DataError with all faults, each naming its file and entry.
        """
        faults: list[Fault] = []
        years: dict[str, list[int]] = {key: [] for key in _YEARS}
        named: list[tuple[date, str, str]] = []
        swaps: list[tuple[date, date]] = []
        for record in read_records(Path(directory or _DATA), faults):
            record.optional_text("description")
            for key in _YEARS:
                year = record.optional_integer(key)
                years[key] += [] if year is None else [year]
            named += map(_named, record.records("closed", named_by="date"))
            swaps += map(_swap, record.records("swaps", named_by="closed"))
            record.done()
        faults += [Fault(key, "must stand in exactly one file") for key in _YEARS if len(years[key]) != 1]
        raise_faults(faults)
        first_year, last_year, announced_through = (years[key][0] for key in _YEARS)
        closed = {day: _holiday(day, vi, en, announced_through) for day, vi, en in named}
        closed |= {off: _swapped(worked) for off, worked in swaps}
        worked_for = {worked: off for off, worked in swaps}
        return cls(first_year, last_year, MappingProxyType(closed), MappingProxyType(worked_for))


def _named(entry: Record) -> tuple[date, str, str]:
    found = entry.day("date"), entry.text("vi"), entry.text("en")
    entry.done()
    return found


def _swap(entry: Record) -> tuple[date, date]:
    found = entry.day("closed"), entry.day("worked")
    entry.optional_text("source")
    entry.done()
    return found


def _holiday(day: date, vi: str, en: str, announced_through: int) -> Reason:
    if day.year > announced_through:
        return Reason("holiday", f"{vi} (dự kiến, chưa có thông báo)", f"{en} (expected, not yet announced)")
    return Reason("holiday", vi, en)


def _swapped(worked: date) -> Reason:
    return Reason(
        "substituted", f"nghỉ, làm bù ngày {worked:%d/%m/%Y}", f"day off, worked on {worked:%d/%m/%Y} instead"
    )


@cache
def public_holidays() -> PublicHolidays:
    """Return the product's own public holidays, read once."""
    return PublicHolidays.load()

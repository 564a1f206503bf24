"""When an agency's letters are printed, from ``data/print_batches.json``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from shared.agencies import UnknownAgency
from shared.calendar import TIMEZONE, WorkingCalendar, calendar_for_rules, default_rules
from shared.data_files import Record, in_force, read_rules
from shared.runtime.reference_data import Reference

FILE = Path(__file__).parent.parent.parent / "data" / "print_batches.json"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9]"
LOOK_BACK_DAYS = 60
"""Longer than any run of days off."""


@dataclass(frozen=True, slots=True)
class BatchRules:
    """Rules since a day.

    Attributes:
        valid_from: the first day.
        cut_off: the time of a working day up to which letters go into its batch.
        most_letters: in one batch.
        agencies: an agency's own time in place of the common one.
    """

    valid_from: date
    cut_off: time
    most_letters: int
    agencies: Mapping[str, time]

    def cut_off_of(self, agency: str) -> time:
        """The time that holds for an agency."""
        return self.agencies.get(agency, self.cut_off)


def batch_rules(on: date) -> BatchRules:
    """The rules in force on a day; before the first ones, the first.

    Raises:
        shared.data_files.DataError: with every fault of the file.
    """
    return in_force(_all(), on)


def parse_rules(one: Record) -> BatchRules:
    """The rules of a record; faults are added to it."""
    common = one.text("cut_off", pattern=_TIME, like="HH:MM")
    own = one.text_map("agencies")
    for agency, text in own.items():
        if not re.fullmatch(_TIME, text):
            one.fault("agencies", f"{agency}: {text!r} is not HH:MM")
    return BatchRules(
        one.day("valid_from"),
        _time(common),
        one.integer("most_letters", 1, 1000),
        {agency: _time(text) for agency, text in own.items()},
    )


def calendar_of(reference: Reference, agency: str, day: date) -> WorkingCalendar:
    """The working time of an agency on a day; the usual one for an agency that has ended and whose letters still wait."""
    try:
        return reference.calendar(agency, day)
    except UnknownAgency:
        return calendar_for_rules(default_rules())


def last_cut_off(now: datetime, cut_off: time, calendar: WorkingCalendar) -> datetime | None:
    """The newest cut-off of a working day that is not after a moment; None where there was none for two months.

    Args:
        now: business time, aware.
        cut_off: of the agency.
        calendar: the agency's.
    """
    local = now.astimezone(TIMEZONE)
    for back in range(LOOK_BACK_DAYS):
        day = local.date() - timedelta(days=back)
        at = datetime.combine(day, cut_off, TIMEZONE)
        if at <= local and calendar.is_working_day(day):
            return at
    return None


def next_cut_off(now: datetime, cut_off: time, calendar: WorkingCalendar) -> datetime | None:
    """The first cut-off of a working day after a moment; arguments as for :func:`last_cut_off`."""
    local = now.astimezone(TIMEZONE)
    for ahead in range(LOOK_BACK_DAYS):
        day = local.date() + timedelta(days=ahead)
        at = datetime.combine(day, cut_off, TIMEZONE)
        if at > local and calendar.is_working_day(day):
            return at
    return None


def _time(text: str) -> time:
    return time.fromisoformat(text) if re.fullmatch(_TIME, text) else time()


@cache
def _all() -> tuple[BatchRules, ...]:
    return read_rules(FILE, parse_rules)

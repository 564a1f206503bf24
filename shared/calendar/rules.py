"""The working time of one agency as dated data: its week, its extra closed days and its extra working days.

In JSON (the `calendar` of an agency; `data/default.json` for all others):

    {"weeks":  [{"valid_from": "2017-09-01", "valid_to": null, "reception_only": ["sat"],
                 "sessions": {"mon-fri": ["07:30-11:30", "13:30-17:30"], "sat": ["07:30-11:30"]}}],
     "closed": [{"date": "2025-10-01", "vi": "nghỉ do bão", "en": "closed for a storm"}],
     "open":   [{"date": "2025-10-04", "sessions": ["07:30-11:30"], "vi": "làm bù 01/10/2025", "en": "for 1 October"}]}

Each part is optional. Days without a week in force follow the default week. On a `reception_only` day dossiers are
received but time limits do not run; weekend sessions on other days count as working time.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, time
from itertools import pairwise

from shared.calendar.model import Session
from shared.data_files import Record

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SESSION = re.compile(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d")


@dataclass(frozen=True, slots=True)
class WeekPattern:
    """The sessions of each weekday (Monday first) from `valid_from` to `valid_to`, both inclusive (None: no end).

    On the weekdays in `reception_only` (0 = Monday) time limits do not run.
    """

    valid_from: date
    valid_to: date | None
    sessions: tuple[tuple[Session, ...], ...]
    reception_only: frozenset[int] = frozenset()

    def covers(self, day: date) -> bool:
        """Whether this week is in force on `day`."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day on which this agency is closed out of the ordinary, with the reason for the explanation."""

    date: date
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class OpenDay:
    """A day on which this agency works out of the ordinary, with the reason for the explanation."""

    date: date
    sessions: tuple[Session, ...]
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class CalendarRules:
    """The working time of one agency, apart from the public holidays.

    Agencies with equal rules share one `WorkingCalendar`; the hash is stored because every look-up needs it.
    """

    weeks: tuple[WeekPattern, ...] = ()
    closed: tuple[ClosedDay, ...] = ()
    opened: tuple[OpenDay, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.weeks, self.closed, self.opened)))

    def __hash__(self) -> int:
        return self._hash

    def week_on(self, day: date) -> WeekPattern | None:
        """Return the week in force on `day`, or None where the default week applies."""
        return next((week for week in self.weeks if week.covers(day)), None)


def parse_rules(record: Record) -> CalendarRules:
    """Return the rules in `record` (see the module's example); they are valid only if it has no faults."""
    weeks = tuple(_week(week) for week in record.records("weeks", named_by="valid_from"))
    closed = tuple(_closed_day(day) for day in record.records("closed", named_by="date"))
    opened = tuple(_open_day(day) for day in record.records("open", named_by="date"))
    for before, after in pairwise(sorted(weeks, key=lambda week: week.valid_from)):
        if before.valid_to is None or before.valid_to >= after.valid_from:
            record.fault("weeks", f"the week from {after.valid_from} overlaps the one before")
    for day, count in Counter([day.date for day in closed] + [day.date for day in opened]).items():
        if count > 1:
            record.fault("closed and open", f"{day} is given {count} times")
    record.done()
    return CalendarRules(weeks, closed, opened)


def _week(record: Record) -> WeekPattern:
    begins, ends = record.span()
    reception_only = frozenset(day for name in record.texts("reception_only", _WEEKDAYS) for day in _weekdays(name))
    week = WeekPattern(begins, ends, _sessions_by_weekday(record), reception_only)
    record.done()
    return week


def _closed_day(record: Record) -> ClosedDay:
    day = ClosedDay(record.day("date"), record.text("vi"), record.text("en"))
    record.done()
    return day


def _open_day(record: Record) -> OpenDay:
    sessions = _sessions(record, "sessions", record.required("sessions"))
    day = OpenDay(record.day("date"), sessions, record.text("vi"), record.text("en"))
    record.done()
    return day


def _sessions_by_weekday(record: Record) -> tuple[tuple[Session, ...], ...]:
    by_weekday: list[tuple[Session, ...]] = [()] * 7
    content = record.required("sessions")
    if not isinstance(content, dict) or not content:
        record.fault("sessions", 'must be an object such as {"mon-fri": ["07:30-11:30", "13:30-17:30"]}')
        content = {}
    for name, texts in content.items():
        days = _weekdays(name)
        if not days:
            record.fault("sessions", f"{name!r} is not a weekday such as sat, or a run such as mon-fri")
        sessions = _sessions(record, f"sessions.{name}", texts)
        for weekday in days:
            if by_weekday[weekday]:
                record.fault("sessions", f"{_WEEKDAYS[weekday]} is given twice")
            by_weekday[weekday] = sessions
    return tuple(by_weekday)


def _weekdays(name: str) -> range:
    """Return the weekdays that "sat" or "mon-fri" names; none when it names no weekday."""
    first, dash, last = name.partition("-")
    if first in _WEEKDAYS and (not dash or last in _WEEKDAYS):
        return range(_WEEKDAYS.index(first), _WEEKDAYS.index(last if dash else first) + 1)
    return range(0)


def _sessions(record: Record, key: str, texts: object) -> tuple[Session, ...]:
    """Return the sessions that `texts` name, adding a fault unless each is well formed and begins after the one before."""
    if not isinstance(texts, list) or not texts:
        record.fault(key, 'must be a list of sessions such as ["07:30-11:30", "13:30-17:30"]')
        return ()
    sessions = []
    for text in texts:
        if not isinstance(text, str) or not _SESSION.fullmatch(text):
            record.fault(key, f"{text!r} is not a session such as 07:30-11:30")
            return ()
        opens, closes = map(time.fromisoformat, text.split("-"))
        if opens >= closes:
            record.fault(key, f"{text} closes before it opens")
        sessions.append(Session(opens, closes))
    for before, after in pairwise(sessions):
        if before.closes >= after.opens:
            record.fault(key, f"{after} does not begin after {before} has ended")
    return tuple(sessions)

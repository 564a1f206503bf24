"""Values of working time: sessions, days with their reasons, time limits, due times with their explanation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cached_property
from zoneinfo import ZoneInfo

TIMEZONE = ZoneInfo("Asia/Ho_Chi_Minh")
"""Every time of the calendar is of this zone, which has one offset (+07:00) and no summer time."""


class CalendarRangeError(ValueError):
    """The day lies outside the years for which the public holidays are recorded."""


@dataclass(frozen=True, slots=True)
class Session:
    """A working session within one day, in whole minutes."""

    opens: time
    closes: time

    @property
    def start(self) -> int:
        """Minutes from midnight to the opening."""
        return self.opens.hour * 60 + self.opens.minute

    @property
    def end(self) -> int:
        """Minutes from midnight to the closing."""
        return self.closes.hour * 60 + self.closes.minute

    def __str__(self) -> str:
        return f"{self.opens:%H:%M}-{self.closes:%H:%M}"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a day is not an ordinary working day.

    `code` is one of: `weekend`, `holiday`, `substituted` (a working day moved to another day), `closed` (this agency is
    closed), `swapped_open` (worked in place of another day), `open` (this agency works an extra day), `weekend_session`
    (regular weekend work) and `reception_only` (dossiers are received, time limits do not run).
    """

    code: str
    vi: str
    en: str


@dataclass(frozen=True)
class DayInfo:
    """One day of an agency: its opening hours, and the reason if the day is out of the ordinary.

    `sessions` are the opening hours. On a `reception_only` day (Saturday morning at some desks) the agency is open, but
    time limits do not run.
    """

    date: date
    sessions: tuple[Session, ...]
    reason: Reason | None = None
    reception_only: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the agency opens at all on this day."""
        return bool(self.sessions)

    @cached_property
    def working_sessions(self) -> tuple[Session, ...]:
        """The sessions in which time limits run; empty on a closed and on a reception-only day."""
        return () if self.reception_only else self.sessions

    @cached_property
    def working_minutes(self) -> int:
        """The number of minutes for which time limits run on this day."""
        return sum(session.end - session.start for session in self.working_sessions)


@dataclass(frozen=True, slots=True)
class Note:
    """One sentence of the explanation of a due time, in Vietnamese and English, about the day `date`."""

    date: date
    code: str
    vi: str
    en: str

    def as_dict(self) -> dict[str, str]:
        """Return the note as JSON-ready strings: date (ISO), code, vi, en."""
        return {"date": self.date.isoformat(), "code": self.code, "vi": self.vi, "en": self.en}


@dataclass(frozen=True, slots=True)
class Due:
    """A due time and its explanation: the start, every day left out with its reason, every roll, and the end."""

    at: datetime
    explanation: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """The time a procedure allows: exactly one of working days, working hours, calendar days, or at once.

    Raises ValueError when none or several are given, or one is not a positive number of whole minutes.
    """

    working_days: int | None = None
    working_hours: float | None = None
    calendar_days: int | None = None
    immediate: bool = False

    def __post_init__(self) -> None:
        given = [value for value in (self.working_days, self.working_hours, self.calendar_days) if value is not None]
        if len(given) + self.immediate != 1:
            raise ValueError("a time limit is exactly one of working_days, working_hours, calendar_days, immediate")
        if any(value <= 0 for value in given):
            raise ValueError("a time limit must be positive; use immediate=True for a result at once")
        if self.working_hours is not None:
            whole_minutes(self.working_hours)

    @classmethod
    def of(cls, unit: str, amount: int) -> TimeLimit:
        """Return the limit of `amount` of one of the units above; for `immediate` the amount is ignored.

        Raises ValueError for another unit.
        """
        match unit:
            case "working_days":
                return cls(working_days=amount)
            case "working_hours":
                return cls(working_hours=amount)
            case "calendar_days":
                return cls(calendar_days=amount)
            case "immediate":
                return cls(immediate=True)
        raise ValueError(f"{unit!r} is no unit of a time limit")


def whole_minutes(hours: float) -> int:
    """Return `hours` in minutes. Raises ValueError unless that is a whole number."""
    minutes = hours * 60
    if minutes != int(minutes):
        raise ValueError(f"{hours} hours are not a whole number of minutes")
    return int(minutes)


def local_minute(moment: datetime) -> datetime:
    """Return `moment` in Vietnamese time, cut to the minute, as on a receipt.

    Raises ValueError for a datetime without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(TIMEZONE).replace(second=0, microsecond=0)

"""Reads how periods are cut and which reports are drawn up by themselves; see ``data/report_periods.json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path

from services.stats.reports.periods import LENGTHS, PeriodKind, ReportPeriod
from shared.agencies.roles import ROLES
from shared.calendar import WorkingCalendar
from shared.data_files import Record, read_record
from shared.runtime.clock import VIETNAM

FILE = Path(__file__).parent.parent / "data" / "report_periods.json"
LATEST_FIRST_DAY = 28
"""Every month has this day."""


class UnknownKind(LookupError):
    """There is no kind of periods of this name."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """When reports of a kind are drawn up by themselves.

    Attributes:
        kind: of the periods.
        roles: agencies with one of these roles.
        days_after: on which day after the period's last day.
        working: whether working days of the agency are counted.
        at: Vietnamese time of day.
        look_back: periods that ended earlier than that are left to people.
        valid_from, valid_to: the periods that end in these days.
    """

    kind: PeriodKind
    roles: tuple[str, ...]
    days_after: int
    working: bool
    at: time
    look_back: timedelta
    valid_from: date
    valid_to: date | None = None

    def due_at(self, period: ReportPeriod, calendar: WorkingCalendar) -> datetime:
        """The moment at which the report of a period is drawn up.

        Args:
            period: of the schedule's kind.
            calendar: of the agency.

        Raises:
            shared.calendar.CalendarRangeError: the days after the period are in a year without known holidays.
        """
        ended = datetime.combine(period.last, time(12), VIETNAM)
        if self.working:
            day = calendar.add_working_days(ended, self.days_after).at.astimezone(VIETNAM).date()
        else:
            day = period.last + timedelta(days=self.days_after)
        return datetime.combine(day, self.at, VIETNAM)


@dataclass(frozen=True, slots=True)
class ReportRules:
    """All rules of reports.

    Attributes:
        kinds: how periods are cut, by name.
        schedules: which reports are drawn up by themselves.
        rating_sample: the least number of ratings of which a share is printed.
    """

    kinds: Mapping[str, PeriodKind]
    schedules: Sequence[Schedule]
    rating_sample: int

    def kind(self, id_: str) -> PeriodKind:
        """A kind of periods by its name.

        Raises:
            UnknownKind: there is none.
        """
        if id_ not in self.kinds:
            raise UnknownKind(id_)
        return self.kinds[id_]


@cache
def report_rules() -> ReportRules:
    """The rules of the data file."""
    return read_report_rules(FILE)


def read_report_rules(file: Path) -> ReportRules:
    """The rules of a data file.

    Raises:
        shared.data_files.DataError: with every fault.
    """
    record = read_record(file)
    for remark in ("description", "source"):
        record.optional_text(remark)
    sample = record.integer("rating_sample", least=1)
    kinds: dict[str, PeriodKind] = {}
    for one in record.records("kinds", named_by="id", at_least=1):
        kind = _kind(one)
        if kind.id in kinds:
            one.fault("id", "there are two of this name")
        kinds[kind.id] = kind
    schedules = [_schedule(one, kinds) for one in record.records("schedules", named_by="kind")]
    record.done()
    record.raise_faults()
    return ReportRules(kinds, [one for one in schedules if one is not None], sample)


def _kind(record: Record) -> PeriodKind:
    months, days = (record.optional_integer(unit) or 0 for unit in ("months", "days"))
    if (months, days) not in LENGTHS:
        known = ", ".join(f"{of_months} months" if of_months else f"{of_days} days" for of_months, of_days in LENGTHS)
        record.fault("months", f"a period has one of these lengths: {known}")
    record.text("certainty")
    valid_from, valid_to = record.span()
    kind = PeriodKind(
        id=record.text("id", pattern=r"[a-z0-9_]{1,20}", like="a short name"),
        vi=record.text("vi"),
        en=record.text("en"),
        months=months,
        first_day=record.integer("first_day", least=1, most=LATEST_FIRST_DAY),
        valid_from=valid_from,
        valid_to=valid_to,
        days=days,
    )
    record.done()
    return kind


def _schedule(record: Record, kinds: Mapping[str, PeriodKind]) -> Schedule | None:
    kind = kinds.get(record.text("kind", choices=tuple(kinds)))
    at = record.text("at", pattern=r"([01]\d|2[0-3]):[0-5]\d", like="a time of day")
    roles = record.texts("roles", choices=tuple(ROLES), at_least=1)
    days, working = record.integer("days_after"), record.boolean("working")
    if not working and days == 0:
        record.fault("days_after", "a report is drawn up after its period")
    look_back = timedelta(days=record.integer("look_back_days", least=1))
    valid_from, valid_to = record.span()
    record.done()
    if kind is None:
        return None
    return Schedule(kind, roles, days, working, time.fromisoformat(at or "00:00"), look_back, valid_from, valid_to)

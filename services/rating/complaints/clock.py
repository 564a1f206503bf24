"""The clock of a complaint: by when it is rejected, more is asked for, answered, and the answer published.

Limits are in working days of the agency that answers, without the first day (Civil Code 2015, articles 147 and 148). While the
complainant is waited for, time is not counted. Pure; `shared/calendar` counts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.rating.complaints.domain import State
from shared.calendar import Note, WorkingCalendar
from shared.calendar.deadlines import due, end_of_day, is_past
from shared.calendar.explanation import rolled


class Deadline(StrEnum):
    """What a limit is for."""

    REJECT = "reject"
    ASK = "ask"
    RESOLVE = "resolve"
    PUBLISH = "publish"


@dataclass(frozen=True, slots=True)
class Limits:
    """Working days for each step.

    Attributes:
        reject, ask, resolve: from the lodging, or from the reopening.
        publish: from the leader's approval.
        source_vi, source_en: the decision that sets them.
    """

    reject: int
    ask: int
    resolve: int
    publish: int
    source_vi: str
    source_en: str

    def days(self, deadline: Deadline) -> int:
        """Working days of a limit."""
        days: int = getattr(self, deadline.value)
        return days


@dataclass(frozen=True, slots=True)
class Wait:
    """A time in which the complainant is, or was, waited for.

    Attributes:
        begins_at: when more was asked for.
        until: the last moment at which a reply is waited for.
        ends_at: when the reply came or the waiting ended; None while it lasts.
    """

    begins_at: datetime
    until: datetime
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueAt:
    """When a limit ends.

    Attributes:
        at: the moment.
        explanation: the sentences that lead to it.
    """

    at: datetime
    explanation: tuple[Note, ...]


ACTIVE: Mapping[State, tuple[Deadline, ...]] = {
    State.LODGED: (Deadline.REJECT, Deadline.RESOLVE),
    State.ASSIGNED: (Deadline.RESOLVE,),
    State.DRAFTED: (Deadline.RESOLVE,),
    State.REOPENED: (Deadline.RESOLVE,),
    State.ANSWERED: (Deadline.PUBLISH,),
}
"""Which limits run in a state; while the complainant is waited for, and after the end, none."""


def due_at(
    deadline: Deadline, since: datetime, limits: Limits, waits: Sequence[Wait], calendar: WorkingCalendar
) -> DueAt:
    """When a limit ends, with the reasons.

    Args:
        deadline: which.
        since: when its time began: the lodging, the reopening, or the approval.
        limits: in force then.
        waits: since then; those that have not ended add nothing yet.
        calendar: of the agency that answers.
    """
    counted = calendar.add_working_days(since, limits.days(deadline))
    at, notes = counted.at, counted.explanation
    moved = calendar.rolled(at)
    if moved != at:
        notes = (*notes, rolled(at.date(), moved.date()))
    minutes = waited_minutes(waits, calendar)
    if minutes:
        notes = (*notes, *calendar.add_working_minutes(moved, minutes).explanation)
    return DueAt(due(at, minutes, calendar), notes)


def waited_minutes(waits: Sequence[Wait], calendar: WorkingCalendar) -> int:
    """Working minutes in which the complainant was waited for; a wait that has not ended counts nothing yet."""
    return sum(max(0, calendar.working_minutes_between(one.begins_at, one.ends_at)) for one in waits if one.ends_at)


def reply_until(asked_at: datetime, days: int, calendar: WorkingCalendar) -> datetime:
    """Until when a reply is waited for: 24:00 of the last day, or of the next working day (Civil Code 2015, article 148)."""
    return end_of_day(calendar.add_calendar_days(asked_at, days).at)


def may_reopen_until(ended_at: datetime, days: int) -> datetime:
    """Until when a complaint may be reopened: 24:00 of the last day."""
    return end_of_day(ended_at + timedelta(days=days))


def on_time(at: datetime, done_at: datetime) -> bool:
    """Whether something was done in time, by the minute."""
    return not is_past(at, done_at)

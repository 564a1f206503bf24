"""Whether a dossier is overdue now, and by how much: computed from its due time, never stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from services.intake.dossiers.domain import IN_PROGRESS, Dossier
from shared.runtime.clock import VIETNAM


class WorkingDays(Protocol):
    """What is needed of a working calendar."""

    def is_working_day(self, day: date) -> bool:
        """Whether time limits run on a day."""


@dataclass(frozen=True, slots=True)
class Lateness:
    """By how much a dossier is overdue.

    Attributes:
        since: the due time that has passed.
        working_days: how many working days have begun since the due day; 0 on the due day itself.
    """

    since: datetime
    working_days: int


def lateness(dossier: Dossier, calendar: WorkingDays, now: datetime) -> Lateness | None:
    """By how much a dossier is overdue; None when it is not, or has its result or its end.

    While its time is not counted, it is as late as it was when the count stopped.

    Args:
        dossier: as read.
        calendar: the receiving desk's, by which the due time was counted.
        now: business time.
    """
    counted_until = dossier.clock_changed_at if dossier.paused and dossier.clock_changed_at is not None else now
    if dossier.state not in IN_PROGRESS or counted_until <= dossier.due_at:
        return None
    day, last = (moment.astimezone(VIETNAM).date() for moment in (dossier.due_at, counted_until))
    days = 0
    while day < last:
        day += timedelta(days=1)
        days += calendar.is_working_day(day)
    return Lateness(dossier.due_at, days)

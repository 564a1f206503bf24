"""What is to be said about the time of a step or a dossier, and to whom, each exactly once.

Pure: from what was said before and the clock follows what is to be said now. The thresholds are practice, not law: `data/warnings.json`.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.routing.domain.clock import WorkingTime


class Reminder(StrEnum):
    """due_soon and overdue go to whoever does the work; then the leader of the unit is told, and at last the centre's."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    UNIT_LEADER = "unit_leader"
    CENTRE_LEADER = "centre_leader"


@dataclass(frozen=True)
class Thresholds:
    """When to speak, for a step or for a dossier.

    Attributes:
        share_left_percent: due soon when at most this share of the time allowed is left …
        least_minutes: … or at most this many working minutes, whichever comes first;
        most_share_percent: but never with more than this share left, so that short work is not due soon from the start.
        unit_leader_minutes: working minutes after the due time at which the unit's leader is told; 0 is at once.
        centre_leader_minutes: working minutes after that at which the centre's leader is told.
    """

    share_left_percent: int
    least_minutes: int
    most_share_percent: int
    unit_leader_minutes: int
    centre_leader_minutes: int


@dataclass(frozen=True)
class DeadlineProgress:
    """A step or a dossier whose time runs.

    Attributes:
        begun_at: when it was assigned or received.
        due_at: by when it is to be done.
        uncounted_minutes: working minutes between the two that are not counted.
        waiting: whether its time is not counted now: then nothing is said.
    """

    begun_at: datetime
    due_at: datetime
    uncounted_minutes: int = 0
    waiting: bool = False


def due_reminders(
    watched: DeadlineProgress, said: AbstractSet[Reminder], thresholds: Thresholds, calendar: WorkingTime, now: datetime
) -> tuple[Reminder, ...]:
    """What is to be said now and was not said before, in order.

    However long nobody looked, all that has become true is said, each once; only "due soon" is left out when the time is over.

    Args:
        watched: whose time runs.
        said: all that was ever said about it.
        thresholds: of its kind.
        calendar: by which its due time was counted.
        now: the moment.
    """
    if watched.waiting:
        return ()
    late = now > watched.due_at
    return tuple(
        saying
        for saying, at in _moments(watched, thresholds, calendar).items()
        if saying not in said and now >= at and late == (saying != Reminder.DUE_SOON)
    )


def next_reminder_at(
    watched: DeadlineProgress, said: AbstractSet[Reminder], thresholds: Thresholds, calendar: WorkingTime
) -> datetime | None:
    """The moment before which nothing more is to be said, for a table that a sweep looks through; None: nothing ever.

    Args:
        watched, said, thresholds, calendar: as for :func:`to_say`.
    """
    if watched.waiting:
        return None
    gone = {*said, Reminder.DUE_SOON} if Reminder.OVERDUE in said else said
    moments = _moments(watched, thresholds, calendar)
    return min((at for saying, at in moments.items() if saying not in gone), default=None)


def due_soon_at(watched: DeadlineProgress, thresholds: Thresholds, calendar: WorkingTime) -> datetime:
    """From when on a step or a dossier is due soon.

    Args:
        watched, thresholds, calendar: as for :func:`to_say`.
    """
    span = max(0, calendar.working_minutes_between(watched.begun_at, watched.due_at))
    allowed = max(0, span - watched.uncounted_minutes)
    left = max(allowed * thresholds.share_left_percent // 100, thresholds.least_minutes)
    left = min(left, allowed * thresholds.most_share_percent // 100)
    return calendar.add_working_minutes(watched.begun_at, span - left).at


def remaining_after_new_promise(said: AbstractSet[Reminder]) -> frozenset[Reminder]:
    """What counts as said once a new time is promised (supplement, re-appointment): "due soon" may be said again, lateness may not."""
    return frozenset(said) if Reminder.OVERDUE in said else frozenset(said) - {Reminder.DUE_SOON}


def _moments(watched: DeadlineProgress, thresholds: Thresholds, calendar: WorkingTime) -> dict[Reminder, datetime]:
    """From when on each saying is true, in the order in which they are said."""
    to_unit = thresholds.unit_leader_minutes
    to_centre = to_unit + thresholds.centre_leader_minutes
    return {
        Reminder.DUE_SOON: due_soon_at(watched, thresholds, calendar),
        Reminder.OVERDUE: watched.due_at,
        Reminder.UNIT_LEADER: _after(watched.due_at, to_unit, calendar),
        Reminder.CENTRE_LEADER: _after(watched.due_at, to_centre, calendar),
    }


def _after(moment: datetime, minutes: int, calendar: WorkingTime) -> datetime:
    return calendar.add_working_minutes(moment, minutes).at if minutes else moment

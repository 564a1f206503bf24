"""Which reminders about the time of a case (a step, a dossier, a complaint) are due, each sent exactly once.

Pure: the reminders sent before and the clock determine those due now. The thresholds are practice, not law: `data/warnings.json` of the
service that sends them.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.calendar.deadlines import WorkingTime, is_past, past_from
from shared.data_files.record import Record


class Reminder(StrEnum):
    """due_soon and overdue go to whoever does the work; then the case escalates to the unit's leader, and later to the centre's."""

    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    UNIT_LEADER = "unit_leader"
    CENTRE_LEADER = "centre_leader"


@dataclass(frozen=True)
class Thresholds:
    """When to send reminders of a kind of case.

    Attributes:
        share_left_percent: due soon when at most this share of the time allowed is left …
        least_minutes: … or at most this many working minutes, whichever comes first;
        most_share_percent: but never with more than this share left, so that short work is not due soon from the start.
        unit_leader_minutes: working minutes from the due time to the escalation to the unit's leader; 0 is at once.
        centre_leader_minutes: working minutes from then to the escalation to the centre's leader.
    """

    share_left_percent: int
    least_minutes: int
    most_share_percent: int
    unit_leader_minutes: int
    centre_leader_minutes: int


def read_thresholds(record: Record) -> Thresholds:
    """The thresholds that a record of a service's data states; what is wrong in it becomes faults of the record."""
    thresholds = Thresholds(
        share_left_percent=record.integer("share_left_percent", most=100),
        least_minutes=60 * record.integer("least_working_hours"),
        most_share_percent=record.integer("most_share_percent", most=100),
        unit_leader_minutes=60 * record.integer("unit_leader_after_working_hours"),
        centre_leader_minutes=60 * record.integer("centre_leader_after_working_hours"),
    )
    record.done()
    return thresholds


@dataclass(frozen=True)
class DeadlineProgress:
    """A case whose time runs.

    Attributes:
        begun_at: when it was assigned or received.
        due_at: by when it is to be done.
        uncounted_minutes: working minutes between the two that are not counted.
        waiting: whether its time is not counted now; then no reminder is due.
    """

    begun_at: datetime
    due_at: datetime
    uncounted_minutes: int = 0
    waiting: bool = False


def due_reminders(
    progress: DeadlineProgress,
    sent: AbstractSet[Reminder],
    thresholds: Thresholds,
    calendar: WorkingTime,
    now: datetime,
) -> tuple[Reminder, ...]:
    """The reminders that are due now and were not sent before, in order.

    After a long gap between checks all that have become due are returned; only "due soon" is left out once the due time is past.

    Args:
        progress: of the case.
        sent: all reminders that were ever sent about it.
        thresholds: for its kind.
        calendar: by which its due time was counted.
        now: the moment.
    """
    if progress.waiting:
        return ()
    late = is_past(progress.due_at, now)
    return tuple(
        reminder
        for reminder, at in _moments(progress, thresholds, calendar).items()
        if reminder not in sent and now >= at and late == (reminder != Reminder.DUE_SOON)
    )


def next_reminder_at(
    progress: DeadlineProgress, sent: AbstractSet[Reminder], thresholds: Thresholds, calendar: WorkingTime
) -> datetime | None:
    """When the next reminder is due, for the table of due checks; None when none will be.

    Args:
        progress, sent, thresholds, calendar: as for :func:`due_reminders`.
    """
    if progress.waiting:
        return None
    gone = {*sent, Reminder.DUE_SOON} if Reminder.OVERDUE in sent else sent
    moments = _moments(progress, thresholds, calendar)
    return min((at for reminder, at in moments.items() if reminder not in gone), default=None)


def due_soon_at(progress: DeadlineProgress, thresholds: Thresholds, calendar: WorkingTime) -> datetime:
    """When a case becomes due soon.

    Args:
        progress, thresholds, calendar: as for :func:`due_reminders`.
    """
    span = max(0, calendar.working_minutes_between(progress.begun_at, progress.due_at))
    allowed = max(0, span - progress.uncounted_minutes)
    left = max(allowed * thresholds.share_left_percent // 100, thresholds.least_minutes)
    left = min(left, allowed * thresholds.most_share_percent // 100)
    return calendar.add_working_minutes(progress.begun_at, span - left).at


def remaining_after_new_promise(sent: AbstractSet[Reminder]) -> frozenset[Reminder]:
    """The reminders that still count as sent once a new time is promised (supplement, re-appointment): "due soon" may be sent again.

    After "overdue" nothing may be sent again: lateness is not undone.
    """
    return frozenset(sent) if Reminder.OVERDUE in sent else frozenset(sent) - {Reminder.DUE_SOON}


def _moments(progress: DeadlineProgress, thresholds: Thresholds, calendar: WorkingTime) -> dict[Reminder, datetime]:
    """When each reminder becomes due, in the order in which they are sent."""
    to_unit = thresholds.unit_leader_minutes
    to_centre = to_unit + thresholds.centre_leader_minutes
    late_from = past_from(progress.due_at)
    return {
        Reminder.DUE_SOON: due_soon_at(progress, thresholds, calendar),
        Reminder.OVERDUE: late_from,
        Reminder.UNIT_LEADER: max(late_from, _after(progress.due_at, to_unit, calendar)),
        Reminder.CENTRE_LEADER: max(late_from, _after(progress.due_at, to_centre, calendar)),
    }


def _after(moment: datetime, minutes: int, calendar: WorkingTime) -> datetime:
    return calendar.add_working_minutes(moment, minutes).at if minutes else moment

"""The legal clock: which time of a dossier is counted, when the dossier is due, and whether it is late.

Intervals cover the time from a dossier's receipt to its result; they touch and never overlap. Each is counted, uncounted (waiting that
is not the agencies' own, such as for a tax notice and its payment; see waiting.py) or supplement (waiting for the citizen's papers).
Uncounted time moves the due time by the working time it took; the law and the index treat a supplement differently (see measures.py).
A pause that begins after the due time does not help: what is late stays late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from shared.calendar.deadlines import WorkingTime, is_past


class Kind(StrEnum):
    """Whether an interval counts against the time limit, and if not, whether the route or a supplement is the reason."""

    COUNTED = "counted"
    UNCOUNTED = "uncounted"
    SUPPLEMENT = "supplement"


@dataclass(frozen=True)
class Interval:
    """A part of a dossier's time; `ends_at` is None for the one that has not ended.

    `reason` is empty when it is counted, and else the id of the step in which the dossier waits.
    """

    kind: Kind
    reason: str
    begins_at: datetime
    ends_at: datetime | None = None


def first_interval(at: datetime) -> Interval:
    """The first interval of a dossier: counted from its receipt on."""
    return Interval(Kind.COUNTED, "", at)


def switch(last: Interval, kind: Kind, reason: str, at: datetime) -> tuple[Interval, Interval]:
    """Ends the last interval and begins the next at the same moment.

    Args:
        last: the interval that has not ended.
        kind, reason: of the next one.
        at: when; a moment before `last` began (clocks of two machines differ) counts as its beginning.

    Raises:
        ValueError: `last` has ended, or is of the same kind already.
    """
    if last.kind == kind:
        raise ValueError(f"the time is {kind} already")
    closed = stop(last, at)
    return closed, Interval(kind, reason, closed.ends_at or at)


def stop(last: Interval, at: datetime) -> Interval:
    """Ends the last interval, never before its beginning.

    Raises:
        ValueError: it has ended.
    """
    if last.ends_at is not None:
        raise ValueError(f"the interval ended at {last.ends_at.isoformat()}")
    return replace(last, ends_at=max(at, last.begins_at))


def minutes(intervals: Iterable[Interval], kind: Kind, calendar: WorkingTime, now: datetime) -> int:
    """Working minutes of all intervals of one kind; one that has not ended counts up to `now`."""
    return sum(minutes_of(interval, calendar, now) for interval in intervals if interval.kind == kind)


def minutes_of(interval: Interval, calendar: WorkingTime, now: datetime) -> int:
    """Working minutes of one interval; one that has not ended counts up to `now`."""
    end = interval.ends_at or max(now, interval.begins_at)
    return calendar.working_minutes_between(interval.begins_at, end)


def is_overdue(due_at: datetime, paused: bool, now: datetime) -> bool:
    """Whether a dossier without a result is late; never while its time is not counted."""
    return not paused and is_past(due_at, now)


def step_on_time(counted: bool, due_at: datetime | None, completed_at: datetime) -> bool:
    """Whether a step was completed in time; always true without a due time or where its time is not counted."""
    return not counted or due_at is None or not is_past(due_at, completed_at)

"""Two measures of one dossier's time, both kept since they treat a supplement differently.

By the law (NĐ 118/2025, article 19.5) the time limit restarts from zero when the supplement is complete. By the index (Quyết định 766,
indicator 2.1) the first promise stands, and the completed waiting for the citizen is added to the due time.
Both leave out uncounted time. Both are computed from the dossier's intervals by the receiving agency's calendar.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from services.routing.domain.clock import Interval, Kind, minutes, minutes_of
from services.routing.domain.rules import required
from shared.calendar import TimeLimit
from shared.calendar.deadlines import DueTime, WorkingTime, due, is_past
from shared.regulations import Regulation


class PromisingCalendar(WorkingTime, Protocol):
    """Working time that can also promise by a time limit."""

    def promise(
        self, received_at: datetime, limit: TimeLimit, regulation: Regulation, remote_extra_days: int = 0
    ) -> DueTime:
        """The time to promise on a receipt."""


@dataclass(frozen=True)
class Terms:
    """The terms by which a dossier's time is counted; they do not change after the receipt.

    Attributes:
        promised_at: the first promise, as printed on the receipt or moved since because its day was declared off.
        limit: of the dossier's case (and of the linked procedures chosen).
        regulation: the version under which it was received.
        remote_extra_days: days added for a hard-to-reach area.
    """

    promised_at: datetime
    limit: TimeLimit
    regulation: Regulation
    remote_extra_days: int = 0


@dataclass(frozen=True)
class NewPromise:
    """A due time that replaces the one before: the re-appointment with an apology (article 19.6), or a due time whose day was declared off.

    Attributes:
        announced_at: from when on it counts.
        due_at: the new due time.
    """

    announced_at: datetime
    due_at: datetime


@dataclass(frozen=True)
class Measure:
    """Due time and lateness of a dossier by one of the measures.

    Attributes:
        due_at: the due time; while the dossier waits, as if the waiting ended now.
        on_time: whether no due time was missed, up to now or up to the dossier's end.
    """

    due_at: datetime
    on_time: bool


def by_law(
    terms: Terms,
    intervals: Sequence[Interval],
    calendar: PromisingCalendar,
    now: datetime,
    new_promises: Sequence[NewPromise] = (),
) -> Measure:
    """The law's measure.

    A complete supplement starts a new promise by the same limit and remote days (article 19.5, where the regulation says so; else its
    waiting is added); uncounted time since then is added. A new promise replaces the one before by its own time.
    None of them makes a due time earlier, and counted time beyond a due time makes the dossier late for good.

    Args:
        terms: of the dossier.
        intervals: its time in order, from its receipt on; the last may not have ended.
        calendar: of the receiving agency.
        now: up to when an interval that has not ended counts.
        new_promises: of the dossier, in any order.
    """
    restarts = required(terms.regulation, "supplement_restarts_deadline") is not None
    base, added, on_time = terms.promised_at, 0, True
    to_come = sorted(new_promises, key=lambda one: one.announced_at)
    for part in _split(intervals, [one.announced_at for one in to_come], now):
        while to_come and part.begins_at >= to_come[0].announced_at:
            base, added = max(to_come.pop(0).due_at, due(base, added, calendar)), 0
        match part.kind:
            case Kind.COUNTED:
                on_time = on_time and not is_past(due(base, added, calendar), _end(part, now))
            case Kind.SUPPLEMENT if restarts:
                restarted = calendar.promise(_end(part, now), terms.limit, terms.regulation, terms.remote_extra_days).at
                base, added = max(restarted, due(base, added, calendar)), 0
            case _:
                added += minutes_of(part, calendar, now)
    due_at = max([due(base, added, calendar), *(calendar.rolled(one.due_at) for one in to_come)])
    return Measure(due_at, on_time)


def by_index(terms: Terms, intervals: Sequence[Interval], calendar: WorkingTime, now: datetime) -> Measure:
    """The index's measure (Quyết định 766, indicator 2.1).

    The dossier's end is compared with the first promise plus the waiting; a dossier that waits for its supplement counts as ended with
    the request. More requests than the index allows count as late.

    Args:
        terms, intervals, calendar, now: as for :func:`by_law`; a new promise does not move the first one.
    """
    last = intervals[-1]
    waits = last.kind == Kind.SUPPLEMENT and last.ends_at is None
    ended_at = last.begins_at if waits else _end(last, now)
    compared_with = due(terms.promised_at, _waited(intervals[:-1] if waits else intervals, calendar, now), calendar)
    most = terms.regulation.find("index_supplement_requests_max")
    requests = sum(interval.kind == Kind.SUPPLEMENT for interval in intervals)
    on_time = not is_past(compared_with, ended_at) and (most is None or requests <= most.count)
    return Measure(due(terms.promised_at, _waited(intervals, calendar, now), calendar), on_time)


def _waited(intervals: Iterable[Interval], calendar: WorkingTime, now: datetime) -> int:
    life = list(intervals)
    return sum(minutes(life, kind, calendar, now) for kind in (Kind.UNCOUNTED, Kind.SUPPLEMENT))


def _end(interval: Interval, now: datetime) -> datetime:
    return interval.ends_at or max(now, interval.begins_at)


def _split(intervals: Iterable[Interval], at: Sequence[datetime], now: datetime) -> Iterator[Interval]:
    """The intervals; those in which one of some moments lies are split there. The moments are in order."""
    for interval in intervals:
        rest = interval
        for moment in at:
            if rest.begins_at < moment < _end(rest, now):
                yield replace(rest, ends_at=moment)
                rest = replace(rest, begins_at=moment)
        yield rest

"""What is counted, and over which dossiers: each measure is one condition, from which both the number and the list behind it come.

All times are business times; a period is `start` (inclusive) to `end` (exclusive), `seen` is the end of the period or now, whichever
is earlier. One citizen's dossier is one row, so it counts once, whatever it fanned out to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, false, func, or_, select, true

from services.stats.facts.store import corrections, dossiers, payments
from services.stats.measures.domain import SATISFIED_FROM, Period

_D = dossiers.c


@dataclass(frozen=True, slots=True)
class Scope:
    """What is looked at.

    Attributes:
        period: the local days.
        as_of: now, in business time.
        filters: column of the dossier → the value it must have; see :data:`FILTERS`.
    """

    period: Period
    as_of: datetime
    filters: Mapping[str, str]

    @property
    def seen(self) -> datetime:
        """When work in hand is looked at."""
        return self.period.seen_at(self.as_of)

    def during(self, column: Column[Any]) -> ColumnElement[bool]:
        """Whether a time lies in the period."""
        return and_(column >= self.period.start, column < self.period.end)

    def matching(self) -> list[ColumnElement[bool]]:
        """The filters as conditions."""
        return [_D[name] == value for name, value in self.filters.items()]


FILTERS = ("agency", "handling_agency", "field", "procedure", "channel")
"""What summaries and lists can be narrowed by; `agency` is where the dossier was received."""


def _in_progress(scope: Scope) -> ColumnElement[bool]:
    unresolved = or_(_D.resolved_at.is_(None), _D.resolved_at >= scope.seen)
    unreturned = or_(_D.returned_at.is_(None), _D.returned_at >= scope.seen)
    unstopped = or_(_D.stopped_at.is_(None), _D.stopped_at >= scope.seen)
    return and_(_D.received_at < scope.seen, unresolved, unreturned, unstopped)


def _awaiting_supplement(scope: Scope) -> ColumnElement[bool]:
    unanswered = or_(_D.supplemented_at.is_(None), _D.supplemented_at >= scope.seen)
    return and_(_in_progress(scope), _D.supplement_requested_at < scope.seen, unanswered)


def _corrected(scope: Scope) -> ColumnElement[bool]:
    return _D.code.in_(select(corrections.c.dossier).where(scope.during(corrections.c.corrected_at)))


def _paid(scope: Scope) -> ColumnElement[bool]:
    return _D.code.in_(select(payments.c.dossier).where(scope.during(payments.c.paid_at)))


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of dossiers.

    Attributes:
        vi: its name, in Vietnamese.
        en: its name, in English.
        where: which dossiers count.
    """

    vi: str
    en: str
    where: Callable[[Scope], ColumnElement[bool]]


MEASURES: dict[str, Measure] = {
    # received in the period
    "received": Measure("Tiếp nhận", "Received", lambda s: s.during(_D.received_at)),
    # the result reached the one-stop desk in the period; resolved = on_time + resolved_late
    "resolved": Measure("Đã giải quyết", "Resolved", lambda s: s.during(_D.resolved_at)),
    # resolved in the period, by the due time as it stood: promised anew or not, uncounted waits taken into account; says routing
    "on_time": Measure("Đúng hạn", "On time", lambda s: and_(s.during(_D.resolved_at), _D.on_time == true())),
    # likewise by the index's measure (QĐ 766/QĐ-TTg): by the first promise, completed supplement time subtracted
    "index_on_time": Measure(
        "Đúng hạn theo Bộ chỉ số 766",
        "On time by the index",
        lambda s: and_(s.during(_D.resolved_at), _D.index_on_time == true()),
    ),
    # of those on time, on a day before the due day
    "early": Measure("Trước hạn", "Early", lambda s: and_(s.during(_D.resolved_at), _D.early == true())),
    # resolved in the period, after the due time
    "resolved_late": Measure(
        "Giải quyết quá hạn", "Resolved late", lambda s: and_(s.during(_D.resolved_at), _D.on_time == false())
    ),
    # ended without a result in the period: taken back, closed without a supplement, or stopped
    "stopped": Measure("Dừng giải quyết", "Stopped", lambda s: s.during(_D.stopped_at)),
    # of these, after the due time
    "stopped_late": Measure(
        "Dừng giải quyết quá hạn",
        "Stopped late",
        lambda s: and_(s.during(_D.stopped_at), _D.stopped_on_time == false()),
    ),
    # promised anew in the period, with an apology
    "extended": Measure("Xin lỗi, hẹn lại", "Promised anew", lambda s: s.during(_D.extended_at)),
    # the citizen was (first) asked for more papers in the period
    "supplement_requested": Measure(
        "Yêu cầu bổ sung", "Asked for a supplement", lambda s: s.during(_D.supplement_requested_at)
    ),
    # went late in the period: passed its due time unresolved, or ended after it before anybody noticed; each dossier does so once
    "late": Measure("Trễ hạn", "Late", lambda s: s.during(_D.late_at)),
    # of these, those that were found past their due time and unresolved
    "overdue": Measure(
        "Quá hạn trong kỳ", "Went overdue", lambda s: and_(s.during(_D.late_at), s.during(_D.overdue_at))
    ),
    # received before, and at the end of the period (or now) neither resolved nor returned nor stopped
    "in_progress": Measure("Đang giải quyết", "In progress", _in_progress),
    # of these, past their due time
    "in_progress_overdue": Measure(
        "Đang giải quyết, quá hạn", "In progress, overdue", lambda s: and_(_in_progress(s), _D.overdue_at < s.seen)
    ),
    # of those in progress, waiting for papers of the citizen
    "awaiting_supplement": Measure("Đang chờ bổ sung", "Waiting for a supplement", _awaiting_supplement),
    # an error of the agency's own was corrected in the period
    "corrected": Measure("Đính chính", "Corrected", _corrected),
    # the citizen got the result in the period
    "returned": Measure("Đã trả kết quả", "Returned", lambda s: s.during(_D.returned_at)),
    # rated in the period
    "rated": Measure("Được đánh giá", "Rated", lambda s: s.during(_D.rated_at)),
    # of these, with 4 (hài lòng) or 5 (rất hài lòng)
    "satisfied": Measure("Hài lòng", "Satisfied", lambda s: and_(s.during(_D.rated_at), _D.score >= SATISFIED_FROM)),
    # paid something in the period, fee or obligation
    "paid": Measure("Có nộp phí, lệ phí, nghĩa vụ", "Paid", _paid),
}
"""Measure → which dossiers it counts."""


def counted(measure: str, scope: Scope) -> Select[tuple[str]]:
    """The codes of the dossiers that a measure counts: the one query behind number and list.

    Args:
        measure: one of :data:`MEASURES`.
        scope: period and filters.
    """
    return select(_D.code).where(MEASURES[measure].where(scope), *scope.matching())


def numbers(connection: Connection, scope: Scope) -> dict[str, int]:
    """Every measure's number, all from one statement and so from one moment."""
    columns = [
        select(func.count()).select_from(counted(name, scope).subquery()).scalar_subquery().label(name)
        for name in MEASURES
    ]
    return dict(connection.execute(select(*columns)).mappings().one())


def listed(connection: Connection, measure: str, scope: Scope, after: str, most: int) -> list[str]:
    """A page of the dossiers behind a number, by code.

    Args:
        connection: reads.
        measure: one of :data:`MEASURES`.
        scope: as for the number.
        after: the last code of the page before; empty for the first page.
        most: codes at the most.
    """
    page = counted(measure, scope).where(_D.code > after).order_by(_D.code).limit(most)
    return [row.code for row in connection.execute(page)]

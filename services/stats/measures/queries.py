"""The measures. Each is one condition on dossiers; both the number and the list of dossiers behind it come from that condition.

All times are business times. A period lasts from `start` (inclusive) to `end` (exclusive). A citizen's dossier is one row, so it counts
once, even if it has linked procedures.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    CTE,
    Column,
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    case,
    column,
    false,
    func,
    or_,
    select,
    true,
    values,
)

from services.stats.facts.store import apologies, corrections, dossiers, payments, ratings
from services.stats.measures.cursors import read_cursor, written_cursor
from services.stats.measures.domain import SATISFIED_FROM, Period

_D = dossiers.c


@dataclass(frozen=True, slots=True)
class Scope:
    """Which period and which dossiers are counted.

    Attributes:
        period: the local days.
        as_of: now, in business time.
        filters: one of :data:`FILTERS` → the value that the dossier must have.
        agencies: only dossiers that one of these has received or handles; None for all.
    """

    period: Period
    as_of: datetime
    filters: Mapping[str, str]
    agencies: frozenset[str] | None = None

    @property
    def observed_until(self) -> datetime:
        """The moment for which measures of a moment are computed: the end of the period's last day, or of today if earlier."""
        return self.period.observed_until(self.as_of)

    def in_period(self, column: Column[Any]) -> ColumnElement[bool]:
        """The condition that a time lies in the period."""
        return and_(column >= self.period.start, column < self.period.end)

    def filter_conditions(self) -> list[ColumnElement[bool]]:
        """The filters and the agencies as conditions on the dossier."""
        conditions = [_D[name] == value for name, value in self.filters.items()]
        if self.agencies is None:
            return conditions
        among = select(_agencies(self.agencies).c.code)
        return [*conditions, or_(_D.agency.in_(among), _D.handling_agency.in_(among))]


@lru_cache(64)
def _agencies(codes: frozenset[str]) -> CTE:
    """The agencies as one common table expression, which a statement names many times and sends once."""
    named = values(column("code", String), name="agency_codes").data([(code,) for code in sorted(codes)])
    return named.cte("agencies")


FILTERS = ("agency", "handling_agency", "field", "procedure", "channel")
"""Columns of the dossier that summaries and lists can be filtered by; `agency` is the receiving agency."""


def _in_progress(scope: Scope) -> ColumnElement[bool]:
    unresolved = or_(_D.resolved_at.is_(None), _D.resolved_at >= scope.observed_until)
    unreturned = or_(_D.returned_at.is_(None), _D.returned_at >= scope.observed_until)
    unstopped = or_(_D.stopped_at.is_(None), _D.stopped_at >= scope.observed_until)
    return and_(_D.received_at < scope.observed_until, unresolved, unreturned, unstopped)


def _awaiting_supplement(scope: Scope) -> ColumnElement[bool]:
    unanswered = or_(_D.supplemented_at.is_(None), _D.supplemented_at >= scope.observed_until)
    return and_(_in_progress(scope), _D.supplement_requested_at < scope.observed_until, unanswered)


def _corrected(scope: Scope) -> ColumnElement[bool]:
    return _D.code.in_(select(corrections.c.dossier).where(scope.in_period(corrections.c.corrected_at)))


def _apologised(scope: Scope) -> ColumnElement[bool]:
    return _D.code.in_(select(apologies.c.dossier).where(scope.in_period(apologies.c.signed_at)))


def _paid(scope: Scope) -> ColumnElement[bool]:
    return _D.code.in_(select(payments.c.dossier).where(scope.in_period(payments.c.paid_at)))


def counted_score() -> ColumnElement[int]:
    """The score with which a rating counts: as given, or as corrected; NULL if it does not count."""
    return case((ratings.c.corrected_at.is_(None), ratings.c.score), else_=ratings.c.corrected_score)


def _rated(least: int) -> Callable[[Scope], ColumnElement[bool]]:
    """The condition that a dossier was rated in the period, with a score that is not lower."""
    score = counted_score() >= least
    return lambda s: _D.code.in_(select(ratings.c.dossier).where(s.in_period(ratings.c.given_at), score))


def _returned_by(method: str) -> Callable[[Scope], ColumnElement[bool]]:
    return lambda scope: and_(scope.in_period(_D.returned_at), _D.return_method == method)


@dataclass(frozen=True, slots=True)
class Measure:
    """A number of dossiers.

    Attributes:
        vi: its name in Vietnamese.
        en: its name in English.
        condition: which dossiers count.
    """

    vi: str
    en: str
    condition: Callable[[Scope], ColumnElement[bool]]


MEASURES: dict[str, Measure] = {
    # received in the period
    "received": Measure("Tiếp nhận", "Received", lambda s: s.in_period(_D.received_at)),
    # the result reached the one-stop desk in the period; resolved = on_time + resolved_late
    "resolved": Measure("Đã giải quyết", "Resolved", lambda s: s.in_period(_D.resolved_at)),
    # resolved in the period, by the due time in force: extensions and waits that do not count are included; decided by routing
    "on_time": Measure("Đúng hạn", "On time", lambda s: and_(s.in_period(_D.resolved_at), _D.on_time == true())),
    # the same by the index (QĐ 766/QĐ-TTg): by the first promised time, without the time of completed supplements
    "index_on_time": Measure(
        "Đúng hạn theo Bộ chỉ số 766",
        "On time by the index",
        lambda s: and_(s.in_period(_D.resolved_at), _D.index_on_time == true()),
    ),
    # of those on time: on a day before the due day
    "early": Measure("Trước hạn", "Early", lambda s: and_(s.in_period(_D.resolved_at), _D.early == true())),
    # resolved in the period, after the due time
    "resolved_late": Measure(
        "Giải quyết quá hạn", "Resolved late", lambda s: and_(s.in_period(_D.resolved_at), _D.on_time == false())
    ),
    # ended without a result in the period: withdrawn, closed for lack of a supplement, or stopped
    "stopped": Measure("Dừng giải quyết", "Stopped", lambda s: s.in_period(_D.stopped_at)),
    # of these: after the due time
    "stopped_late": Measure(
        "Dừng giải quyết quá hạn",
        "Stopped late",
        lambda s: and_(s.in_period(_D.stopped_at), _D.stopped_on_time == false()),
    ),
    # extended in the period, with an apology announced before the due time
    "extended": Measure("Xin lỗi, hẹn lại", "Extended", lambda s: s.in_period(_D.extended_at)),
    # the apology for a lateness was signed in the period
    "apologised": Measure("Xin lỗi vì quá hạn", "Apologised for lateness", _apologised),
    # the citizen was asked for more papers for the first time, in the period
    "supplement_requested": Measure(
        "Yêu cầu bổ sung", "Asked for a supplement", lambda s: s.in_period(_D.supplement_requested_at)
    ),
    # became late in the period: passed its due time unresolved, or ended after it before that was recorded; once for each dossier
    "late": Measure("Trễ hạn", "Late", lambda s: s.in_period(_D.late_at)),
    # of these: found unresolved after their due time
    "overdue": Measure(
        "Quá hạn trong kỳ", "Went overdue", lambda s: and_(s.in_period(_D.late_at), s.in_period(_D.overdue_at))
    ),
    # received by the end of the period (or of today), and then neither resolved nor returned nor stopped
    "in_progress": Measure("Đang giải quyết", "In progress", _in_progress),
    # of these: past their due time
    "in_progress_overdue": Measure(
        "Đang giải quyết, quá hạn",
        "In progress, overdue",
        lambda s: and_(_in_progress(s), _D.overdue_at < s.observed_until),
    ),
    # of those in progress: waiting for papers from the citizen
    "awaiting_supplement": Measure("Đang chờ bổ sung", "Waiting for a supplement", _awaiting_supplement),
    # an agency corrected its own error in the period
    "corrected": Measure("Đính chính", "Corrected", _corrected),
    # the citizen got the result in the period
    "returned": Measure("Đã trả kết quả", "Returned", lambda s: s.in_period(_D.returned_at)),
    # of these: at the counter; as a file that the citizen took; by public post. returned is the sum of the three
    "returned_at_counter": Measure("Trả tại quầy", "Returned at the counter", _returned_by("counter")),
    "returned_electronically": Measure("Trả trực tuyến", "Returned electronically", _returned_by("electronic")),
    "returned_by_post": Measure("Trả qua bưu chính công ích", "Returned by post", _returned_by("post")),
    # of those returned: with a file of the result published, whichever way it was handed over
    "returned_with_file": Measure(
        "Có kết quả điện tử",
        "Returned with an electronic result",
        lambda s: and_(s.in_period(_D.returned_at), _D.published_at.is_not(None)),
    ),
    # the file of an electronic result was published in the period, for the first time
    "published": Measure(
        "Phát hành kết quả điện tử", "Electronic result published", lambda s: s.in_period(_D.published_at)
    ),
    # rated in the period
    "rated": Measure("Được đánh giá", "Rated", _rated(0)),
    # of these: with score 4 (hài lòng) or 5 (rất hài lòng)
    "satisfied": Measure("Hài lòng", "Satisfied", _rated(SATISFIED_FROM)),
    # paid a fee or an obligation in the period
    "paid": Measure("Có nộp phí, lệ phí, nghĩa vụ", "Paid", _paid),
}
"""Name of the measure → the measure."""

LISTED = tuple(name for name in MEASURES if name not in ("rated", "satisfied"))
"""The measures whose dossiers are listed; not those of ratings, which would tell who rated how (NĐ 118/2025, Điều 29.3)."""


def select_codes(measure: str, scope: Scope) -> Select[str]:
    """Selects the codes of the dossiers that a measure counts; both the number and the list use this query.

    Args:
        measure: one of :data:`MEASURES`.
        scope: period and filters.
    """
    return select(_D.code).where(MEASURES[measure].condition(scope), *scope.filter_conditions())


def count_measures(connection: Connection, scope: Scope) -> dict[str, int]:
    """Measure → its number. One statement reads all numbers, so that they are from the same moment."""
    columns = [
        select(func.count()).select_from(select_codes(name, scope).subquery()).scalar_subquery().label(name)
        for name in MEASURES
    ]
    return dict(zip(MEASURES, connection.execute(select(*columns)).one(), strict=True))


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list.

    Attributes:
        codes: of dossiers.
        next: stands for this page when the next one is asked for; None on the last page.
    """

    codes: list[str]
    next: str | None


def list_codes(connection: Connection, measure: str, scope: Scope, after: str = "", limit: int = 100) -> Page:
    """A page of the dossiers behind a number.

    Args:
        connection: reads.
        measure: one of :data:`MEASURES`.
        scope: period and filters.
        after: `next` of the previous page; empty for the first page.
        limit: the most codes.

    Raises:
        BadCursor: `after` is not `next` of a page.
    """
    position = read_cursor(after, 1)
    page = select_codes(measure, scope).where(_D.code > (position[0] if position else "")).order_by(_D.code)
    codes = list(connection.execute(page.limit(limit + 1)).scalars())
    return Page(codes[:limit], written_cursor(codes[limit - 1]) if len(codes) > limit else None)

"""Complaints and feedback, and surveys that have ended: the numbers of a period, and the complaints behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, distinct, false, func, select

from services.stats.facts.store import complaint_events, surveys
from services.stats.measures.domain import share
from services.stats.measures.queries import Scope

_C = complaint_events.c


@dataclass(frozen=True, slots=True)
class ComplaintTotals:
    """What happened to complaints in a period, each complaint once.

    Attributes:
        lodged, assigned, more_requested, rejected, answered, published, reopened, withdrawn: how many complaints.
        answered_on_time: of those answered, within the time limit each time they were answered in the period.
        answered_on_time_share: in percent; None if none was answered.
        overdue: which missed a time limit.
        lodged_by_channel: web, hotline, mailbox, sms, kiosk → how many were lodged.
        answered_by_agency: agency → how many it answered.
    """

    lodged: int
    assigned: int
    more_requested: int
    rejected: int
    answered: int
    published: int
    reopened: int
    withdrawn: int
    answered_on_time: int
    answered_on_time_share: float | None
    overdue: int
    lodged_by_channel: Mapping[str, int]
    answered_by_agency: Mapping[str, int]


COUNTED = (
    *("lodged", "assigned", "more_requested", "rejected", "answered", "published", "reopened", "withdrawn"),
    "overdue",
)
"""What happens to complaints; each is a number, with the list of complaints behind it."""


@dataclass(frozen=True, slots=True)
class SurveyTotals:
    """Surveys that ended in a period.

    Attributes:
        closed: how many.
        invited: how many citizens were invited to them.
        responses: how many answered.
        response_share: in percent; None if nobody was invited.
    """

    closed: int
    invited: int
    responses: int
    response_share: float | None


def count_complaints(connection: Connection, scope: Scope) -> ComplaintTotals:
    """Counts the complaints of a scope. They have no handling agency and come by no channel of dossiers: such filters find none."""
    conditions, number = _conditions(scope), func.count(distinct(_C.complaint))
    by_happening = connection.execute(select(_C.happened, number).where(*conditions).group_by(_C.happened))
    found: dict[str, int] = {row[0]: row[1] for row in by_happening}
    answered = _C.happened == "answered"
    late = select(_C.complaint).where(*conditions, answered, _C.on_time == false())
    in_time = connection.execute(select(number).where(*conditions, answered, _C.complaint.not_in(late))).scalar_one()
    return ComplaintTotals(
        **{happened: found.get(happened, 0) for happened in COUNTED},
        answered_on_time=in_time,
        answered_on_time_share=share(in_time, found.get("answered", 0)),
        lodged_by_channel=_by(connection, scope, "lodged", _C.channel),
        answered_by_agency=_by(connection, scope, "answered", _C.agency),
    )


def list_complaints(connection: Connection, happened: str, scope: Scope, after: str, limit: int) -> list[str]:
    """A page of the complaints behind a number, by code.

    Args:
        connection: reads.
        happened: one of :data:`COUNTED`.
        scope: period and filters.
        after: the last code of the previous page; empty for the first page.
        limit: the most codes.
    """
    found = select(_C.complaint).where(_C.happened == happened, *_conditions(scope), _C.complaint > after)
    return list(connection.execute(found.distinct().order_by(_C.complaint).limit(limit)).scalars())


def count_surveys(connection: Connection, scope: Scope) -> SurveyTotals:
    """Counts the surveys that ended; those of all agencies are nobody's own."""
    c = surveys.c
    conditions: list[ColumnElement[bool]] = [c[name] == value for name, value in scope.filters.items() if name in c]
    if not scope.filters.keys() <= {"agency"}:
        conditions.append(false())
    if scope.agencies is not None:
        conditions.append(c.agency.in_(sorted(scope.agencies)))
    sums = (func.coalesce(func.sum(c.invited), 0), func.coalesce(func.sum(c.responses), 0))
    row = connection.execute(select(func.count(), *sums).where(scope.in_period(c.closed_at), *conditions)).one()
    closed, invited, responses = (int(value) for value in row)
    return SurveyTotals(closed, invited, responses, share(responses, invited))


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    known = [_C[name] == value for name, value in scope.filters.items() if name in ("agency", "field", "procedure")]
    if not scope.filters.keys() <= {"agency", "field", "procedure"}:
        known.append(false())
    if scope.agencies is not None:
        known.append(_C.agency.in_(sorted(scope.agencies)))
    return [scope.in_period(_C.at), *known]


def _by(connection: Connection, scope: Scope, happened: str, column: ColumnElement[str]) -> dict[str, int]:
    counted = select(column, func.count(distinct(_C.complaint))).where(_C.happened == happened, *_conditions(scope))
    return {row[0]: row[1] for row in connection.execute(counted.group_by(column).order_by(column))}

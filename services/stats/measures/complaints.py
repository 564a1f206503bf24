"""Complaints and feedback, and surveys that have ended: the numbers of a period, and the complaints behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, distinct, false, func, select

from services.stats.facts.store import complaint_events
from services.stats.measures.activities import Counts
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


def count_complaints(connection: Connection, scope: Scope, events: Counts) -> ComplaintTotals:
    """Counts the complaints of a scope. They have no handling agency and come by no channel of dossiers: such filters find none.

    What happened to a complaint once is a sum of totals. What happened to one several times, such as a second answer, may fall into
    the period more than once and yet counts once: that is read from the few facts of these complaints, by an index of their own.
    """
    found = Counter(events.get("complaint", {}))
    by_channel = Counter(events.get("complaint_channel", {}))
    by_agency = Counter(events.get("complaint_answered_by", {}))
    conditions, number = [*_conditions(scope), _C.repeated.is_(True)], func.count(distinct(_C.complaint))
    repeated = select(_C.happened, number).where(*conditions).group_by(_C.happened)
    if several := {row[0]: row[1] for row in connection.execute(repeated)}:
        found.update(several)
        lodged, answered = ([*conditions, _C.happened == happened] for happened in ("lodged", "answered"))
        by_channel.update(_apart(connection, _C.channel, lodged))
        by_agency.update(_apart(connection, _C.agency, answered))
        late = select(_C.complaint).where(*answered, _C.on_time == false())
        in_time = select(number).where(*answered, _C.complaint.not_in(late))
        found["answered_on_time"] += connection.execute(in_time).scalar_one()
    return ComplaintTotals(
        **{happened: found[happened] for happened in (*COUNTED, "answered_on_time")},
        answered_on_time_share=share(found["answered_on_time"], found["answered"]),
        lodged_by_channel=dict(sorted(by_channel.items())),
        answered_by_agency=dict(sorted(by_agency.items())),
    )


def _apart(connection: Connection, column: ColumnElement[str], conditions: list[ColumnElement[bool]]) -> dict[str, int]:
    counted = select(column, func.count(distinct(_C.complaint))).where(*conditions).group_by(column)
    return {row[0]: row[1] for row in connection.execute(counted)}


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


def count_surveys(events: Counts) -> SurveyTotals:
    """Counts the surveys that ended; those of all agencies are nobody's own."""
    found = events.get("survey", {})
    invited, responses = found.get("invited", 0), found.get("responses", 0)
    return SurveyTotals(found.get("closed", 0), invited, responses, share(responses, invited))


def _conditions(scope: Scope) -> list[ColumnElement[bool]]:
    known = [_C[name] == value for name, value in scope.filters.items() if name in ("agency", "field", "procedure")]
    if not scope.filters.keys() <= {"agency", "field", "procedure"}:
        known.append(false())
    if scope.agencies is not None:
        known.append(_C.agency.in_(sorted(scope.agencies)))
    return [scope.in_period(_C.at), *known]

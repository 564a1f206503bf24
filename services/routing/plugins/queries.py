"""How agencies with own software answer their steps."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, case, func, or_, select

from services.routing.plugins.sent_steps import sent_steps
from services.routing.plugins.store import agency_services
from services.routing.store.tables import OPEN_TASKS
from services.routing.store.tables import tasks as table
from services.routing.store.tasks import STEP
from shared.persistence.sql import Moment


@dataclass(frozen=True, slots=True)
class AgencyAnswers:
    """How an agency's own software stands.

    Attributes:
        agency: its code.
        open: its open steps.
        unanswered: those that nobody of the agency has answered yet, by its software or at a desk.
        oldest_sent_at: when the oldest of these was first sent; None: there is none.
        last_answer_at: when its software answered last; None: never.
    """

    agency: str
    open: int
    unanswered: int
    oldest_sent_at: datetime | None
    last_answer_at: datetime | None


_T, _S = table.c, sent_steps.c
_ACCEPTED = and_(_T.accepted_by != "", or_(_S.first_sent_at.is_(None), _T.accepted_at >= _S.first_sent_at))
_ANSWERED = or_(_S.answered_at.is_not(None), _T.official.is_not(None), and_(_T.accepted_by.is_not(None), _ACCEPTED))
"""As `sending.is_answered`, which decides; here many steps are counted at once."""
_STEPS = (
    select(
        _T.agency,
        func.count(),
        func.sum(case((_ANSWERED, 0), else_=1)),
        func.min(
            case((_ANSWERED, None), else_=func.coalesce(_S.first_sent_at, _T.assigned_at, type_=Moment())),
            type_=Moment(),
        ),
    )
    .select_from(
        table.join(
            agency_services, and_(agency_services.c.agency == _T.agency, agency_services.c.until.is_(None))
        ).outerjoin(sent_steps, _S.task == _T.id)
    )
    .where(OPEN_TASKS, _T.state == "open", _T.kind == STEP, _T.refused_at.is_(None))
    .group_by(_T.agency)
)
_LAST = select(func.max(_S.answered_at, type_=Moment())).where(_S.agency == agency_services.c.agency).scalar_subquery()
_AGENCIES = (
    select(agency_services.c.agency, _LAST).where(agency_services.c.until.is_(None)).order_by(agency_services.c.agency)
)


def answers_of_agencies(connection: Connection, among: Collection[str] | None = None) -> list[AgencyAnswers]:
    """The agencies whose own software takes part, with how it answers.

    Args:
        connection: any.
        among: only these agencies; None: all.
    """
    counted = {row[0]: row for row in connection.execute(_STEPS)}
    found = []
    for agency, last in connection.execute(_AGENCIES):
        if among is None or agency in among:
            _, open_steps, unanswered, oldest = counted.get(agency, (agency, 0, 0, None))
            found.append(AgencyAnswers(agency, open_steps, int(unanswered), oldest, last))
    return found

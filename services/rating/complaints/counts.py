"""How many complaints there are, for metrics."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, func, select

from services.rating.complaints.domain import IN_HAND
from services.rating.complaints.tables import complaints
from shared.calendar.deadlines import minute_of

_C = complaints.c
_STATES = sorted(IN_HAND)


def in_hand_by_agency(connection: Connection) -> dict[str, int]:
    """How many wait for their answer, by the agency that answers."""
    statement = select(_C.agency, func.count()).where(_C.state.in_(_STATES)).group_by(_C.agency)
    return {row[0]: row[1] for row in connection.execute(statement)}


def overdue_by_agency(connection: Connection, now: datetime) -> dict[str, int]:
    """How many have passed the time limit that runs, by the agency that answers."""
    statement = select(_C.agency, func.count()).where(_C.due_at < minute_of(now)).group_by(_C.agency)
    return {row[0]: row[1] for row in connection.execute(statement)}

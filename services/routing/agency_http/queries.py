"""What operators see of agencies that are connected over HTTPS."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, func, select

from services.routing.agency_http.domain import EventState
from services.routing.agency_http.store import agency_events
from services.routing.agency_http.webhook_store import agency_subscriptions
from services.routing.plugins.store import agency_services
from services.routing.plugins.ways import OVER_HTTP, Way

_E, _S, _P = agency_events.c, agency_subscriptions.c, agency_services.c


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits for one agency.

    Attributes:
        agency: its code.
        way: ``webhook`` or ``pull``.
        waiting: how many events wait.
        oldest: since when the oldest of them waits; None if none does.
        given_up: how many events its webhook did not take for days.
        disabled: whether nothing is sent to its webhook any more.
    """

    agency: str
    way: str
    waiting: int
    oldest: datetime | None
    given_up: int
    disabled: bool


def backlogs(connection: Connection) -> list[Backlog]:
    """What waits for each agency that is connected over HTTPS, those for which nothing waits included."""
    waits, failed = (_E.state == state for state in (EventState.WAITING, EventState.GIVEN_UP))
    oldest = func.min(case((waits, _E.created_at)), type_=_E.created_at.type)
    waiting, given_up = (func.count(case((one, _E.number))) for one in (waits, failed))
    disabled_at = func.max(_S.disabled_at, type_=_S.disabled_at.type)
    statement = (
        select(_P.agency, _P.way, waiting, oldest, given_up, disabled_at)
        .outerjoin_from(agency_services, agency_events, (_E.agency == _P.agency) & (waits | failed))
        .outerjoin(agency_subscriptions, _S.agency == _P.agency)
        .where(_P.until.is_(None), _P.way.in_(sorted(OVER_HTTP)))
        .group_by(_P.agency, _P.way)
        .order_by(_P.agency)
    )
    return [
        Backlog(agency, way, count, since, failures, disabled is not None and way == Way.WEBHOOK)
        for agency, way, count, since, failures, disabled in connection.execute(statement)
    ]

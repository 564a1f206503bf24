"""Deletes events that agencies have long taken, and old attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from services.routing.agency_http.domain import EventState
from services.routing.agency_http.settings import http_rules
from services.routing.agency_http.store import agency_events
from services.routing.agency_http.webhook_store import agency_attempts
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep

PAGE = 500
_E = agency_events.c


def delete_old(context: Context) -> int:
    """Deletes a page of events that ended before the time of keeping, with their attempts; returns how many."""
    before = context.clock.wall() - http_rules().keep
    return context.store.run(lambda work: _delete_before(work, before))


def _delete_before(work: UnitOfWork, moment: datetime) -> int:
    ended = select(_E.number).where(_E.state != EventState.WAITING, _E.created_at < moment, _E.ended_at < moment)
    numbers = list(work.connection.execute(ended.order_by(_E.created_at).limit(PAGE)).scalars())
    work.connection.execute(delete(agency_attempts).where(agency_attempts.c.at < moment))
    work.connection.execute(delete(agency_attempts).where(agency_attempts.c.event.in_(numbers)))
    return work.connection.execute(delete(agency_events).where(_E.number.in_(numbers))).rowcount


OLD_EVENTS = Sweep("old agency events", timedelta(hours=1), delete_old)

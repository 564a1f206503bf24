"""Closing a clerk's day. It is final: what is found out later is put right on a later day."""

from __future__ import annotations

from datetime import date

from services.intake.payments.closing import store
from services.intake.payments.closing.domain import Closing, DayClosed, DayNotOver, ReasonNeeded, closing_lines
from services.intake.payments.ledger.domain import Posting
from services.intake.payments.ledger.store import drawer, post
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM


def close_day(work: UnitOfWork, desk: str, clerk: str, day: date, counted: int, reason: str) -> Closing:
    """Closes a clerk's day: the counted cash is handed in, a difference is booked with its reason.

    Args:
        work: the transaction.
        desk: the desk's code.
        clerk: the subject of the clerk's token.
        day: the business day.
        counted: VND.
        reason: why it differs from what is recorded; empty where it does not.

    Raises:
        DayNotOver: it has not come yet.
        DayClosed: it is closed already.
        ReasonNeeded: there is a difference and no reason.
    """
    if day > work.now.astimezone(VIETNAM).date():
        raise DayNotOver
    if store.lock_day(work.connection, desk, clerk, day):
        raise DayClosed
    recorded = drawer(work.connection, desk, clerk, day)
    if counted != recorded and not reason:
        raise ReasonNeeded(recorded)
    closing = Closing(new_id(), desk, clerk, day, recorded, counted, reason, work.now)
    store.add_closing(work.connection, closing)
    store.set_closed(work.connection, desk, clerk, day)
    lines = closing_lines(recorded, counted)
    if lines:
        post(work.connection, Posting("day_closed", closing.id, desk, clerk, "", day, work.now, lines))
    return closing

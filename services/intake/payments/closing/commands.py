"""Closing a clerk's day, and reopening it."""

from __future__ import annotations

from datetime import date

from services.intake.payments.closing import store
from services.intake.payments.closing.domain import (
    Closing,
    DayOpen,
    ReasonNeeded,
    closing_lines,
    reversed_lines,
)
from services.intake.payments.ledger.domain import Line, Posting
from services.intake.payments.ledger.store import drawer, post
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork


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
        services.intake.payments.closing.domain.DayClosed: it is closed already.
        ReasonNeeded: there is a difference and no reason.
    """
    store.lock_open_day(work.connection, desk, clerk, day)
    recorded = drawer(work.connection, desk, clerk, day)
    if counted != recorded and not reason:
        raise ReasonNeeded(recorded)
    closing = Closing(new_id(), desk, clerk, day, recorded, counted, reason, work.now)
    store.add_closing(work.connection, closing)
    store.set_closed(work.connection, desk, clerk, day, closed=True)
    _post(work, closing, "day_closed", closing_lines(recorded, counted))
    return closing


def reopen_day(work: UnitOfWork, desk: str, clerk: str, day: date, reason: str, leader: str) -> None:
    """Reopens a closed day: the cash is in the drawer again. The closing stays as it was, with the reopening beside it.

    Args:
        work: the transaction.
        desk, clerk, day: as for :func:`close_day`.
        reason: in words.
        leader: the subject of the leader's token.

    Raises:
        DayOpen: it is not closed.
    """
    closed = store.lock_day(work.connection, desk, clerk, day)
    closing = store.last_closing(work.connection, desk, clerk, day)
    if not closed or closing is None:
        raise DayOpen
    values = {"closing": closing.id, "reason": reason, "reopened_at": work.now, "reopened_by": leader}
    store.add_reopening(work.connection, values)
    store.set_closed(work.connection, desk, clerk, day, closed=False)
    _post(work, closing, "day_reopened", reversed_lines(closing_lines(closing.recorded, closing.counted)))


def _post(work: UnitOfWork, closing: Closing, kind: str, lines: tuple[Line, ...]) -> None:
    if lines:
        post(
            work.connection,
            Posting(kind, closing.id, closing.desk, closing.clerk, "", closing.day, work.now, lines),
        )

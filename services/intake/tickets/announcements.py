"""What others learn of a ticket: the events, and after the commit the metrics. Nothing tells of the person."""

from __future__ import annotations

from typing import Any

from services.intake.tickets import metrics
from services.intake.tickets.domain import Ticket
from shared.persistence.unit_of_work import UnitOfWork


def issued(work: UnitOfWork, ticket: Ticket) -> None:
    """A ticket was issued, to a new visitor or to one who is transferred."""
    work.emit(
        "ticket.issued",
        _common(ticket)
        | {
            "appointment": ticket.slot_start is not None,
            "transferred_from": ticket.transferred_from or None,
            "issued_at": ticket.issued_at,
        },
    )
    if not ticket.transferred_from:
        work.after_commit(lambda: metrics.count_issued(work.service, ticket))


def called(work: UnitOfWork, ticket: Ticket) -> None:
    """A visitor was called; to call again to the same counter is not told."""
    waited = seconds_waited(ticket)
    moment = {"counter": ticket.counter, "waited": waited, "called_at": work.now}
    work.emit("ticket.called", _common(ticket) | moment)
    _tell_of_official(work, ticket, "called")
    work.after_commit(lambda: metrics.count_called(work.service, ticket, waited))


def served(work: UnitOfWork, ticket: Ticket, *, timed: bool = True) -> None:
    """A visitor was served.

    Args:
        work: the transaction.
        ticket: as it is now.
        timed: whether the end is known to the minute, so that it counts in service times.
    """
    seconds = seconds_at_counter(ticket) if timed else None
    moment = {"counter": ticket.counter, "waited": seconds_waited(ticket), "served": seconds, "served_at": work.now}
    work.emit("ticket.served", _common(ticket) | moment)
    if timed:
        _tell_of_official(work, ticket, "served")
    work.after_commit(lambda: metrics.count_served(work.service, ticket, seconds))


def missed(work: UnitOfWork, ticket: Ticket) -> None:
    """A visitor did not come to the counter, or not for the appointment."""
    work.emit(
        "ticket.missed", _common(ticket) | {"counter": ticket.counter, "cause": ticket.reason, "missed_at": work.now}
    )
    work.after_commit(lambda: metrics.count_missed(work.service, ticket))


def cancelled(work: UnitOfWork, ticket: Ticket) -> None:
    """A ticket was cancelled."""
    work.emit("ticket.cancelled", _common(ticket) | {"cause": ticket.reason, "cancelled_at": work.now})


def _tell_of_official(work: UnitOfWork, ticket: Ticket, act: str) -> None:
    """Tells rating and stats by whom; nothing where nobody in particular did it. `clerk` is the subject of a token, never a name."""
    if ticket.clerk:
        visitor = {"desk": ticket.desk, "counter": ticket.counter, "ticket": ticket.id, "number": ticket.shown}
        work.emit("official.served", {"act": act, "official": ticket.clerk, "at": work.now, **visitor})


def seconds_waited(ticket: Ticket) -> int:
    """How long the visitor waited for the call: from their arrival in this line, or the begin of their slot; 0 before the call."""
    if ticket.called_at is None:
        return 0
    since = max(ticket.waits_since, ticket.arrived_at or ticket.waits_since)
    return max(0, round((ticket.called_at - since).total_seconds()))


def seconds_at_counter(ticket: Ticket) -> int | None:
    """How long the visitor was served; None if that has not begun or not ended."""
    if ticket.serving_at is None or ticket.ended_at is None:
        return None
    return max(0, round((ticket.ended_at - ticket.serving_at).total_seconds()))


def _common(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.id,
        "desk": ticket.desk,
        "group": ticket.group,
        "day": ticket.day.isoformat(),
        "number": ticket.shown,
        "channel": str(ticket.channel),
        "priority": ticket.prioritised,
    }

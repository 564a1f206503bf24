"""Dossiers that are filed in a visit: the counter's pages carry the ticket along, and the link is written with the dossier."""

from __future__ import annotations

import re
from datetime import date

from sqlalchemy import Connection

from services.intake.tickets import store
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.errors import UnknownTicket
from services.intake.tickets.states import State
from shared.persistence.unit_of_work import UnitOfWork

_ID = re.compile(r"[0-9a-f]{32}")


def ticket_id(text: str) -> str:
    """The id of a ticket from an address or a form; empty if it is none."""
    return text if _ID.fullmatch(text) else ""


def served_by(connection: Connection, desk: str, clerk: str, day: date) -> Ticket | None:
    """The ticket of whom a clerk serves on a day; None for nobody."""
    for one in store.counter_sessions(connection, desk):
        if one.clerk == clerk and one.ticket_id is not None:
            ticket = store.get(connection, one.ticket_id, desk)
            return ticket if ticket.state is State.SERVING and ticket.day == day else None
    return None


def link_filing(work: UnitOfWork, desk: str, ticket: str, dossier: str) -> None:
    """Notes that a dossier was filed in a visit. A ticket of another desk or day is left out: a filing never fails for its ticket.

    Args:
        work: the transaction of the filing.
        desk: at which the dossier is filed.
        ticket: its id; empty for none, which costs no statement.
        dossier: its code, or the placeholder of it.
    """
    if not ticket:
        return
    try:
        found = store.get(work.connection, ticket, desk)
    except UnknownTicket:
        return
    if found.day == local_day(work.now):
        store.link_dossier(work, found.id, dossier)

"""The JSON API of tickets: issuing one at the reception, who waits, and what happens to a ticket away from the counters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import commands, queries, store
from services.intake.tickets.domain import Ticket, local_day
from services.intake.tickets.groups import DeskServices, services_at
from services.intake.tickets.schemas import (
    CancelTicketSchema,
    IssueTicketSchema,
    TicketSchema,
    TransferTicketSchema,
    WaitingTicketsSchema,
)
from services.intake.tickets.states import CancelCause, Channel
from shared.agencies import Agencies
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context, query

api = ApiBlueprint("intake", "tickets", "Numbers of visitors who wait")


@api.post("/desks/<agency>/tickets")
@vital
@roles("clerk", agency="record")
@command(IssueTicketSchema, TicketSchema, status=201, location="/intake/api/desks/{desk}/tickets/{id}")
@domain_errors_as_problems()
def issue_ticket(work: UnitOfWork, body: dict[str, Any], agency: str) -> dict[str, Any]:
    """Gives a visitor the next number of a group, at the reception."""
    wanted = {"group": body["group"], "priority": body["priority"]}
    return shown(commands.issue(work, services_of(work, agency), channel=Channel.RECEPTION, **wanted))


@api.get("/desks/<agency>/tickets")
@roles("clerk", "leader", agency="record")
@query(gives=WaitingTicketsSchema, etag=True)
@domain_errors_as_problems()
def list_waiting(connection: Connection, agency: str) -> dict[str, Any]:
    """Who waits at a desk, in the order in which they are called, and how long it will take in each group."""
    here = context()
    now = here.clock.now()
    services = services_for_caller(here.reference.agencies, agency, now)
    waiting = queries.waiting(connection, agency, now)
    estimates = queries.wait_estimates(connection, services, now)
    groups = [
        {
            "code": one.code,
            "letter": one.letter,
            "name": one.name,
            "name_en": one.name_en,
            "waiting": sum(1 for ticket in waiting if ticket.group == one.code),
            "estimate": estimates[one.code],
        }
        for one in services.groups
    ]
    return {"items": [shown(one) for one in waiting], "groups": groups}


@api.get("/desks/<agency>/tickets/<id>")
@roles("clerk", "leader", agency="record")
@query(gives=TicketSchema)
@domain_errors_as_problems()
def get_ticket(connection: Connection, agency: str, id: str) -> dict[str, Any]:
    """One ticket of a desk."""
    here = context()
    services_for_caller(here.reference.agencies, agency, here.clock.now())
    return shown(store.get(connection, id, agency))


@api.post("/desks/<agency>/tickets/<id>/check-in")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def check_in(work: UnitOfWork, agency: str, id: str) -> dict[str, Any]:
    """The holder of an appointment is here."""
    return shown(commands.check_in(work, services_of(work, agency), id))


@api.post("/desks/<agency>/tickets/<id>/requeue")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def requeue(work: UnitOfWork, agency: str, id: str) -> dict[str, Any]:
    """A visitor who missed the call waits again with the old number, once."""
    return shown(commands.requeue(work, services_of(work, agency), id))


@api.post("/desks/<agency>/tickets/<id>/transfer")
@roles("clerk", agency="record")
@command(TransferTicketSchema, TicketSchema)
@domain_errors_as_problems()
def transfer_waiting(work: UnitOfWork, body: dict[str, Any], agency: str, id: str) -> dict[str, Any]:
    """Sends a visitor who waits to another group; answers the new ticket, which shows the same number."""
    reason = plain_text(body["reason"], "reason", MAX_NOTE)
    return shown(commands.transfer(work, services_of(work, agency), id, body["group"], reason))


@api.post("/desks/<agency>/tickets/<id>/cancel")
@roles("clerk", agency="record")
@command(CancelTicketSchema, TicketSchema)
@domain_errors_as_problems()
def cancel(work: UnitOfWork, body: dict[str, Any], agency: str, id: str) -> dict[str, Any]:
    """Ends a ticket whose holder will not be served."""
    return shown(commands.cancel(work, services_of(work, agency), id, CancelCause(body["cause"])))


def services_of(work: UnitOfWork, desk: str) -> DeskServices:
    """The groups, counters and rules of a desk today; errors as for :func:`services_for_caller`."""
    return services_for_caller(work.reference.agencies, desk, work.now)


def services_for_caller(agencies: Agencies, desk: str, now: datetime) -> DeskServices:
    """The groups, counters and rules of a desk, if the caller may serve visitors there.

    Raises:
        services.intake.filing.domain.desk.NotADesk: it is no one-stop desk.
        shared.web.problem.Problem: 403, the caller works elsewhere.
    """
    found = services_at(agencies, desk, local_day(now))
    access.require(access.may_serve_visitors(principal(), desk))
    return found


def shown(ticket: Ticket) -> dict[str, Any]:
    """A ticket as the API shows it."""
    same = TicketSchema().fields.keys() - {"number", "transferred_from"}
    return {name: getattr(ticket, name) for name in same} | {
        "number": ticket.shown,
        "transferred_from": ticket.transferred_from or None,
    }

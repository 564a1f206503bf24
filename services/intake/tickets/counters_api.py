"""The JSON API of counters: opening one, calling visitors and serving them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.tickets import counters, queries
from services.intake.tickets.api import services_for_caller, services_of, shown
from services.intake.tickets.schemas import (
    CalledTicketSchema,
    CountersSchema,
    CounterStateSchema,
    OpenCounterSchema,
    TicketSchema,
    TransferTicketSchema,
)
from services.intake.tickets.store import CounterSession
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.admission.request_kinds import vital
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context, query

api = ApiBlueprint("intake", "counters", "Counters, and the visitors who are called to them")


@api.get("/desks/<agency>/counters")
@roles("clerk", "leader", agency="record")
@query(gives=CountersSchema, etag=True)
@domain_errors_as_problems()
def list_counters(connection: Connection, agency: str) -> dict[str, Any]:
    """The counters of a desk as they are now."""
    here, caller = context(), principal().subject
    now = here.clock.now()
    services = services_for_caller(here.reference.agencies, agency, now)
    return {
        "items": [
            {
                "number": one.number,
                "groups": sorted(one.groups),
                "state": one.state,
                "since": one.since,
                "mine": one.clerk == caller,
                "ticket": shown(one.ticket) if one.ticket else None,
            }
            for one in queries.counters(connection, services, now)
        ]
    }


@api.post("/desks/<agency>/counters/<int:number>/open")
@roles("clerk", agency="record")
@command(OpenCounterSchema, CounterStateSchema)
@domain_errors_as_problems()
def open_counter(work: UnitOfWork, body: dict[str, Any], agency: str, number: int) -> dict[str, Any]:
    """The caller sits down at a counter, or comes back from a break."""
    services, take_over = services_of(work, agency), body["take_over"]
    return _state(counters.open_counter(work, services, number, principal().subject, take_over))


@api.post("/desks/<agency>/counters/<int:number>/break")
@roles("clerk", agency="record")
@command(gives=CounterStateSchema)
@domain_errors_as_problems()
def take_break(work: UnitOfWork, agency: str, number: int) -> dict[str, Any]:
    """The counter calls nobody for a while."""
    return _state(counters.take_break(work, services_of(work, agency), number, principal().subject))


@api.post("/desks/<agency>/counters/<int:number>/close")
@roles("clerk", agency="record")
@command(gives=CounterStateSchema)
@domain_errors_as_problems()
def close_counter(work: UnitOfWork, agency: str, number: int) -> dict[str, Any]:
    """The caller leaves the counter; who was called and has not come goes back to the line."""
    return _state(counters.close_counter(work, services_of(work, agency), number, principal().subject))


@api.post("/desks/<agency>/counters/<int:number>/call-next")
@vital
@roles("clerk", agency="record")
@command(gives=CalledTicketSchema)
@domain_errors_as_problems()
def call_next(work: UnitOfWork, agency: str, number: int) -> dict[str, Any]:
    """Calls the next visitor of the counter's groups."""
    ticket = counters.call_next(work, services_of(work, agency), number, principal().subject)
    return {"ticket": shown(ticket) if ticket else None}


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/recall")
@vital
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def recall(work: UnitOfWork, agency: str, number: int, id: str) -> dict[str, Any]:
    """Calls the visitor again."""
    return shown(counters.recall(work, services_of(work, agency), number, principal().subject, id))


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/begin")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def begin(work: UnitOfWork, agency: str, number: int, id: str) -> dict[str, Any]:
    """The visitor has come and is served from now on."""
    return shown(counters.begin(work, services_of(work, agency), number, principal().subject, id))


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/finish")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def finish(work: UnitOfWork, agency: str, number: int, id: str) -> dict[str, Any]:
    """The visitor has been served."""
    return shown(counters.finish(work, services_of(work, agency), number, principal().subject, id))


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/miss")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def miss(work: UnitOfWork, agency: str, number: int, id: str) -> dict[str, Any]:
    """The visitor has not come."""
    return shown(counters.miss(work, services_of(work, agency), number, principal().subject, id))


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/release")
@roles("clerk", agency="record")
@command(gives=TicketSchema)
@domain_errors_as_problems()
def release(work: UnitOfWork, agency: str, number: int, id: str) -> dict[str, Any]:
    """The visitor was called by mistake and goes back to their place in the line."""
    return shown(counters.release(work, services_of(work, agency), number, principal().subject, id))


@api.post("/desks/<agency>/counters/<int:number>/tickets/<id>/transfer")
@roles("clerk", agency="record")
@command(TransferTicketSchema, TicketSchema)
@domain_errors_as_problems()
def transfer_from_counter(work: UnitOfWork, body: dict[str, Any], agency: str, number: int, id: str) -> dict[str, Any]:
    """Sends the counter's visitor to another group; answers the new ticket, which shows the same number."""
    reason = plain_text(body["reason"], "reason", MAX_NOTE)
    services, clerk = services_of(work, agency), principal().subject
    return shown(counters.transfer(work, services, number, clerk, id, body["group"], reason))


def _state(session: CounterSession) -> dict[str, Any]:
    return {"number": session.counter, "state": session.state, "since": session.since}

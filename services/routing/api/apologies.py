"""Apologies for late dossiers: a leader's list of letters to sign, and the signature."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.routing.api.blueprint import api
from services.routing.apologies import commands, queries
from services.routing.apologies.domain import Letter
from services.routing.apologies.queries import WaitingPage
from services.routing.apologies.store import Apology
from services.routing.caller import caller_access
from services.routing.problems import domain_errors_as_problems
from services.routing.schemas.apologies import (
    ApologiesQuerySchema,
    ApologyPageSchema,
    ApologySchema,
    SignatureSchema,
)
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, query


@api.get("/apologies")
@roles("leader", agency="record")
@audited
@query(ApologiesQuerySchema, ApologyPageSchema)
def list_apologies(connection: Connection, asked: dict[str, Any]) -> WaitingPage:
    """Lists the letters that wait for the leader's signature, the longest lateness first."""
    scope_checked()  # the list is limited to the agencies that the leader leads
    record_reading("apologies", principal().agency)
    return queries.waiting_page(connection, caller_access(connection), asked["cursor"], asked["limit"])


@api.post("/apologies/<id_>/sign")
@roles("leader", agency="record")
@command(SignatureSchema, ApologySchema)
def sign_apology(work: UnitOfWork, body: dict[str, Any], id_: str) -> Apology:
    """Signs the apology for a late dossier: it gets its number, and the citizen is told the new date."""
    with domain_errors_as_problems():
        return commands.sign(work, caller_access(work.connection), id_, missing=Letter(**body))

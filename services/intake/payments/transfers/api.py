"""The JSON API of payments that are paid on."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.filing.domain.applicant import plain_text
from services.intake.payments.transfers import store
from services.intake.payments.transfers.commands import transfer
from services.intake.payments.transfers.schemas import (
    TransferDoneSchema,
    TransferListSchema,
    TransferQuerySchema,
    TransferredSchema,
)
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query

LIMIT = 200

api = ApiBlueprint("intake", "fee_transfers", "Fees paid online that are paid on to agencies' accounts")


@api.get("/payments/transfers")
@audited
@roles("clerk", "leader", agency="record")
@query(TransferQuerySchema, TransferListSchema)
def list_transfers(connection: Connection, arguments: dict[str, Any]) -> dict[str, Any]:
    """The payments of the caller's desk that wait for being paid on, are overdue, or were paid on."""
    here = context()
    now = here.clock.now()
    desks = access.listable_desks(principal(), "", here.reference.agencies, now.date())
    access.require(bool(desks))
    record_reading("payments", principal().agency)
    if arguments["state"] == "done":
        return {"items": store.done(connection, desks, LIMIT)}
    return {"items": store.waiting(connection, desks, now if arguments["state"] == "overdue" else None, LIMIT)}


@api.post("/payments/transfers")
@roles("clerk", agency="record")
@command(TransferDoneSchema, TransferredSchema)
@domain_errors_as_problems()
def record_transfer(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Records that payments were paid on by one order of the bank."""
    desks = access.listable_desks(principal(), "", work.reference.agencies, work.now.date())
    access.require(bool(desks))
    reference = plain_text(body["reference"], "reference", 200)
    return transfer(work, body["payments"], desks, reference, principal().subject)

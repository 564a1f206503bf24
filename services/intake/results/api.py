"""The JSON API of handing over results."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NAME, MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.results import commands
from services.intake.results.schemas import ReturnedSchema, ReturnSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "results", "Results handed over to citizens")


@api.post("/dossiers/<code>/return")
@roles("clerk", agency="record")
@command(ReturnSchema, ReturnedSchema)
@domain_errors_as_problems()
def return_result(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Hands the result over; before the promised time only after the citizen was notified."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    hand_over = commands.ResultHandOver(
        receiver_name=plain_text(body["receiver_name"], "receiver_name", MAX_NAME),
        note=plain_text(body["note"], "note", MAX_NOTE),
        citizen_notified=body["citizen_notified"],
        clerk=principal().subject,
    )
    return commands.return_result(work, dossier, hand_over)

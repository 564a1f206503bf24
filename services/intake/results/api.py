"""The JSON API of handing over results."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.problems import domain_errors_as_problems, invalid_fields
from services.intake.results import commands
from services.intake.results.domain import make_hand_over
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
    """Hands the result over to the right person; before the promised time only after the citizen was notified."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    hand_over, faults = make_hand_over(**body | {"originals": tuple(body["originals"])})
    if hand_over is None:
        raise invalid_fields(faults)
    return commands.return_result(work, dossier, hand_over, principal().subject)

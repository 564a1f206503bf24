"""The JSON API of supplements."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.components import components
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.supplements.commands import Supplement, hand_in_supplement
from services.intake.supplements.schemas import SupplementedSchema, SupplementSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "supplements", "Papers that an agency asked for, handed in at the desk")


@api.post("/dossiers/<code>/supplement")
@roles("clerk", agency="record")
@command(SupplementSchema, SupplementedSchema, secrets=("papers",))
@domain_errors_as_problems()
def supplement(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Takes the requested papers."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    note = plain_text(body["note"], "note", MAX_NOTE)
    handed_in = Supplement(body["papers"], note, principal().subject)
    return hand_in_supplement(work, components().catalogue, dossier, handed_in)

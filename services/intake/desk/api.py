"""The JSON API of originals in custody."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.desk import custody
from services.intake.desk.schemas import GiveBackSchema, GivenBackSchema
from services.intake.dossiers import store as dossiers
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "originals", "Originals that a desk keeps until they are given back")


@api.post("/dossiers/<code>/originals/given-back")
@roles("clerk", agency="record")
@command(GiveBackSchema, GivenBackSchema, secrets=("papers",))
@domain_errors_as_problems()
def give_originals_back(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Records that originals were given back to the citizen."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    return custody.give_back(work, dossier, body["places"])

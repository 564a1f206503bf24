"""The JSON API of legal holds: a leader keeps a dossier from being erased, or lets it be."""

from __future__ import annotations

from typing import Any

from services.intake.problems import domain_errors_as_problems
from services.intake.retention.holds import hold_dossier, release_dossier, to_hold
from services.intake.retention.schemas import HeldSchema, LegalHoldSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "legal_holds", "Dossiers whose personal data are kept beyond their time")


@api.post("/dossiers/<code>/legal-hold")
@roles("leader", agency="record")
@command(LegalHoldSchema, HeldSchema)
@domain_errors_as_problems()
def set_legal_hold(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Keeps a dossier from being erased for a complaint, a court or an inspection; or ends that. For leaders of its desk and above."""
    subject, by = to_hold(work, code, principal()), principal().subject
    if body["held"]:
        return hold_dossier(work, subject, body["reason"], body["until"], by)
    return release_dossier(work, subject, by)

"""The JSON API of legal holds: a leader keeps a dossier from being erased, or lets it be."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.retention import store
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
    dossier = dossiers.lock(work.connection, code)
    desks = access.listable_desks(principal(), dossier.receiving_agency, work.reference.agencies, work.now.date())
    access.require(bool(desks))
    reason = plain_text(body["reason"], "reason", MAX_NOTE)
    if not body["held"]:
        store.release(work, code)
    elif reason:
        store.hold(work, code, reason, principal().subject)
    else:
        raise InvalidField("reason", "Phải nêu lý do.", "The reason is missing.")
    return {"code": code, "held": body["held"], "changed_at": work.now}

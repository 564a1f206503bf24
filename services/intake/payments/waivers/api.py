"""The JSON API of waivers."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.payments.waivers.commands import ask_waiver, decide_waiver
from services.intake.payments.waivers.domain import MAX_NUMBER, Claim, Decision, Waiver
from services.intake.payments.waivers.schemas import WaiverDecisionSchema, WaiverSchema
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "fee_waivers", "Waivers of the filing fee")


@api.post("/dossiers/<code>/waivers")
@roles("clerk", agency="record")
@command(WaiverDecisionSchema, WaiverSchema, status=201)
@domain_errors_as_problems()
def record_waiver(work: UnitOfWork, body: dict[str, Any], code: str) -> Waiver:
    """Grants or refuses a waiver of the filing fee that was asked for at the desk, by the paper that was shown there."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    evidence = plain_text(body["evidence"], "evidence", MAX_NOTE)
    claim = Claim(body["category"], evidence, plain_text(body["number"], "number", MAX_NUMBER))
    decision = Decision(body["grant"], body["seen"], plain_text(body["reason"], "reason", MAX_NOTE))
    asked = ask_waiver(work, dossier, claim, principal().subject)
    return decide_waiver(work, dossier, asked.id, decision, principal().subject)

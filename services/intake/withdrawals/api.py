"""The JSON API of withdrawals."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.problems import domain_errors_as_problems
from services.intake.withdrawals.commands import withdraw_dossier
from services.intake.withdrawals.schemas import WithdrawalSchema, WithdrawnSchema
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "withdrawals", "Withdrawals of dossiers")


@api.post("/dossiers/<code>/withdraw")
@roles("clerk", agency="record")
@command(WithdrawalSchema, WithdrawnSchema)
@domain_errors_as_problems()
def withdraw(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Records that the citizen withdraws the dossier; possible until there is a result."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    return withdraw_dossier(work, dossier, plain_text(body["reason"], "reason", MAX_NOTE))

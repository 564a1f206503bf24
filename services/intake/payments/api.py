"""The JSON API of payments."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.filing.domain.applicant import MAX_NOTE, plain_text
from services.intake.payments.commands import NewPayment
from services.intake.payments.online.commands import take_at_desk
from services.intake.payments.schemas import PaymentSchema, PaymentTakenSchema
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command

api = ApiBlueprint("intake", "payments", "Payments of fees and financial obligations")


@api.post("/dossiers/<code>/payments")
@roles("clerk", agency="record")
@command(PaymentSchema, PaymentTakenSchema, status=201, secrets=("reference",))
@domain_errors_as_problems()
def pay(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Records a payment: the filing fee, or one obligation."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    payment = NewPayment(
        obligation=body["obligation"],
        amount=body["amount"],
        method=body["method"],
        reference=plain_text(body["reference"], "reference", MAX_NOTE),
        clerk=principal().subject,
    )
    return take_at_desk(work, dossier, payment)

"""The JSON API of filing."""

from __future__ import annotations

from typing import Any

from services.intake import access
from services.intake.components import components
from services.intake.filing import commands
from services.intake.filing.domain.applicant import make_applicant
from services.intake.filing.domain.desk import open_desk
from services.intake.filing.schemas import FilingSchema, ReceiptSchema
from services.intake.problems import domain_errors_as_problems, invalid_fields
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.views import command, context

api = ApiBlueprint("intake", "filing", "Tiếp nhận hồ sơ (filing).")


@api.post("/dossiers")
@roles("clerk", agency="record")
@command(
    FilingSchema, ReceiptSchema, status=201, location="/intake/api/dossiers/{code}", dump=False, secrets=("secret",)
)
@domain_errors_as_problems()
def file_dossier(work: UnitOfWork, body: dict[str, Any]) -> dict[str, Any]:
    """Receives a dossier at the clerk's own desk; complete, or not at all."""
    desk = open_desk(work.reference.agencies, body["receiving_agency"], work.now.date())
    access.require(access.may_file_at(principal(), desk))
    applicant, faults = make_applicant(**body["applicant"])
    if applicant is None:
        raise invalid_fields(faults, "applicant")
    filing = commands.Filing(
        procedure=body["procedure"],
        case=body["case"],
        channel=body["channel"],
        desk=desk,
        applicant=applicant,
        papers=body["papers"],
        remote=body["remote"],
        chosen=body["chosen"],
        clerk=principal().subject,
    )
    receipt = commands.file_dossier(work, components(), filing)
    return receipt | {"lookup_url": f"{context().settings.public_url}/intake/?code={receipt['code']}"}

"""The JSON API of corrections of an applicant's data."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake import access
from services.intake.corrections.commands import correct_applicant, corrected_applicant, correction_reason
from services.intake.corrections.schemas import (
    ApplicantCorrectedSchema,
    ApplicantCorrectionSchema,
    CorrectionsSchema,
)
from services.intake.corrections.store import corrections_of
from services.intake.dossiers import store as dossiers
from services.intake.foreign_access.guard import require_reader
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, query

api = ApiBlueprint(
    "intake", "corrections", "Corrections of the applicant's data, with reason and what was there before"
)


@api.patch("/dossiers/<code>/applicant")
@roles("clerk", agency="record")
@command(ApplicantCorrectionSchema, ApplicantCorrectedSchema, secrets=("secret", "applicant"))
@domain_errors_as_problems()
def correct(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Puts mistyped data of the applicant right, at the desk that received the dossier. A new phone voids the old secret and links."""
    dossier = dossiers.lock(work.connection, code)
    access.require(access.may_serve_at_desk(principal(), dossier, work.reference.agencies, work.now.date()))
    reason = correction_reason(body.pop("reason"))
    applicant, faults = corrected_applicant(dossier, body, work.now.date())
    if applicant is None:
        raise invalid_fields(faults)
    return correct_applicant(work, dossier, applicant, reason, principal().subject)


@api.get("/dossiers/<code>/applicant/corrections")
@audited
@roles("clerk", "leader", agency="record")
@query(gives=CorrectionsSchema)
@domain_errors_as_problems()
def list_corrections(connection: Connection, code: str) -> dict[str, Any]:
    """What was corrected, when, by whom and why; the reading is recorded."""
    dossier = dossiers.get(connection, code)
    require_reader(connection, dossier)
    record_reading("dossier", code)
    return {"items": corrections_of(connection, code)}

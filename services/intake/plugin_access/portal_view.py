"""What the national portal's plug-in reads of a dossier."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection

from services.intake.applications.domain import Application
from services.intake.applications.queries import application_detail
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.queries import dossier_detail
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies
from shared.catalogue import Procedure
from shared.runtime.reference_data import Reference


def portal_view(
    connection: Connection, dossier: Dossier, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A dossier as staff see it, with what the portal needs besides; the schema leaves out what the portal does not get.

    Returns:
        the fields of :func:`services.intake.dossiers.queries.dossier_detail`, `field_name`, and `outputs`: which step of the route
        produces which paper.
    """
    procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    outputs = _outputs(procedure, dossier.case_code)
    detail = dossier_detail(connection, dossier, catalogue, agencies, today)
    return {**detail, "field_name": procedure.field_name, "outputs": outputs}


def portal_application_view(
    connection: Connection, application: Application, catalogue: Catalogue, reference: Reference, now: datetime
) -> dict[str, Any]:
    """What was filed and is not received, in state 1 (newly registered) or 3 (refused): it has no dates of a dossier yet.

    Returns:
        the fields of :func:`portal_view`.
    """
    procedure = catalogue.version(connection, application.procedure, application.procedure_version)
    detail = application_detail(connection, application, catalogue, reference, now)
    dates = ("received_at", "promised_at", "due_at", "resolved_at", "outcome", "returned_at", "fee_paid_at")
    lists = ("fee_items", "obligations", "supplement_requests", "reappointments")
    return {
        **detail,
        **dict.fromkeys(dates),
        **{name: [] for name in lists},
        "field": procedure.field,
        "field_name": procedure.field_name,
        "outputs": _outputs(procedure, application.case_code),
    }


def _outputs(procedure: Procedure, case: str) -> list[dict[str, str]]:
    return [
        {"step": step.id, "code": step.output.code, "name": step.output.name}
        for step in procedure.route(case).steps
        if step.output is not None
    ]

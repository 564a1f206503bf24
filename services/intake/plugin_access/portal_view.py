"""What the national portal's plug-in reads of a dossier."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.queries import dossier_detail
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies


def portal_view(
    connection: Connection, dossier: Dossier, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A dossier as staff see it, with what the portal needs besides; the schema leaves out what the portal does not get.

    Returns:
        the fields of :func:`services.intake.dossiers.queries.dossier_detail`, `field_name`, and `outputs`: which step of the route
        produces which paper.
    """
    procedure = catalogue.version(connection, dossier.procedure, dossier.procedure_version)
    outputs = [
        {"step": step.id, "code": step.output.code, "name": step.output.name}
        for step in procedure.route(dossier.case_code).steps
        if step.output is not None
    ]
    detail = dossier_detail(connection, dossier, catalogue, agencies, today)
    return {**detail, "field_name": procedure.field_name, "outputs": outputs}

"""What the national portal's plug-in may read of a dossier: what the portal is told of it, and nothing else."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from services.intake.components import Components
from services.intake.dossiers import queries as reading
from shared.agencies import Agencies, UnknownAgency
from shared.contracts.observers import ROLE
from shared.runtime.reference_data import Reference


def observers(agencies: Agencies, own: str, today: date) -> frozenset[str]:
    """The reader's own agency if it is an observer today, else none: an observer reads any dossier, wherever it was received.

    Args:
        agencies: all of them.
        own: the reader's agency.
        today: the business day.
    """
    try:
        return frozenset({own}) if own and ROLE in agencies.get(own, today).roles else frozenset()
    except UnknownAgency:
        return frozenset()


def portal_view(
    connection: Connection, row: Row[Any], parts: Components, reference: Reference, today: date
) -> dict[str, Any]:
    """A dossier as staff see it, with the names and papers that the portal wants; its schema leaves out what the portal is not told.

    Returns:
        the fields of :func:`services.intake.dossiers.queries.dossier_detail`, `field_name`, and
        `outputs`: which step of the route makes which paper.
    """
    procedure = parts.catalogue.version(connection, row.procedure, row.procedure_version)
    outputs = [
        {"step": step.id, "code": step.output.code, "name": step.output.name}
        for step in procedure.route(row.case_code).steps
        if step.output is not None
    ]
    shown = reading.dossier_detail(connection, row, parts, reference, today)
    return {**shown, "field_name": procedure.field_name, "outputs": outputs}

"""What an agency's own service may read of a dossier, and when: its papers, only while a step of it is the agency's."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from services.intake.desks import in_charge
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.queries import applicant_of
from services.intake.plugin_access import store as access
from shared.agencies import Agencies


class UnknownStep(LookupError):
    """No step of this name was ever given to anybody."""


class StepOver(ValueError):
    """The step is the agency's no more: done, handed back, waiting for a supplement, or its dossier is over."""


def whose(connection: Connection, task: str) -> Row[Any]:
    """Whose a step is or was.

    Raises:
        UnknownStep: nothing is known of it.
    """
    step = access.get(connection, task)
    if step is None:
        raise UnknownStep(task)
    return step


def readers(agencies: Agencies, step: Row[Any], today: date) -> frozenset[str]:
    """The agency that the step was given to, and after a merger whoever carries on its work."""
    return in_charge(agencies, step.agency, today)


def papers(connection: Connection, step: Row[Any]) -> dict[str, Any]:
    """The papers of the step's dossier, with whom it concerns; whoever shows them records who has read them.

    Args:
        connection: any.
        step: as :func:`whose` gives it; the caller has made sure that it is the reader's.

    Raises:
        StepOver: it is the agency's no more.
    """
    row = dossiers.get(connection, step.dossier)
    if row is None or step.since is None or step.until is not None:
        raise StepOver(step.task)
    return {
        "dossier": row.code,
        "procedure": row.procedure,
        "case": row.case_code,
        "received_at": row.received_at,
        "papers": orjson.loads(row.papers),
        "applicant": applicant_of(row),
    }

"""What an agency's own software reads: the papers of a step's dossier, while the step is the agency's."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.queries import applicant_fields, parties_of
from services.intake.plugin_access import store
from services.intake.plugin_access.domain import StepGrant, StepNotYetKnown, StepOver, UnknownStep, may_become_known
from shared.messaging.event import time_of_id


def get_step_grant(connection: Connection, task: str, now: datetime, kept: timedelta) -> StepGrant:
    """The grant of a step, open or ended.

    Args:
        connection: any.
        task: the step's identifier.
        now: real time.
        kept: how long published events are kept.

    Raises:
        StepNotYetKnown: the event that assigns the step may still arrive.
        UnknownStep: it cannot.
    """
    grant = store.find(connection, task)
    if grant is not None:
        return grant
    raise StepNotYetKnown(task) if may_become_known(time_of_id(task), now, kept) else UnknownStep(task)


def step_papers(connection: Connection, grant: StepGrant) -> dict[str, Any]:
    """The papers of a step's dossier, and its applicant: personal data, so the caller records the reading.

    Args:
        connection: any.
        grant: of the step; the caller has checked that the agency is the reader's.

    Raises:
        StepOver: the step is no longer the agency's.
    """
    dossier = dossiers.find(connection, grant.dossier) if grant.is_open else None
    if dossier is None:
        raise StepOver(grant.task)
    return {
        "dossier": dossier.code,
        "procedure": dossier.procedure,
        "case": dossier.case_code,
        "received_at": dossier.received_at,
        "papers": orjson.loads(dossier.papers),
        "applicant": applicant_fields(dossier),
        **parties_of(dossier),
    }

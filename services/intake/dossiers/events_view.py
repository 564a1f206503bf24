"""Side events of a dossier as staff and citizens see them: papers requested, a new promised time, the stop."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Connection

from services.intake.dossiers import store
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.store import Reappointment
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.supplements import store as supplements
from services.intake.supplements.domain import SupplementRequest
from shared.agencies import Agencies
from shared.catalogue import Procedure

CAUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "withdrawn": ("Công dân rút hồ sơ", "Withdrawn by the citizen"),
        "no_supplement": ("Không bổ sung giấy tờ trong thời hạn", "Nothing was handed in within the time given"),
        "stopped": ("Cơ quan dừng giải quyết", "Stopped by the agency"),
    }
)
"""Labels of why a dossier ended without a result."""


def dossier_events(
    connection: Connection, dossier: Dossier, procedure: Procedure, agencies: Agencies, today: date
) -> dict[str, Any]:
    """The side events that every view of a dossier shows.

    Args:
        connection: any.
        dossier: as read.
        procedure: the version under which it was received.
        agencies: for their names.
        today: the business day, for the names.

    Returns:
        `chosen`: the linked procedures; `supplement_requests`, `reappointments` and `moved_deadlines` in order of time;
        `stop`: None unless the dossier ended without a result.
    """
    requests = supplements.requests_of(connection, dossier.code)
    reappointments = store.reappointments_of(connection, dossier.code)
    return {
        "chosen": linked_names(procedure, orjson.loads(dossier.chosen)),
        "supplement_requests": [_request(one, agencies, today) for one in requests],
        "reappointments": [_reappointment(one, agencies, today) for one in reappointments],
        "moved_deadlines": [
            {"deadline": one.deadline, "was_at": one.was_at, "moved_to": one.moved_to, "moved_at": one.moved_at}
            for one in store.moved_deadlines_of(connection, dossier.code)
        ],
        "stop": _stop(dossier),
    }


def _request(one: SupplementRequest, agencies: Agencies, today: date) -> dict[str, Any]:
    return {
        "agency": one.agency,
        "agency_name": agencies.name_of(one.agency, today),
        "reason": one.reason,
        "papers": orjson.loads(one.papers),
        "requested_at": one.requested_at,
        "until": one.until,
        "supplemented_at": one.supplemented_at,
    }


def _reappointment(one: Reappointment, agencies: Agencies, today: date) -> dict[str, Any]:
    return {
        "agency": one.agency,
        "agency_name": agencies.name_of(one.agency, today),
        "reason": one.reason,
        "was_due_at": one.was_due_at,
        "due_at": one.due_at,
        "extended_at": one.extended_at,
        "number": one.number,
        "late": one.late,
    }


def _stop(dossier: Dossier) -> dict[str, Any] | None:
    if dossier.stopped_at is None or dossier.stop_cause is None:
        return None
    vi, en = CAUSES[dossier.stop_cause]
    return {
        "cause": dossier.stop_cause,
        "cause_label": vi,
        "cause_label_en": en,
        "reason": dossier.stop_reason,
        "stopped_at": dossier.stopped_at,
    }

"""The turns that a dossier took beside its main way, as staff and citizens are shown them: asked for more, promised anew, stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

import orjson
from sqlalchemy import Connection, Row

from services.intake.desks import name_of
from services.intake.filing.domain.linked_choice import linked_names
from services.intake.supplements import store as supplements
from shared.agencies import Agencies
from shared.catalogue import Procedure

CAUSES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "withdrawn": ("Công dân rút hồ sơ", "Withdrawn by the citizen"),
        "no_supplement": ("Không bổ sung giấy tờ trong thời hạn", "Nothing was handed in within the time given"),
        "stopped": ("Cơ quan dừng giải quyết", "Stopped by the agency"),
    }
)
"""Why a dossier ended without a result, in words."""


def dossier_events(
    connection: Connection, row: Row[Any], procedure: Procedure, agencies: Agencies, today: date
) -> dict[str, Any]:
    """What every picture of a dossier shows of its turns.

    Args:
        connection: any.
        row: the dossier.
        procedure: the version that it was received under.
        agencies: for their names.
        today: as of which day.

    Returns:
        `chosen`: the linked procedures; `supplement_requests` and `reappointments` in order of time; `stop`: None unless it
        ended without a result.
    """
    return {
        "chosen": linked_names(procedure, orjson.loads(row.chosen)),
        "supplement_requests": [_request(one, agencies, today) for one in supplements.requests(connection, row.code)],
        "reappointments": [
            _reappointment(one, agencies, today) for one in supplements.reappointments_of(connection, row.code)
        ],
        "stop": _stop(row),
    }


def _request(one: Row[Any], agencies: Agencies, today: date) -> dict[str, Any]:
    return {
        "agency": one.agency,
        "agency_name": name_of(agencies, one.agency, today),
        "reason": one.reason,
        "papers": orjson.loads(one.papers),
        "requested_at": one.requested_at,
        "until": one.until,
        "supplemented_at": one.supplemented_at,
    }


def _reappointment(one: Row[Any], agencies: Agencies, today: date) -> dict[str, Any]:
    return {
        "agency": one.agency,
        "agency_name": name_of(agencies, one.agency, today),
        "reason": one.reason,
        "was_due_at": one.was_due_at,
        "due_at": one.due_at,
        "extended_at": one.extended_at,
    }


def _stop(row: Row[Any]) -> dict[str, Any] | None:
    if row.stopped_at is None:
        return None
    vi, en = CAUSES[row.stop_cause]
    return {
        "cause": row.stop_cause,
        "cause_label": vi,
        "cause_label_en": en,
        "reason": row.stop_reason,
        "stopped_at": row.stopped_at,
    }

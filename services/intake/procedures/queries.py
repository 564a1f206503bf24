"""Procedures as the API and the pages show them."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.intake.procedures.catalogue import Catalogue
from shared.agencies import ROLES
from shared.catalogue import Case, Procedure, StatutoryLimit

_UNITS = {
    "working_days": ("ngày làm việc", "working days"),
    "working_hours": ("giờ làm việc", "working hours"),
    "calendar_days": ("ngày", "days"),
}


def procedure_list(
    connection: Connection,
    catalogue: Catalogue,
    on: date,
    q: str = "",
    field: str = "",
    offset: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of the procedures in force, the best first, and the number of all that match; ``on`` is today."""
    found = catalogue.search(connection, q, field, on)
    items = [
        {
            "code": procedure.code,
            "name": procedure.name,
            "version": version,
            "field": procedure.field,
            "field_name": procedure.field_name,
            "cases": [{"code": case.code, "name": case.name} for case in procedure.cases],
        }
        for version, procedure in found[offset : offset + limit]
    ]
    return {"items": items, "total": len(found)}


def limit_text(limit: StatutoryLimit) -> tuple[str, str]:
    """A statutory time in words, Vietnamese and English."""
    if limit.unit == "immediate":
        return "Giải quyết ngay trong ngày làm việc", "At once, within the working day"
    vi, en = _UNITS[limit.unit]
    return f"{limit.amount} {vi}", f"{limit.amount} {en.removesuffix('s') if limit.amount == 1 else en}"


def case_view(procedure: Procedure, case: Case) -> dict[str, Any]:
    """A case with all that a citizen wants to know before filing: papers, fees, time limit, steps."""
    vi, en = limit_text(case.limit)
    return {
        "case": case,
        "limit_vi": vi,
        "limit_en": en,
        "papers": procedure.accepted_papers(case.code),
        "fees": procedure.fee_items(case.code),
        "fee": procedure.fee(case.code),
        "steps": [
            {
                "task": step.task,
                "task_en": step.task_en,
                "role": ROLES[step.agency_role].vi,
                "hours": step.working_hours,
                "counted": step.counted,
            }
            for step in procedure.route(case.code).steps
        ],
    }

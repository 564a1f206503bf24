"""Procedures as the API and the pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from services.intake.procedures.catalogue import Catalogue
from services.intake.procedures.filters import NO_FILTERS, Filters
from shared.agencies import ROLES
from shared.catalogue import Case, Procedure, StatutoryLimit

AUDIENCE_NAMES = {
    "citizen": ("Công dân", "Citizens"),
    "household_business": ("Hộ kinh doanh", "Household businesses"),
    "enterprise": ("Doanh nghiệp", "Enterprises"),
    "organisation": ("Tổ chức khác", "Other organisations"),
    "foreigner": ("Người nước ngoài", "Foreigners"),
}
LEVEL_NAMES = {
    "central": ("Cấp trung ương", "Central"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "commune": ("Cấp xã", "Commune"),
}


def procedure_list(
    connection: Connection,
    catalogue: Catalogue,
    on: date,
    q: str = "",
    filters: Filters = NO_FILTERS,
    offset: int = 0,
    limit: int = 50,
) -> dict[str, Any]:
    """A page of the procedures in force, the best first, and the number of all that match; ``on`` is today."""
    found = catalogue.search(connection, q, on, filters)
    items = [procedure_item(version, one, on) for version, one in found.procedures[offset : offset + limit]]
    return {"items": items, "total": len(found.procedures), "instead": found.instead}


def procedure_item(version: int, procedure: Procedure, on: date) -> dict[str, Any]:
    """One line of a list of procedures."""
    return {
        "code": procedure.code,
        "name": procedure.name,
        "version": version,
        "field": procedure.field,
        "field_name": procedure.field_name,
        "levels": list(procedure.levels),
        "audience": list(procedure.audience),
        "cases": [{"code": case.code, "name": case.name} for case in procedure.cases],
        "shortened_by": max((one.days for one in shortenings(procedure, on)), default=0),
    }


@dataclass(frozen=True, slots=True)
class ShortenedCase:
    """A case whose limit is shorter than the law's: the limits in both languages, and the difference in days."""

    case: Case
    days: float
    law_limit: tuple[str, str]
    limit: tuple[str, str]
    decision: str
    valid_from: date


def shortenings(procedure: Procedure, on: date) -> list[ShortenedCase]:
    """The cases of a procedure that are shorter than the law's limit on a day."""
    return [
        ShortenedCase(
            case,
            case.shortened.days(case.limit),
            limit_text(case.shortened.law_limit),
            limit_text(case.limit),
            case.shortened.decision,
            case.shortened.valid_from,
        )
        for case in procedure.cases
        if case.shortened and case.shortened.valid_from <= on
    ]


def limit_text(limit: StatutoryLimit) -> tuple[str, str]:
    """A statutory time in words, Vietnamese and English."""
    return limit.words


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

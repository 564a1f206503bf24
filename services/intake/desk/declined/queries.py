"""What is read of declined filings: those of a period with their totals, and one in full."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection

from services.intake.desk.declined.domain import GUIDANCE, REFUSAL, DeclinedFiling, Reason
from services.intake.documents.domain import DocumentType
from services.intake.filing.domain.applicant import InvalidField
from services.intake.procedures.catalogue import Catalogue
from shared.agencies import Agencies
from shared.runtime.clock import VIETNAM

LONGEST = timedelta(days=366)
PERSON = ("name", "id_number", "id_kind", "old_id_number", "phone", "email", "address")
Counts = Mapping[tuple[str, str, bool], int]
"""How many: by kind, by reason, and by whether the person was turned away before."""


def period_of(first: date, last: date) -> tuple[datetime, datetime]:
    """The moments from which and before which the filings of some days in Vietnam were declined.

    Raises:
        InvalidField: the last day is before the first, or more than a year later.
    """
    if not timedelta(0) <= last - first <= LONGEST:
        raise InvalidField("to", "Khoảng thời gian từ 1 đến 366 ngày.", "The period has 1 to 366 days.")
    return _begin(first), _begin(last + timedelta(days=1))


def totals_of(counts: Counts) -> dict[str, int]:
    """How many in all, of each kind, and not for the first time."""
    return {
        "all": sum(counts.values()),
        "guided": sum(count for (kind, _, _), count in counts.items() if kind == GUIDANCE),
        "refused": sum(count for (kind, _, _), count in counts.items() if kind == REFUSAL),
        "repeated": sum(count for (_, _, repeated), count in counts.items() if repeated),
    }


def by_reason(counts: Counts) -> list[tuple[Reason, int]]:
    """How many for each reason, the most frequent first."""
    sums: dict[Reason, int] = {}
    for (_, reason, _), count in counts.items():
        sums[Reason(reason)] = sums.get(Reason(reason), 0) + count
    return sorted(sums.items(), key=lambda one: -one[1])


def summary(
    connection: Connection, one: DeclinedFiling, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A declined filing without personal data."""
    kind, reason = DocumentType(one.kind), Reason(one.reason)
    procedure = catalogue.version(connection, one.procedure, one.procedure_version) if one.procedure else None
    serial, _, symbol = one.number.partition("/")
    return {
        "id": one.id,
        "kind": one.kind,
        "kind_label": kind.vi,
        "kind_label_en": kind.en,
        "reason": one.reason,
        "reason_label": reason.vi,
        "reason_label_en": reason.en,
        "procedure": {"code": procedure.code, "name": procedure.name, "version": one.procedure_version}
        if procedure
        else None,
        "case": one.case_code,
        "case_name": procedure.case(one.case_code).name if procedure and one.case_code else "",
        "receiving_agency": one.agency,
        "receiving_agency_name": agencies.name_of(one.agency, today),
        "number": one.number,
        "year": one.year,
        "file": f"/intake/api/documents/{one.year}/{int(serial)}/{symbol}/file",
        "declined_at": one.declined_at,
        "repeated": one.repeated,
        "erased_at": one.erased_at,
    }


def listed_item(
    connection: Connection, one: DeclinedFiling, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A declined filing in a list."""
    shown = summary(connection, one, catalogue, agencies, today)
    return shown | {"applicant_name": one.applicant_name, "matter": one.matter}


def in_full(
    connection: Connection, one: DeclinedFiling, catalogue: Catalogue, agencies: Agencies, today: date
) -> dict[str, Any]:
    """A declined filing with all that is kept of it."""
    return listed_item(connection, one, catalogue, agencies, today) | {
        "applicant": {name: getattr(one, f"applicant_{name}") for name in PERSON},
        "note": one.note,
        "papers": one.paper_names,
        "declined_by": one.declined_by,
    }


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), VIETNAM)

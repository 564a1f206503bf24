"""What a person was told when they were turned away before, as the counter's pages show it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection

from services.intake.desk.declined import store
from services.intake.desk.declined.domain import Reason
from services.intake.desk.requests import own_desks
from services.intake.desk.store import EarlierFiling
from services.intake.documents.domain import DocumentType
from shared.web.reading_audit import record_reading


def earlier_answers(connection: Connection, numbers: Collection[str], procedure: str) -> list[dict[str, Any]]:
    """The answers that a person was given at any desk about a procedure and has not followed by a filing; the reading is recorded.

    What another desk's clerk has written in words is not shown: only which papers it asked for, and the kind of reason.

    Args:
        connection: any.
        numbers: of the person's identity documents.
        procedure: its code; empty finds nothing.
    """
    found = store.earlier(connection, numbers, procedure)
    own = own_desks() if found else frozenset()
    for one in found:
        record_reading("declined-filing", one.id)
    return [
        {
            "id": one.id,
            "kind": DocumentType(one.kind),
            "desk": one.agency,
            "at": one.declined_at,
            "reason": Reason(one.reason),
            "note": one.note if one.agency in own else "",
            "papers": one.papers,
            "own": one.agency in own,
        }
        for one in found
    ]


def earlier_visitor(connection: Connection, numbers: Collection[str], desks: Collection[str]) -> EarlierFiling | None:
    """What a person gave when one of some desks turned them away; None if none has.

    Args:
        connection: any.
        numbers: of the person's identity documents.
        desks: the clerk's own.
    """
    found = (one for number in sorted(numbers) for one in store.of_person(connection, number, store.MOST_EARLIER))
    one = next((one for one in found if one.agency in desks and one.erased_at is None), None)
    if one is None:
        return None
    return EarlierFiling(
        code="",
        received_at=one.declined_at,
        name=one.applicant_name,
        phone=one.applicant_phone,
        email=one.applicant_email,
        address=one.applicant_address,
        birth_date="",
        sex="",
        old_id_number=one.applicant_old_id_number,
        declined=one.id,
    )

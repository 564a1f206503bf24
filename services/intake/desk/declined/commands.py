"""Declining a filing: its paper is issued and it is recorded and announced, in one transaction."""

from __future__ import annotations

from typing import Any

import orjson

from services.intake.desk.declined import store
from services.intake.desk.declined.domain import GUIDANCE, Decline, DeclinedFiling, Visitor, reason_in_words
from services.intake.documents.commands import issue_before_filing
from services.intake.filing.domain.identity_document import DocumentKind
from shared.agencies import Agency
from shared.catalogue import Procedure
from shared.documents.issuer import issuer_fields
from shared.documents.words import moment_in_words
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.random_bytes import random_hex

ID_BYTES = 16


def decline_filing(
    work: UnitOfWork,
    decided: Decline,
    desk: Agency,
    procedure: Procedure | None,
    version: int,
    case: str,
    clerk: str,
) -> DeclinedFiling:
    """Issues form 02 or 03 to a visitor whose filing the desk does not receive.

    Args:
        work: the transaction. The number's counter stays locked until it commits.
        decided: what the clerk has decided.
        desk: at which the visitor is.
        procedure: which is meant; None for a matter outside the catalogue.
        version: the procedure's; 0 without one.
        case: of the procedure; empty if it was not chosen.
        clerk: the subject of the clerk's token.
    """
    id, visitor = random_hex(ID_BYTES), decided.visitor
    code = procedure.code if procedure else ""
    numbers = {number for number in (visitor.id_number, visitor.old_id_number) if number}
    fields = {
        **issuer_fields(work.reference.agencies, desk.code, work.now.date()),
        **_person(visitor),
        "procedure": f"{procedure.name} ({code})" if procedure else decided.matter,
        "reason": reason_in_words(decided.reason, decided.note),
    }
    if decided.kind is GUIDANCE:
        fields |= {"papers": list(decided.papers), "requested_by": "", "until": ""}
    else:
        fields |= {"filed": moment_in_words(work.now), "refused_by": "", "document": "", "parcel": ""}
    paper = issue_before_filing(work, decided.kind, id, desk.code, fields, clerk)
    row = DeclinedFiling(
        id=id,
        kind=str(decided.kind),
        agency=desk.code,
        procedure=code,
        procedure_version=version,
        field=procedure.field if procedure else "",
        case_code=case,
        reason=str(decided.reason),
        number=paper.number,
        year=paper.year,
        declined_at=work.now,
        declined_by=clerk,
        repeated=bool(store.earlier(work.connection, numbers, code)),
        note=decided.note,
        papers=orjson.dumps(list(decided.papers)).decode(),
        matter=decided.matter,
        applicant_name=visitor.name,
        applicant_id_number=visitor.id_number,
        applicant_id_kind=visitor.id_kind,
        applicant_old_id_number=visitor.old_id_number,
        applicant_phone=visitor.phone,
        applicant_email=visitor.email,
        applicant_address=visitor.address,
        erased_at=None,
    )
    store.add(work.connection, row)
    work.emit(
        "filing.declined",
        {
            "filing": id,
            "kind": row.kind,
            "reason": row.reason,
            "procedure": code or None,
            "field": row.field or None,
            "receiving_agency": desk.code,
            "repeated": row.repeated,
            "declined_at": row.declined_at,
        },
    )
    return row


def _person(visitor: Visitor) -> dict[str, Any]:
    """The visitor as the forms name an applicant; see :func:`services.intake.documents.contents.party_fields`."""
    old = f" (CMND cũ: {visitor.old_id_number})" if visitor.old_id_number and visitor.id_number else ""
    return {
        "name": visitor.name,
        "id_label": DocumentKind(visitor.id_kind).vi if visitor.id_kind else "",
        "id_number": f"{visitor.id_number}{old}",
        "address": visitor.address,
        "phone": visitor.phone,
        "email": visitor.email,
        "acting_label": "",
        "acting": "",
        "together": [],
    }

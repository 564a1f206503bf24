"""Which builder makes which paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from services.intake.documents.contents import Draft, Source, party_fields, receipt
from services.intake.documents.domain import DocumentType, NotIssuable
from services.intake.documents.notices import apology, refusal, stop_notice, supplement_request
from services.intake.documents.slips import appointment_slip, payment_slip, return_slip
from shared.documents.issuer import issuer_fields

BUILDERS: Mapping[DocumentType, Callable[[Source, str], Draft]] = {
    DocumentType.RECEIPT: receipt,
    DocumentType.APPOINTMENT_SLIP: appointment_slip,
    DocumentType.PAYMENT_SLIP: payment_slip,
    DocumentType.SUPPLEMENT_REQUEST: supplement_request,
    DocumentType.REFUSAL: refusal,
    DocumentType.APOLOGY: apology,
    DocumentType.STOP_NOTICE: stop_notice,
    DocumentType.RETURN_SLIP: return_slip,
}


def draft_of(kind: DocumentType, source: Source, cause: str = "") -> Draft:
    """What a paper about a dossier or application says now.

    Args:
        kind: of paper.
        source: where its texts come from.
        cause: see :class:`services.intake.documents.domain.IssuedDocument`; the newest one when empty.

    Raises:
        NotIssuable: there is no cause for it.
    """
    built = BUILDERS[kind](source, cause)
    issuer = issuer_fields(source.agencies, built.agency, source.today)
    asked = {"procedure": f"{source.procedure.name} ({source.procedure.code})"}
    return Draft(
        built.agency, {**issuer, **party_fields(source.subject), **asked, **built.fields}, built.cause, built.number
    )


def issuable(source: Source) -> list[tuple[DocumentType, str]]:
    """The kinds of papers for which there is cause now, each with its newest cause."""
    found = []
    for kind, build in BUILDERS.items():
        try:
            found.append((kind, build(source, "").cause))
        except NotIssuable:
            continue
    return found

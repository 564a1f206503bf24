"""Issuing an official paper: its number, its contents and the version of its template are kept together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from services.intake.documents import store
from services.intake.documents.builders import draft_of
from services.intake.documents.contents import Draft, Source, party_fields
from services.intake.documents.domain import (
    BEFORE_FILING,
    DocumentType,
    ErasedDocument,
    IssuedDocument,
    check_code,
    document_number,
)
from services.intake.documents.numbering import take_number
from services.intake.dossiers.domain import Dossier
from shared.documents.issuer import issuer_fields
from shared.documents.typesetting import Template, read_template
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

FORMS = Path(__file__).parent / "templates" / "forms"
REPLACES = "replaces"
"""The field that names the paper that this one replaces."""
SHOWN_LATER = (DocumentType.RECEIPT, DocumentType.APPOINTMENT_SLIP)
"""Papers that citizens show again later, and which therefore follow a correction of the applicant's data."""


def template_of(kind: str) -> Template:
    """The present template of a form, such as ``receipt``."""
    known = _TEMPLATES.get(kind)
    if known is None:
        known = _TEMPLATES[kind] = read_template(FORMS / f"{kind}.typ")
    return known


_TEMPLATES: dict[str, Template] = {}


def issue_once(
    work: UnitOfWork, kind: DocumentType, source: Source, *, cause: str = "", issued_by: str = ""
) -> IssuedDocument:
    """The valid paper of a kind and cause, or a new one.

    A paper that states an act stays as it was issued. One that says how things stand is replaced when it would say something else now.

    Args:
        work: the transaction that has locked the dossier or application, so that two officials at once get one paper. The number's
            counter stays locked until it commits.
        kind: of paper.
        source: where its texts come from.
        cause: see :class:`services.intake.documents.domain.IssuedDocument`; the newest one when empty.
        issued_by: the subject of the official's token; empty when the platform issues it by itself.

    Raises:
        NotIssuable: there is no cause for it.
        ErasedDocument: it was issued, and its contents were erased.
    """
    draft = draft_of(kind, source, cause)
    earlier = store.valid_document(work.connection, source.subject.code, kind, draft.cause)
    if earlier is not None and (kind.states_an_act or _fields(earlier) == _in_json(draft.fields)):
        return earlier
    return _issue(work, kind, source.subject.code, draft, issued_by, earlier)


def issue_before_filing(
    work: UnitOfWork, kind: DocumentType, filing: str, agency: str, fields: Mapping[str, Any], issued_by: str
) -> IssuedDocument:
    """Issues a paper to a visitor whose filing is declined. It is no paper about a dossier, so `document.issued` does not count it.

    Args:
        work: the transaction that records the declined filing.
        kind: of paper.
        filing: the id of the declined filing.
        agency: the desk's code.
        fields: what the form shows.
        issued_by: the subject of the clerk's token.
    """
    return _add(work, kind, filing, Draft(agency, fields, BEFORE_FILING), issued_by)


def reissue_corrected(work: UnitOfWork, dossier: Dossier, issued_by: str) -> list[IssuedDocument]:
    """Replaces the papers on which an applicant's data were wrong, and which the citizen will show again.

    A new one says all that the earlier one said, but with the applicant as is right now, and names the one that it replaces.

    Args:
        work: the transaction that has locked and corrected the dossier.
        dossier: as corrected.
        issued_by: the subject of the clerk's token.
    """
    people = _in_json(party_fields(dossier))
    issued = []
    for earlier in store.documents_of(work.connection, dossier.code):
        if not earlier.valid or earlier.kind not in SHOWN_LATER or earlier.contents is None:
            continue
        said = _fields(earlier)
        if said | people != said:
            today = issuer_fields(work.reference.agencies, earlier.agency, work.now.date())["place_day"]
            draft = Draft(earlier.agency, said | people | {"place_day": today}, earlier.cause)
            issued.append(_issue(work, earlier.type, earlier.dossier, draft, issued_by, earlier))
    return issued


def _issue(
    work: UnitOfWork, kind: DocumentType, dossier: str, draft: Draft, issued_by: str, earlier: IssuedDocument | None
) -> IssuedDocument:
    document = _add(work, kind, dossier, draft, issued_by, earlier)
    work.emit(
        "document.issued",
        {
            "dossier": dossier,
            "number": document.number,
            "year": document.year,
            "kind": str(kind),
            "agency": draft.agency,
            "issued_at": work.now,
        },
    )
    return document


def _add(
    work: UnitOfWork,
    kind: DocumentType,
    dossier: str,
    draft: Draft,
    issued_by: str,
    earlier: IssuedDocument | None = None,
) -> IssuedDocument:
    year, template = work.now.astimezone(VIETNAM).year, template_of(kind)
    store.keep_template(work, template.version, orjson.dumps(dict(template.sources)).decode())
    number, year = draft.number or (
        document_number(take_number(work, draft.agency, kind, year), kind, draft.agency),
        year,
    )
    contents = _as_json({**draft.fields, REPLACES: _named(earlier)} if earlier else draft.fields)
    document = IssuedDocument(
        number=number,
        year=year,
        kind=str(kind),
        agency=draft.agency,
        dossier=dossier,
        cause=draft.cause,
        issued_at=work.now,
        issued_by=issued_by,
        contents=contents,
        template=template.version,
        sha256=None,
        check_code=check_code(work.hash_key, number, year, draft.agency, dossier, contents),
    )
    if earlier is not None:
        store.replace(work.connection, earlier, number, work.now)
    store.add(work.connection, document)
    return document


def _named(document: IssuedDocument) -> str:
    return f"{document.type.vi} số {document.number} ngày {document.issued_at.astimezone(VIETNAM):%d/%m/%Y}"


def _fields(document: IssuedDocument) -> dict[str, Any]:
    """What a paper says, but for the paper that it replaces.

    Raises:
        ErasedDocument: its contents were erased.
    """
    if document.contents is None:
        raise ErasedDocument(document.number)
    found: dict[str, Any] = orjson.loads(document.contents)
    return {name: value for name, value in found.items() if name != REPLACES}


def _in_json(fields: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(_as_json(fields))
    return found


def _as_json(fields: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(fields), option=orjson.OPT_SORT_KEYS).decode()

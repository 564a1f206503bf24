"""Issuing an official paper: its number, its contents and the version of its template are kept together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson

from services.intake.documents import store
from services.intake.documents.domain import DocumentType, IssuedDocument, check_code, document_number
from services.intake.documents.numbering import take_number
from shared.documents.typesetting import Template, read_template
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

FORMS = Path(__file__).parent / "templates" / "forms"


class Subject(Protocol):
    """What a paper is about: a dossier, or an application that is none yet."""

    @property
    def code(self) -> str:
        """The dossier's code."""

    @property
    def receiving_agency(self) -> str:
        """The code of its desk."""


def template_of(kind: str) -> Template:
    """The present template of a form, such as ``receipt``."""
    known = _TEMPLATES.get(kind)
    if known is None:
        known = _TEMPLATES[kind] = read_template(FORMS / f"{kind}.typ")
    return known


_TEMPLATES: dict[str, Template] = {}


def issue_document(
    work: UnitOfWork,
    kind: DocumentType,
    dossier: Subject,
    data: Mapping[str, Any],
    *,
    issued_by: str = "",
    agency: str = "",
) -> str:
    """Issues a paper with the next number of its agency, kind and year, and publishes ``document.issued``.

    The caller sees to it that the same cause issues one paper only; :func:`issue_once` does by its contents.

    Args:
        work: the transaction. The number's counter stays locked until it commits.
        kind: of paper.
        dossier: the dossier or application.
        data: what the form shows, see `services.intake.documents.contents`; must have a JSON form. No look-up secrets.
        issued_by: the subject of the official's token; empty when the platform issues it by itself.
        agency: the issuer's code; the receiving desk by default.

    Returns:
        the number as printed, such as ``12/PYCBS-H12.31.01``.
    """
    return _issue(work, kind, dossier, _as_json(data), issued_by, agency or dossier.receiving_agency).number


def issue_once(
    work: UnitOfWork,
    kind: DocumentType,
    dossier: Subject,
    data: Mapping[str, Any],
    *,
    issued_by: str = "",
    agency: str = "",
) -> IssuedDocument:
    """The dossier's newest paper of a kind if it says the same, else a new one. Arguments as for :func:`issue_document`.

    The caller has locked the dossier, so that two officials at once get one paper.
    """
    contents = _as_json(data)
    earlier = [one for one in store.documents_of(work.connection, dossier.code) if one.kind == kind]
    if earlier and earlier[-1].contents == contents:
        return earlier[-1]
    return _issue(work, kind, dossier, contents, issued_by, agency or dossier.receiving_agency)


def _issue(
    work: UnitOfWork, kind: DocumentType, dossier: Subject, contents: str, issued_by: str, agency: str
) -> IssuedDocument:
    year, template = work.now.astimezone(VIETNAM).year, template_of(kind)
    store.keep_template(work, template.version, orjson.dumps(dict(template.sources)).decode())
    number = document_number(take_number(work, agency, kind, year), kind, agency)
    document = IssuedDocument(
        number=number,
        year=year,
        kind=str(kind),
        agency=agency,
        dossier=dossier.code,
        issued_at=work.now,
        issued_by=issued_by,
        contents=contents,
        template=template.version,
        sha256=None,
        check_code=check_code(work.hash_key, number, year, agency, dossier.code, contents),
    )
    store.add(work.connection, document)
    work.emit(
        "document.issued",
        {
            "dossier": dossier.code,
            "number": number,
            "kind": str(kind),
            "agency": agency,
            "issued_at": work.now,
        },
    )
    return document


def _as_json(data: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(data), option=orjson.OPT_SORT_KEYS).decode()

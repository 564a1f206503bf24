"""The JSON API of issued papers."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from sqlalchemy import Connection

from services.intake.components import components
from services.intake.documents import store
from services.intake.documents.desk import issue_at_desk, may_issue, pdf_response, readable, require_paper_reader
from services.intake.documents.domain import DocumentType, IssuedDocument, normalise_number
from services.intake.documents.printing import print_document
from services.intake.documents.queries import find_subject, papers_of, source_of
from services.intake.documents.schemas import DocumentListSchema, DocumentSchema, IssueSchema
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import roles
from shared.web.openapi import ApiBlueprint
from shared.web.reading_audit import audited, record_reading
from shared.web.views import command, context, query

READERS = ("clerk", "leader", "officer")

api = ApiBlueprint("intake", "documents", "Official papers about a dossier: those issued, and their files")


@api.get("/dossiers/<code>/documents")
@audited
@roles(*READERS, agency="record")
@query(gives=DocumentListSchema)
@domain_errors_as_problems()
def list_documents(connection: Connection, code: str) -> dict[str, Any]:
    """A dossier's or application's papers, and those that its desk may issue now; the reading is recorded."""
    subject = readable(connection, find_subject(connection, code))
    record_reading("dossier", code)
    papers = papers_of(source_of(connection, subject, components().catalogue, context()))
    items = [_metadata(one) for one in papers.issued]
    return {"items": items, "possible": [str(kind) for kind in papers.possible] if may_issue(subject) else []}


@api.post("/dossiers/<code>/documents")
@roles("clerk", agency="record")
@command(IssueSchema, DocumentSchema)
@domain_errors_as_problems()
def issue_document(work: UnitOfWork, body: dict[str, Any], code: str) -> dict[str, Any]:
    """Issues a paper, or answers with the valid one if there is one that says the same."""
    return _metadata(issue_at_desk(work, code, DocumentType(body["kind"])))


@api.get("/documents/<year>/<serial>/<symbol>")
@audited
@roles(*READERS, agency="record")
@query(gives=DocumentSchema)
@domain_errors_as_problems()
def get_document(connection: Connection, year: str, serial: str, symbol: str) -> dict[str, Any]:
    """What is known of a paper, such as ``12/PYCBS-H12.31.01`` of 2025 at ``2025/12/PYCBS-H12.31.01``; the reading is recorded."""
    return _metadata(_readable_document(connection, year, serial, symbol))


@api.get("/documents/<year>/<serial>/<symbol>/file")
@audited
@roles(*READERS, agency="record")
@query()
@domain_errors_as_problems()
def get_document_file(connection: Connection, year: str, serial: str, symbol: str) -> Response:
    """A paper's PDF, always the same; the reading is recorded."""
    document = _readable_document(connection, year, serial, symbol)
    return pdf_response(document, print_document(context().store, context().settings.public_url, document))


def _readable_document(connection: Connection, year: str, serial: str, symbol: str) -> IssuedDocument:
    number = normalise_number(f"{serial}/{symbol}")
    document = store.get(connection, number, int(year) if year.isascii() and year.isdigit() and len(year) == 4 else 0)
    require_paper_reader(connection, document)
    record_reading("document", document.dossier)
    return document


def _metadata(document: IssuedDocument) -> dict[str, Any]:
    here = context()
    serial, _, symbol = document.number.partition("/")
    file = url_for(".get_document_file", year=document.year, serial=int(serial), symbol=symbol)
    names = ("number", "year", "kind", "agency", "dossier", "issued_at", "issued_by", "valid", "replaced_at")
    return {name: getattr(document, name) for name in names} | {
        "dossier": document.printed_code,
        "kind_label": document.type.vi,
        "kind_label_en": document.type.en,
        "agency_name": here.reference.agencies.name_of(document.agency, here.clock.now().date()),
        "replaced_by": document.replaced_by,
        "sha256": document.sha256,
        "erased": document.contents is None,
        "file": file,
    }

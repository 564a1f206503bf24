"""A citizen's pages of the papers about the dossier that the browser has opened: the list, and each as a file.

They name the applicant with all data, so they are for the holder of the secret, the applicant, and who represents them alone.
"""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, url_for

from services.intake.applications.domain import Application
from services.intake.components import components
from services.intake.documents import store
from services.intake.documents.commands import issue_once
from services.intake.documents.desk import pdf_response
from services.intake.documents.domain import DocumentType, IssuedDocument, UnknownDocument
from services.intake.documents.due import due_of
from services.intake.documents.issuing import issue_due_of, lock_subject
from services.intake.documents.printing import print_document
from services.intake.documents.queries import source_of
from services.intake.dossiers.domain import Dossier
from services.intake.follow.pages import of_opened_by_who_acts
from services.intake.lookup.queries import WrongCodeOrSecret
from services.intake.problems import domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import public
from shared.web.pages import page_blueprint
from shared.web.views import context

pages = page_blueprint("intake", __name__, "own_document_pages")


@pages.get("/dossier/documents")
@public
@of_opened_by_who_acts
def own_documents(subject: Dossier | Application) -> str:
    """The papers issued about the dossier; the receipt is issued when it is first asked for."""
    with context().store.read() as connection:
        issued = store.documents_of(connection, subject.code)
        due = due_of(connection, subject.code)
    there = any(one.valid and one.kind == DocumentType.RECEIPT for one in issued)
    return render_template(
        "intake/own_documents.html",
        code=subject.code,
        issued=[one for one in issued if one.contents],
        receipt_to_come=isinstance(subject, Dossier) and not there,
        more_to_come=bool(due),
    )


@pages.post("/dossier/documents/receipt")
@public
@domain_errors_as_problems()
@of_opened_by_who_acts
def own_receipt(subject: Dossier | Application) -> Response:
    """Leads to the receipt (form 01), which is issued if it was not before."""
    document = context().store.run(lambda work: _issue_receipt(work, subject))
    place = url_for("own_document_pages.own_document", year=document.year, number=document.number)
    return make_response(redirect(place, 303))


@pages.get("/dossier/documents/<int:year>/<path:number>")
@public
@domain_errors_as_problems()
@of_opened_by_who_acts
def own_document(subject: Dossier | Application, year: int, number: str) -> Response:
    """The PDF of a paper about the dossier, always the same."""
    with context().store.read() as connection:
        document = store.get(connection, number, year)
    if document.dossier != subject.code:
        raise UnknownDocument(number)
    return pdf_response(document, print_document(context().store, context().settings.public_url, document))


def _issue_receipt(work: UnitOfWork, subject: Dossier | Application) -> IssuedDocument:
    locked = lock_subject(work, subject.code)
    if locked.secret_hash != subject.secret_hash:  # replaced meanwhile
        raise WrongCodeOrSecret(subject.code)
    issue_due_of(work, subject.code, components().catalogue, context())
    source = source_of(work.connection, locked, components().catalogue, context())
    return issue_once(work, DocumentType.RECEIPT, source)

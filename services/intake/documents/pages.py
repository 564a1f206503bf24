"""Issuing, printing and verifying official papers."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.components import components
from services.intake.documents import store
from services.intake.documents.desk import (
    issue_at_desk,
    kind_of,
    may_issue,
    pdf_response,
    readable,
    require_paper_reader,
)
from services.intake.documents.domain import DocumentType, IssuedDocument
from services.intake.documents.printing import print_document, reprint
from services.intake.documents.queries import find_subject, papers_of, source_of
from services.intake.documents.verification import NotVerified, verify
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import OFFICIALS, caller
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.runtime.lookup_secret import normalise_secret
from shared.web.authorization import principal, public, roles
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MAX_TEXT = 100

pages = page_blueprint("intake", __name__, "document_pages")


@pages.get("/dossiers/<code>/documents")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def documents(code: str) -> str:
    """The papers issued about a dossier or application, to print again, and those that its desk may issue now."""
    with context().store.read() as connection:
        subject = readable(connection, find_subject(connection, code))
        papers = papers_of(source_of(connection, subject, components().catalogue, context()))
    is_dossier = isinstance(subject, Dossier)
    record_reading("dossier" if is_dossier else "application", code)
    return render_template(
        "intake/documents.html",
        caller=caller(principal()),
        code=code,
        is_dossier=is_dossier,
        issued=papers.issued,
        possible=papers.possible if may_issue(subject) else [],
    )


@pages.post("/dossiers/<code>/documents")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def issue(code: str) -> Response:
    """Issues a paper, or finds the one that says the same, and leads to its file."""
    kind = kind_of(request.form.get("kind", ""))
    document = context().store.run(lambda work: issue_at_desk(work, code, kind))
    return make_response(redirect(_address(document), 303))


@pages.get("/documents/<int:year>/<path:number>")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def print_again(year: int, number: str) -> Response:
    """The PDF of an issued paper, always the same; with ``copy=1`` it says that it is a reprint."""
    with context().store.read() as connection:
        document = store.get(connection, number, year)
        require_paper_reader(connection, document)
    again = "copy" in request.args
    record_reading("document-copy" if again else "document", document.dossier)
    once = reprint(context().clock.now()) if again else None
    return pdf_response(document, print_document(context().store, context().settings.public_url, document, once))


@pages.post("/dossiers/<code>/receipt.pdf")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def receipt_file(code: str) -> Response:
    """The receipt (form 01) as PDF; with the look-up secret, if it was sent along, on this copy alone."""
    secret = normalise_secret(request.form.get("secret", ""))
    document = context().store.run(lambda work: issue_at_desk(work, code, DocumentType.RECEIPT, secret))
    record_reading("receipt", code)
    once = {"secret": secret} if secret else None
    return pdf_response(document, print_document(context().store, context().settings.public_url, document, once))


@pages.get("/verify")
@public
def verify_form() -> Response:
    """The form for number and check code; it leads to the address that a paper's QR code has."""
    number, code = (request.args.get(name, "").strip()[:MAX_TEXT] for name in ("number", "code"))
    if number:
        return make_response(redirect(url_for("document_pages.verified", number=number, code=code), 303))
    return make_response(render_template("intake/verify.html", number="", code="", found=None, problem=None))


@pages.get("/verify/<path:number>")
@public
def verified(number: str) -> Response:
    """Whether a paper of this number was issued and has this check code; nothing personal is shown."""
    number, code = number[:MAX_TEXT], request.args.get("code", "").strip()[:MAX_TEXT]
    found, problem = None, None
    if code:
        try:
            with context().store.read() as connection:
                found = verify(connection, number, code)
        except NotVerified as error:
            problem = _counted(error)
    page = render_template("intake/verify.html", number=number, code=code, found=found, problem=problem)
    response = make_response(page, problem.status if problem else 200)
    if problem:
        response.headers.extend(problem.headers)
    return response


def _counted(error: NotVerified) -> Problem:
    """Counts a wrong try, as the look-up does; what the visitor is told."""
    try:
        count_wrong_try(context().store, f"v:{error.number}"[:80], client_address(), context().settings.hash_key)
    except TooManyTries as too_many:
        return problem_for(PROBLEMS, too_many)
    return problem_for(PROBLEMS, error)


def _address(document: IssuedDocument) -> str:
    return url_for("document_pages.print_again", year=document.year, number=document.number)

"""Issuing, printing and verifying official papers."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake import access
from services.intake.components import components
from services.intake.documents import store
from services.intake.documents.commands import issue_once
from services.intake.documents.contents import contents_of
from services.intake.documents.domain import DocumentType, IssuedDocument, NotIssuable
from services.intake.documents.printing import print_document
from services.intake.documents.queries import papers_of, source_of
from services.intake.documents.verification import NotVerified, verify
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import OFFICIALS, caller
from services.intake.foreign_access.guard import require_reader
from services.intake.lookup.domain import normalise_secret, secret_matches
from services.intake.lookup.throttle import TooManyTries, count_wrong_try
from services.intake.problems import PROBLEMS, domain_errors_as_problems, wrong_secret
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, public, roles
from shared.web.client_address import client_address
from shared.web.domain_errors import problem_for
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MAX_TEXT = 100
PDF = "application/pdf"

pages = page_blueprint("intake", __name__, "document_pages")


@pages.get("/dossiers/<code>/documents")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def documents(code: str) -> str:
    """The papers issued about a dossier, to print again, and those that its desk may issue now."""
    with context().store.read() as connection:
        dossier = dossiers.get(connection, code)
        require_reader(connection, dossier)
        issued, possible = papers_of(source_of(connection, dossier, components().catalogue, context()))
    record_reading("dossier", code)
    return render_template(
        "intake/documents.html",
        caller=caller(principal()),
        code=code,
        issued=issued,
        possible=possible if _serves(dossier) else [],
    )


@pages.post("/dossiers/<code>/documents")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def issue(code: str) -> Response:
    """Issues a paper, or finds the one that says the same, and leads to its file."""
    kind = _kind(request.form.get("kind", ""))
    document = context().store.run(lambda work: _issue(work, code, kind))
    return make_response(redirect(_address(document), 303))


@pages.get("/documents/<int:year>/<path:number>")
@roles(*OFFICIALS, agency="record")
@audited
@domain_errors_as_problems()
def print_again(year: int, number: str) -> Response:
    """The PDF of an issued paper, always the same."""
    with context().store.read() as connection:
        document = store.get(connection, number, year)
        dossier = dossiers.get(connection, document.dossier)
        require_reader(connection, dossier)
    record_reading("document", document.dossier)
    return _file(document, print_document(context().store, context().settings.public_url, document))


@pages.post("/dossiers/<code>/receipt.pdf")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def receipt_file(code: str) -> Response:
    """The receipt (form 01) as PDF; with the look-up secret, if it was sent along, on this copy alone."""
    secret = normalise_secret(request.form.get("secret", ""))
    document = context().store.run(lambda work: _issue(work, code, DocumentType.RECEIPT, secret))
    record_reading("receipt", code)
    once = {"secret": secret} if secret else None
    return _file(document, print_document(context().store, context().settings.public_url, document, once))


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


def _issue(work: UnitOfWork, code: str, kind: DocumentType, secret: str = "") -> IssuedDocument:
    dossier = dossiers.lock(work.connection, code)
    access.require(_serves(dossier))
    if secret and not secret_matches(secret, dossier.secret_hash, context().settings.hash_key):
        raise wrong_secret()
    agency, data = contents_of(kind, source_of(work.connection, dossier, components().catalogue, context()))
    return issue_once(work, kind, dossier, data, issued_by=principal().subject, agency=agency)


def _serves(dossier: Dossier) -> bool:
    here, actor = context(), principal()
    today = here.clock.now().date()
    return actor.has("clerk") and access.may_serve_at_desk(actor, dossier, here.reference.agencies, today)


def _kind(text: str) -> DocumentType:
    try:
        return DocumentType(text)
    except ValueError:
        raise NotIssuable(text) from None


def _address(document: IssuedDocument) -> str:
    return url_for("document_pages.print_again", year=document.year, number=document.number)


def _file(document: IssuedDocument, content: bytes) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = PDF
    name = document.number.replace("/", "-")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response

"""What pages and API share about papers: who reads and who issues them, and the answer with the file."""

from __future__ import annotations

from flask import Response, make_response
from sqlalchemy import Connection

from services.intake import access
from services.intake.applications.domain import Application
from services.intake.components import components
from services.intake.documents.commands import issue_once
from services.intake.documents.domain import DocumentType, IssuedDocument, NotIssuable
from services.intake.documents.issuing import issue_due_of, lock_subject
from services.intake.documents.queries import find_subject, source_of
from services.intake.dossiers.domain import Dossier
from services.intake.foreign_access.guard import require_application_reader, require_reader
from services.intake.problem_parts import wrong_secret
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.lookup_secret import secret_matches
from shared.web.authorization import principal
from shared.web.views import context

PDF = "application/pdf"


def readable(connection: Connection, subject: Dossier | Application) -> Dossier | Application:
    """The dossier or application, if it is the caller's to work on, or if they have said why they open it.

    Raises:
        As :func:`services.intake.foreign_access.guard.require_reader`.
    """
    if isinstance(subject, Application):
        require_application_reader(connection, subject)
    else:
        require_reader(connection, subject)
    return subject


def require_paper_reader(connection: Connection, document: IssuedDocument) -> None:
    """Lets a request go on if the caller may read the dossier of a paper; one given before a filing is its desk's, and its leaders'.

    Raises:
        As :func:`readable`.
    """
    if document.before_filing:
        here = context()
        today, agencies = here.clock.now().date(), here.reference.agencies
        access.require(access.may_read_declined_filing(principal(), document.agency, agencies, today))
    else:
        readable(connection, find_subject(connection, document.dossier))


def may_issue(subject: Dossier | Application) -> bool:
    """Whether the caller is a clerk of its desk."""
    here, actor = context(), principal()
    today, agencies = here.clock.now().date(), here.reference.agencies
    if not actor.has("clerk"):
        return False
    if isinstance(subject, Application):
        return access.may_decide_application(actor, subject, agencies, today)
    return access.may_serve_at_desk(actor, subject, agencies, today)


def issue_at_desk(work: UnitOfWork, code: str, kind: DocumentType, secret: str = "") -> IssuedDocument:
    """Issues a paper for a clerk, or finds the one that is valid.

    Args:
        work: the transaction.
        code: of the dossier or application.
        kind: of paper.
        secret: the look-up secret, normalised, if it is to be printed; checked.

    Raises:
        shared.web.problem.Problem: 403, another desk's; 422, the secret opens nothing.
        services.intake.documents.domain.NotIssuable: there is no cause for it.
    """
    subject = lock_subject(work, code)
    access.require(may_issue(subject))
    if secret and not secret_matches(secret, subject.secret_hash, context().settings.hash_key):
        raise wrong_secret()
    issue_due_of(work, code, components().catalogue, context())
    source = source_of(work.connection, subject, components().catalogue, context())
    return issue_once(work, kind, source, issued_by=principal().subject)


def kind_of(text: str) -> DocumentType:
    """The kind of paper that a request names.

    Raises:
        NotIssuable: there is none of this name.
    """
    try:
        return DocumentType(text)
    except ValueError:
        raise NotIssuable(text) from None


def pdf_response(document: IssuedDocument, content: bytes) -> Response:
    """The answer with a paper's file, shown in place."""
    response = make_response(content)
    response.headers["Content-Type"] = PDF
    name = document.number.replace("/", "-")
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response

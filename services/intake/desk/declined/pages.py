"""The counter's pages on which a filing is declined: what is to be completed or why it is refused, whether that is right, and the paper."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, make_response, redirect, request, url_for
from sqlalchemy import Connection

from services.intake import access
from services.intake.components import components
from services.intake.desk.declined import store
from services.intake.desk.declined.commands import decline_filing
from services.intake.desk.declined.domain import GUIDANCE, REASONS, REFUSAL, Decline, Reason
from services.intake.desk.declined.earlier import earlier_answers
from services.intake.desk.declined.form import ADDRESSES, CARD, PERSON, begin, decided, focus_of, kind_of
from services.intake.desk.form import DeskForm, fill_from_cards, read_form
from services.intake.desk.requests import case_of, own_desk, page, procedure_of
from services.intake.documents.domain import DocumentType
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.problems import domain_errors_as_problems
from shared.catalogue import Case, Paper, Procedure
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.input_bounds import accepts
from shared.web.language import text
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

FORM_BYTES = 96 * 1024
BEGIN = "begin"
"""What the button of the counter's form sends."""
KIND = "any('supplement-request', refusal)"

pages = Blueprint("declined_pages", __name__, url_prefix="/intake/desk", template_folder="templates")


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a filing is declined of.

    Attributes:
        kind: of answer.
        procedure, version, case: None and 0 for a matter outside the catalogue.
    """

    kind: DocumentType
    procedure: Procedure | None = None
    version: int = 0
    case: Case | None = None

    @property
    def papers(self) -> tuple[Paper, ...]:
        """Those that the case accepts; none in a refusal."""
        if self.procedure is None or self.case is None or self.kind is REFUSAL:
            return ()
        return tuple(self.procedure.accepted_papers(self.case.code))

    @property
    def address(self) -> str:
        """Of the page."""
        if self.procedure is None:
            return url_for("declined_pages.matter_form")
        case = self.case.code if self.case and len(self.procedure.cases) > 1 else None
        return url_for("declined_pages.form", procedure=self.procedure.code, kind=ADDRESSES[self.kind], case=case)


@pages.get("/refusal")
@roles("clerk", agency="record")
def matter_form() -> Response:
    """The form on which a matter is refused that no procedure of the catalogue is about."""
    own_desk()
    return _form_page(_Asked(REFUSAL), DeskForm({}), first=True)


@accepts(FORM_BYTES)
@pages.post("/refusal")
@roles("clerk", agency="record")
def send_matter() -> Response:
    """Asks whether the refusal is right, or issues it."""
    own_desk()
    return _answer(_Asked(REFUSAL))


@pages.get(f"/<procedure>/<{KIND}:kind>")
@roles("clerk", agency="record")
def form(procedure: str, kind: str) -> Response:
    """The form on which a filing of a procedure is declined; a guidance needs the case first, since papers are the case's."""
    own_desk()
    with context().store.read() as connection:
        asked = _asked(connection, procedure, kind)
    return _case_page(asked) or _form_page(asked, DeskForm({}), first=True)


@accepts(FORM_BYTES)
@pages.post(f"/<procedure>/<{KIND}:kind>")
@roles("clerk", agency="record")
def send(procedure: str, kind: str) -> Response:
    """Takes over what was typed at the counter, asks whether the answer is right, or issues it."""
    own_desk()
    with context().store.read() as connection:
        asked = _asked(connection, procedure, kind)
    return _case_page(asked) or _answer(asked)


@pages.get("/declined/<id>")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def declined(id: str) -> Response:
    """What a visitor was told, with the paper to print, and on to the next visitor."""
    here = context()
    with here.store.read() as connection:
        found = store.get(connection, id)
        today, agencies = here.clock.now().date(), here.reference.agencies
        access.require(access.may_read_declined_filing(principal(), found.agency, agencies, today))
        procedure = (
            components().catalogue.version(connection, found.procedure, found.procedure_version)
            if found.procedure
            else None
        )
    record_reading("declined-filing", id)
    return page(
        "intake/declined.html",
        found=found,
        procedure=procedure,
        kind=DocumentType(found.kind),
        reason=Reason(found.reason),
        serves=principal().has("clerk") and principal().agency == found.agency,
    )


def _asked(connection: Connection, procedure: str, kind: str) -> _Asked:
    found = procedure_of(connection, procedure)
    version = components().catalogue.current(connection, procedure, context().clock.now().date())
    return _Asked(kind_of(kind), found, version[0] if version else 0, case_of(found))


def _case_page(asked: _Asked) -> Response | None:
    if asked.case is None and asked.kind is GUIDANCE:
        return page("intake/desk_case.html", procedure=asked.procedure)
    return None


def _answer(asked: _Asked) -> Response:
    typed, action = read_form(request.form), request.form.get("do", "")
    fill_from_cards(typed, context().clock.now().date(), (CARD,))
    if action not in ("review", "confirm") or typed.errors:
        return _form_page(asked, typed, first=action == BEGIN)
    try:
        found = decided(typed, asked.kind, asked.papers, asked.procedure is None)
    except Problem as problem:
        typed.focus = next((error["field"] for error in problem.errors), "")
        shown = _form_page(asked, typed, problem)
        shown.status_code = problem.status
        return shown
    if action == "review":
        return _review_page(asked, typed, found)

    def issue(work: UnitOfWork) -> dict[str, Any]:
        case = asked.case.code if asked.case else ""
        row = decline_filing(work, found, own_desk(), asked.procedure, asked.version, case, principal().subject)
        return {"id": row.id}

    done = once_per_form(issue)
    return make_response(redirect(url_for("declined_pages.declined", id=done["id"]), 303))


def _form_page(asked: _Asked, typed: DeskForm, problem: Problem | None = None, first: bool = False) -> Response:
    if first:
        begin(typed, asked.kind, asked.papers)
    if problem is None:
        typed.focus = focus_of(typed, asked.kind, asked.procedure is None)
    with context().store.read() as connection:
        told = earlier_answers(connection, typed.numbers(), asked.procedure.code if asked.procedure else "")
    own = {f"declined.paper.{paper.code}" for paper in asked.papers}
    own |= {"declined.papers", "declined.reason", "declined.note", "declined.matter"}
    return page(
        "intake/declined_form.html",
        **_shown(asked, typed),
        earlier=told,
        carried={name: text for name, text in typed.values.items() if text and name not in own and name not in PERSON},
        problem=problem,
        errors=[*typed.errors, *(problem.errors if problem else [])],
        reasons=[(str(one), text(one.vi, one.en)) for one in REASONS[asked.kind]],
        kinds=[(one.value, text(one.vi, one.en)) for one in DocumentKind],
    )


def _review_page(asked: _Asked, typed: DeskForm, found: Decline) -> Response:
    with context().store.read() as connection:
        told = earlier_answers(connection, typed.numbers(), asked.procedure.code if asked.procedure else "")
    return page(
        "intake/declined_review.html",
        **_shown(asked, typed),
        earlier=told,
        found=found,
        id_kinds={str(one): one for one in DocumentKind},
        form_key=secrets.token_urlsafe(),
    )


def _shown(asked: _Asked, typed: DeskForm) -> dict[str, Any]:
    """What both pages show."""
    return {
        "asked": asked,
        "guidance": asked.kind is GUIDANCE,
        "procedure": asked.procedure,
        "case": asked.case,
        "papers": asked.papers,
        "form": typed,
    }

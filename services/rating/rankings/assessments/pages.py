"""Pages of yearly assessments: a leader's lists, one assessment with what its forms do, the official's own, and the register."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.rankings.assessments import commands, queries, store
from services.rating.rankings.assessments.domain import AssessmentState
from services.rating.rankings.assessments.labels import ACTIONS, STATES
from services.rating.rankings.assessments.paper import assessment_pdf, register_pdf
from services.rating.rankings.assessments.queries import AssessmentView
from services.rating.rankings.assessments.rules import assessment_rules
from shared.auth import Principal
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.text.limits import NOTE
from shared.web.authorization import confirm_scope, principal, roles, scope_checked
from shared.web.language import text
from shared.web.one_time_notice import just_saved, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

Form = MultiDict[str, str]
READERS = ("clerk", "officer", "leader", "auditor")
YEARS = range(2000, 2200)
MOST_MARKED = 200
LABELS = {
    "remark": ("Nhận xét", "Remark"),
    "comment": ("Ý kiến", "Comment"),
    "answer": ("Trả lời", "Answer"),
    "reason": ("Lý do", "Reason"),
}

pages = page_blueprint("rating", __name__, "assessment_pages")


@pages.get("/assessments")
@roles(*access.RANKING_READERS, agency="record")
@audited
def assessments() -> str:
    """The assessments of a year that a leader makes or has received; of all agencies for an auditor."""
    here, actor, today = context(), principal(), _today()
    year = _year(request.args.get("year", ""), assessment_rules(today).open_year(today))
    scope_checked()  # the lists are limited to the agencies that the leader leads
    with here.store.read() as connection:
        found = queries.lists(connection, actor, here.reference.agencies, year, today)
        years = store.years(connection)
    record_reading("assessments", actor.agency or "all")
    return render_template(
        "rating/assessments/list.html",
        caller=access.caller(actor),
        led=found.led,
        received=found.received,
        year=year,
        years=sorted({*years, year}, reverse=True),
        **_words(),
    )


@pages.get("/assessments/mine")
@roles(*access.ASSESSED, agency="record")
def own_assessments() -> str:
    """The caller's own assessments, from the day on which they were shown to them."""
    actor = principal()
    scope_checked()  # nothing of anybody else is shown
    with context().store.read() as connection:
        found = store.of_official(connection, actor.subject)
    return render_template("rating/assessments/mine.html", caller=access.caller(actor), items=found, **_words())


@pages.get("/assessments/register")
@roles("leader", agency="record")
@audited
def register() -> str:
    """The register of the signed assessments of an agency and year."""
    agency, year = _register()
    with context().store.read() as connection:
        found = store.register(connection, agency, year)
    return render_template(
        "rating/assessments/register.html",
        caller=access.caller(principal()),
        items=found,
        agency=agency,
        year=year,
        **_words(),
    )


@pages.get("/assessments/register.pdf")
@roles("leader", agency="record")
@audited
def register_paper() -> Response:
    """The same as PDF, to be signed."""
    here, (agency, year) = context(), _register()
    with here.store.read() as connection:
        found = store.register(connection, agency, year)
    made = register_pdf(found, agency, year, here.reference.agencies, here.clock.now())
    return _pdf(made, f"so-phieu-danh-gia-{agency}-{year}")


@pages.get("/assessments/<assessment>")
@roles(*READERS, agency="record")
@audited
@domain_errors_as_problems()
def one_assessment(assessment: str) -> str:
    """One assessment: what was counted, what leader and official say, and what the caller may do."""
    return _page(assessment)


@pages.get("/assessments/<assessment>/paper.pdf")
@roles(*READERS, agency="record")
@audited
@domain_errors_as_problems()
def assessment_paper(assessment: str) -> Response:
    """The assessment as PDF."""
    view = _view(assessment)
    made = assessment_pdf(view.one, context().reference.agencies)
    return _pdf(made, f"phieu-danh-gia-{view.one.agency}-{view.one.year}-{view.one.number or 'du-thao'}")


@pages.post("/assessments/<assessment>")
@roles(*access.ASSESSED, agency="record")
def act(assessment: str) -> Response:
    """Runs the action of the form's button."""
    action = _ACTIONS.get(request.form.get("action", ""))
    if action is None:
        raise Problem(422, "invalid")

    def run(work: UnitOfWork) -> None:
        action(work, principal(), assessment, request.form)
        scope_checked()
        confirm_scope()

    try:
        with domain_errors_as_problems():
            context().store.run(run)
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        with domain_errors_as_problems():
            return make_response(_page(assessment, problem), problem.status)
    return redirect_with_notice(url_for("assessment_pages.one_assessment", assessment=assessment))


def _edit(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.edit(work, actor, id_, _text(form, "remark"), _marked(form), _revision(form))


def _show(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.show(work, actor, id_, _text(form, "remark"), _marked(form), _revision(form))


def _revise(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.revise(work, actor, id_, _text(form, "reason"), _revision(form))


def _cancel(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.cancel(work, actor, id_, _text(form, "reason"), _revision(form))


def _comment(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.comment(work, actor, id_, _text(form, "comment"), _revision(form))


def _agree(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.comment(work, actor, id_, "", _revision(form))


def _sign(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.sign(work, actor, id_, _text(form, "answer"), _revision(form))


def _acknowledge(work: UnitOfWork, actor: Principal, id_: str, form: Form) -> None:
    commands.acknowledge(work, actor, id_, _revision(form))


_ACTIONS: Mapping[str, Callable[[UnitOfWork, Principal, str, Form], None]] = {
    "edit": _edit,
    "show": _show,
    "revise": _revise,
    "cancel": _cancel,
    "comment": _comment,
    "agree": _agree,
    "sign": _sign,
    "acknowledge": _acknowledge,
}


def _page(id_: str, problem: Problem | None = None) -> str:
    return render_template(
        "rating/assessments/assessment.html",
        caller=access.caller(principal()),
        view=_view(id_),
        problem=problem,
        saved=just_saved(),
        labels={name: text(*label) for name, label in LABELS.items()},
        now=context().clock.now(),
        **_words(),
    )


def _view(id_: str) -> AssessmentView:
    """The assessment, recorded as read under the official's identifier, by which auditors ask who has read theirs."""
    here = context()
    with here.store.read() as connection:
        view = queries.view_of(connection, principal(), id_, here.reference.agencies, here.clock.now())
    scope_checked()
    record_reading("assessment", view.one.official)
    return view


def _register() -> tuple[str, int]:
    """The agency and year of the register that the address names, recorded as read.

    Raises:
        Problem: 403, another agency's; 422, no year.
    """
    actor, today = principal(), _today()
    agency = request.args.get("agency", "").strip()[:50] or actor.agency
    year = _year(request.args.get("year", ""), today.year)
    with domain_errors_as_problems():
        access.require_leads(actor, agency, context().reference.agencies, today)
    scope_checked()
    record_reading("assessments", agency)
    return agency, year


def _year(typed: str, otherwise: int) -> int:
    if not typed.strip():
        return otherwise
    year = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 5 else 0
    if year not in YEARS:
        raise _fault("year", "Năm không hợp lệ.", "Not a year.")
    return year


def _text(form: Form, name: str) -> str:
    typed = form.get(name, "").strip()
    if len(typed) > NOTE:
        raise _fault(name, f"Dài quá {NOTE} ký tự.", f"Longer than {NOTE} characters.")
    return typed


def _marked(form: Form) -> frozenset[str]:
    return frozenset(form.getlist("justified")[:MOST_MARKED])


def _revision(form: Form) -> int:
    typed = form.get("revision", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _words() -> dict[str, Any]:
    return {
        "states": {state.value: (text(*label[:2]), label[2]) for state, label in STATES.items()},
        "actions": {action.value: text(*label) for action, label in ACTIONS.items()},
        "drafted": AssessmentState.DRAFTED,
    }


def _pdf(content: bytes, name: str) -> Response:
    response = make_response(content)
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _fault(field: str, vi: str, en: str) -> Problem:
    fault: FieldError = {"field": field, "message": vi, "message_en": en}
    return Problem(422, "invalid", errors=[fault])


def _today() -> date:
    return context().clock.now().astimezone(VIETNAM).date()

"""The desk's pages of applications: the list by waiting time, one in full, and what the desk answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.applications import decisions, queries, store
from services.intake.applications.api import to_decide
from services.intake.applications.domain import (
    FOR_THE_OFFICER,
    TRANSITIONS,
    Application,
    Status,
    SubmittedPaper,
    parcel_number,
)
from services.intake.components import components
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField
from services.intake.filing.domain.identity_document import DocumentKind
from services.intake.foreign_access.guard import require_application_reader
from services.intake.problem_parts import invalid_fields
from services.intake.problems import domain_errors_as_problems
from services.intake.supplements.domain import requested_papers, required_reason
from services.intake.uploads.pages import file_response
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

PAGE_SIZE = 50
MAX_TEXT = 100
LISTS = {
    "": FOR_THE_OFFICER,
    "applicant": frozenset({Status.SUPPLEMENT_REQUESTED}),
    "refused": frozenset({Status.REFUSED}),
    "ended": frozenset({Status.WITHDRAWN, Status.CLOSED}),
    "accepted": frozenset({Status.ACCEPTED}),
}
"""What the list may be limited to; by default those that wait for the desk."""
BADGES = {
    Status.WAITING: "busy",
    Status.SUPPLEMENT_REQUESTED: "waiting",
    Status.SUPPLEMENTED: "busy",
    Status.ACCEPTED: "good",
    Status.REFUSED: "late",
    Status.WITHDRAWN: "plain",
    Status.CLOSED: "late",
}
ACTIONS: dict[str, Callable[[UnitOfWork, Application], dict[str, Any]]] = {
    "accept": lambda work, found: decisions.accept_application(
        work, components(), found, principal().subject, principal().agency
    ),
    "ask": lambda work, found: decisions.request_supplement(work, found, *_asked(), principal().subject),
    "supplement": lambda work, found: decisions.supplement_application(
        work, components().catalogue, found, _handed_in(), request.form.get("channel", "post")
    ),
    "refuse": lambda work, found: decisions.refuse_application(
        work, found, required_reason(request.form.get("reason", "")), principal().subject, _return_parcel()
    ),
    "return-parcel": lambda work, found: decisions.record_return_parcel(
        work, found, parcel_number(request.form.get("number", ""), "number")
    ),
}
"""What a form of the page may ask for."""
TO_CONFIRM = ("ask", "refuse")
"""What the applicant is told at once, and is therefore asked about before."""
LABELS = {
    "papers": ("Giấy tờ cần bổ sung", "Papers needed"),
    "reason": ("Lý do", "Reason"),
    "return_parcel": ("Số bưu gửi hoàn trả", "Number of the return parcel"),
    "number": ("Số bưu gửi hoàn trả", "Number of the return parcel"),
}

pages = page_blueprint("intake", __name__, "application_pages")


@pages.get("/applications")
@roles("clerk", "leader", agency="record")
@audited
def application_list() -> str:
    """A desk's applications: those that wait for its answer, the longest wait first, or others."""
    reference, now, viewer = context().reference, context().clock.now(), principal()
    shown, channel, after = (request.args.get(name, "")[:MAX_TEXT] for name in ("show", "channel", "after"))
    desk = request.args.get("agency", "")[:MAX_TEXT]
    desks = access.listable_desks(viewer, desk, reference.agencies, now.date())
    if viewer.has("leader") and not desk:  # leaders look after the desks below them too
        desks |= {one.code for one in reference.agencies.all(now.date()) if _leads(one.code)}
    access.require(bool(desks))
    page = queries.ApplicationPage(
        desks,
        LISTS.get(shown, FOR_THE_OFFICER),
        after,
        PAGE_SIZE,
        channel if channel in ("online", "post") else "",
        named=access.listable_desks(viewer, "", reference.agencies, now.date()),
    )
    record_reading("applications", desk or viewer.agency)
    with context().store.read() as connection:
        found = queries.application_list(connection, page, components().catalogue, reference, now)
    return render_template(
        "intake/application_list.html",
        caller=caller(viewer),
        clerk=viewer.has("clerk"),
        found=found,
        shown=shown if shown in LISTS else "",
        channel=page.channel,
        badges=BADGES,
        first=not after,
        now=now,
    )


@pages.get("/applications/<code>")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def application(code: str) -> str:
    """One application in full, and what the desk may answer."""
    with context().store.read() as connection:
        found = store.get(connection, code)
        require_application_reader(connection, found)
    return render_template("intake/application.html", notice=one_time_notice(), **_shown(found))


@pages.get("/applications/<code>/files/<key>")
@roles("clerk", "leader", agency="record")
@audited
@domain_errors_as_problems()
def application_file(code: str, key: str) -> Response:
    """A file that the applicant uploaded, saved and not shown in place; the reading is recorded."""
    with context().store.read() as connection:
        found = store.get(connection, code)
        require_application_reader(connection, found)
    uploads = {upload.key: upload for paper in store.papers_of(found) for upload in paper.uploads}
    if key not in uploads:
        raise Problem(404, "not-found")
    record_reading("application", code)
    return file_response(key, uploads[key].name or key)


@pages.get("/applications/<code>/<any(accept, ask, supplement, refuse, 'return-parcel'):action>")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def answer_form(code: str, action: str) -> str:
    """The form of one answer."""
    with context().store.read() as connection:
        found = store.get(connection, code)
    access.require(_may(access.may_decide_application, found))
    return _form(found, action)


@pages.post("/applications/<code>/<any(accept, ask, supplement, refuse, 'return-parcel'):action>")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def answer(code: str, action: str) -> Response:
    """Answers; what the applicant is told at once is shown for confirmation first."""
    with context().store.read() as connection:
        found = store.get(connection, code)
    access.require(_may(access.may_decide_application, found))
    try:
        if action in TO_CONFIRM and "confirmed" not in request.form:
            return make_response(_confirmation(found, action))
        once_per_form(lambda work: _answer(work, code, action))
    except Problem as problem:
        return make_response(_form(found, action, problem), problem.status)
    place = url_for("application_pages.application", code=code)
    return redirect_with_notice(place, action)


@domain_errors_as_problems()
def _answer(work: UnitOfWork, code: str, action: str) -> dict[str, Any]:
    return {"code": ACTIONS[action](work, to_decide(work, code))["code"]}


def _asked() -> tuple[list[str], str]:
    """The papers, one a line or ticked, and the reason.

    Raises:
        InvalidField: one is missing or not valid.
    """
    papers = [*request.form.getlist("paper"), *request.form.get("papers", "").splitlines()]
    return requested_papers(papers), required_reason(request.form.get("reason", ""))


def _handed_in() -> list[SubmittedPaper]:
    """The papers that came.

    Raises:
        InvalidField: there is none.
    """
    papers = [SubmittedPaper(name) for name in request.form.getlist("paper")]
    typed = request.form.get("papers", "").splitlines()
    papers += [SubmittedPaper(name) for name in (requested_papers(typed) if any(typed) else ())]
    if not papers:
        raise InvalidField("papers", "Đánh dấu giấy tờ đã nhận được.", "Tick the papers that came.")
    return papers


def _return_parcel() -> str:
    typed = request.form.get("return_parcel", "")
    return parcel_number(typed, "return_parcel") if typed.strip() else ""


def _confirmation(found: Application, action: str) -> str:
    """The page that asks whether the applicant may be told so.

    Raises:
        Problem: 422, with all faults.
    """
    faults, papers, reason, parcel = [], [], "", ""
    for check in (_papers_of_form, _reason_of_form, _return_parcel):
        try:
            value = check()
        except InvalidField as fault:
            if action == "ask" or fault.field != "papers":
                faults.append(fault)
            continue
        if isinstance(value, list):
            papers = value
        elif check is _reason_of_form:
            reason = value
        else:
            parcel = value
    if faults:
        raise invalid_fields(faults)
    return render_template(
        "intake/application_confirm.html",
        action=action,
        papers=papers if action == "ask" else [],
        reason=reason,
        parcel=parcel,
        form_key=secrets.token_urlsafe(),
        **_shown(found),
    )


def _papers_of_form() -> list[str]:
    return requested_papers([*request.form.getlist("paper"), *request.form.get("papers", "").splitlines()])


def _reason_of_form() -> str:
    return required_reason(request.form.get("reason", ""))


def _form(found: Application, action: str, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        procedure = components().catalogue.version(connection, found.procedure, found.procedure_version)
    here = {paper.filed.code for paper in store.papers_of(found)}
    accepted = procedure.accepted_papers(found.case_code)
    return render_template(
        "intake/application_answer.html",
        action=action,
        accepted=accepted,
        missing=[paper for paper in accepted if paper.required and paper.code not in here],
        ticked=request.form.getlist("paper"),
        problem=problem,
        labels=LABELS,
        longest=MAX_NOTE,
        form_key=secrets.token_urlsafe(),
        **_shown(found),
    )


def _shown(found: Application) -> dict[str, Any]:
    """What all pages of one application show; the reading is recorded."""
    reference, now = context().reference, context().clock.now()
    record_reading("application", found.code)
    with context().store.read() as connection:
        detail = queries.application_detail(connection, found, components().catalogue, reference, now)
    return {
        "caller": caller(principal()),
        "application": detail,
        "id_kind": DocumentKind(found.applicant_id_kind),
        "badge_kind": BADGES[found.status],
        "may_decide": principal().has("clerk") and _may(access.may_decide_application, found),
        "may_follow": {str(status) for status in TRANSITIONS[found.status]},
    }


def _may(rule: Callable[..., bool], found: Application) -> bool:
    return rule(principal(), found, context().reference.agencies, context().clock.now().date())


def _leads(desk: str) -> bool:
    agencies, today = context().reference.agencies, context().clock.now().date()
    return principal().agency in agencies.ancestors(desk, today)

"""The desk's page of a dossier's waivers: a clerk grants or refuses one that was asked for, or asked for at the desk."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.intake import access
from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.dossiers.pages import caller
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.filing.domain.fee_reductions import waiver_categories
from services.intake.payments.waivers import store
from services.intake.payments.waivers.commands import ask_waiver, decide_waiver
from services.intake.payments.waivers.domain import ASKED
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

LABELS = {
    "category": ("Đối tượng", "Who"),
    "evidence": ("Giấy tờ chứng minh, số", "Paper that proves it, number"),
    "seen": ("Giấy tờ chứng minh", "The paper"),
    "decision": ("Quyết định", "Decision"),
    "reason": ("Lý do", "Reason"),
}

pages = page_blueprint("intake", __name__, "waiver_pages")


@pages.get("/dossiers/<code>/payments/waiver")
@roles("clerk", agency="record")
@audited
@domain_errors_as_problems()
def form(code: str) -> str:
    """The form for deciding a waiver: the one that the citizen has asked for, or a new one."""
    return _page(_dossier(code))


@pages.post("/dossiers/<code>/payments/waiver")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def decide(code: str) -> Response:
    """Decides; once."""
    dossier = _dossier(code)
    try:
        typed = _checked()
        once_per_form(lambda work: _decide(work, code, typed))
    except Problem as problem:
        return make_response(_page(dossier, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(dossier, refused), refused.status)
    return redirect_with_notice(url_for("desk_payment_pages.overview", code=code))


def _decide(work: UnitOfWork, code: str, typed: dict[str, str]) -> dict[str, Any]:
    dossier = _servable(dossiers.lock(work.connection, code))
    identifier = request.form.get("waiver", "")
    if not identifier:
        identifier = ask_waiver(work, dossier, typed["category"], typed["evidence"], principal().subject).id
    grant = typed["decision"] == "grant"
    return {"id": decide_waiver(work, dossier, identifier, grant, typed["reason"], principal().subject).id}


def _checked() -> dict[str, str]:
    """What was typed.

    Raises:
        Problem: 422, with all faults.
    """
    faults, typed = [], {name: request.form.get(name, "") for name in ("category", "decision")}
    for name in ("evidence", "reason"):
        try:
            typed[name] = plain_text(request.form.get(name, ""), name, MAX_NOTE)
        except InvalidField as fault:
            typed[name] = ""
            faults.append(fault)
    known = bool(request.form.get("waiver"))
    if not known and not typed["category"]:
        faults.append(InvalidField("category", "Chọn đối tượng.", "Choose who it is for."))
    if not known and not typed["evidence"]:
        faults.append(InvalidField("evidence", "Nhập tên và số giấy tờ.", "Enter the paper and its number."))
    if typed["decision"] not in ("grant", "refuse"):
        faults.append(InvalidField("decision", "Chọn miễn, giảm hoặc không.", "Choose one."))
    if typed["decision"] == "grant" and "seen" not in request.form:
        faults.append(
            InvalidField("seen", "Xác nhận đã xem giấy tờ chứng minh.", "Confirm that you have seen the paper.")
        )
    if typed["decision"] == "refuse" and not typed["reason"]:
        faults.append(InvalidField("reason", "Phải nêu lý do không miễn, giảm.", "Say why it is refused."))
    if faults:
        raise invalid_fields(faults)
    return typed


def _dossier(code: str) -> Dossier:
    with context().store.read() as connection:
        return _servable(dossiers.get(connection, code))


def _servable(dossier: Dossier) -> Dossier:
    here = context()
    today = here.clock.now().date()
    access.require(access.may_serve_at_desk(principal(), dossier, here.reference.agencies, today))
    return dossier


def _page(dossier: Dossier, problem: Problem | None = None) -> str:
    record_reading("payments", dossier.code)
    with context().store.read() as connection:
        found = store.of_dossier(connection, dossier.code)
    return render_template(
        "intake/decide_waiver.html",
        caller=caller(principal()),
        dossier=dossier,
        asked=next((one for one in found if one.state == ASKED), None),
        decided=[one for one in found if one.state != ASKED],
        categories={one.code: one for one in waiver_categories(context().clock.now().date())},
        labels=LABELS,
        limit=MAX_NOTE,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )

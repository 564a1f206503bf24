"""The citizen's page that asks for a waiver of the fee, in a browser that has just looked the dossier up."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, redirect, render_template, request, url_for

from services.intake.dossiers import store as dossiers
from services.intake.dossiers.domain import Dossier
from services.intake.filing.domain.applicant import MAX_NOTE, InvalidField, plain_text
from services.intake.filing.domain.fee_reductions import waiver_categories
from services.intake.payments.online.pages import looked_up
from services.intake.payments.waivers.commands import ask_waiver
from services.intake.problem_parts import invalid_fields
from services.intake.problems import PROBLEMS, domain_errors_as_problems
from shared.web.authorization import public
from shared.web.domain_errors import problem_for
from shared.web.form_once import once_per_form
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

LABELS = {"category": ("Đối tượng", "Who"), "evidence": ("Giấy tờ chứng minh, số", "Paper that proves it, number")}

pages = page_blueprint("intake", __name__, "own_waiver_pages")


@pages.get("/pay/waiver")
@public
@domain_errors_as_problems()
def form() -> Response:
    """The form."""
    dossier = looked_up()
    return _back() if dossier is None else make_response(_page(dossier))


@pages.post("/pay/waiver")
@public
@domain_errors_as_problems()
def ask() -> Response:
    """Asks; once. A clerk decides by the paper."""
    dossier = looked_up()
    if dossier is None:
        return _back()
    try:
        category, evidence = _checked()
        once_per_form(lambda work: _ask(work, dossier.code, category, evidence))
    except Problem as problem:
        return make_response(_page(dossier, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_page(dossier, refused), refused.status)
    return _back()


def _ask(work: Any, code: str, category: str, evidence: str) -> dict[str, Any]:
    return {"id": ask_waiver(work, dossiers.lock(work.connection, code), category, evidence, "citizen").id}


def _checked() -> tuple[str, str]:
    """What was typed.

    Raises:
        Problem: 422, with all faults.
    """
    faults, category, evidence = [], request.form.get("category", ""), ""
    if not category:
        faults.append(InvalidField("category", "Chọn đối tượng.", "Choose who you are."))
    try:
        evidence = plain_text(request.form.get("evidence", ""), "evidence", MAX_NOTE)
        if not evidence:
            faults.append(InvalidField("evidence", "Nhập tên và số giấy tờ.", "Enter the paper and its number."))
    except InvalidField as fault:
        faults.append(fault)
    if faults:
        raise invalid_fields(faults)
    return category, evidence


def _back() -> Response:
    return make_response(redirect(url_for("pay_pages.owed"), 303))


def _page(dossier: Dossier, problem: Problem | None = None) -> str:
    return render_template(
        "intake/ask_waiver.html",
        code=dossier.code,
        fee=dossier.fee,
        categories=waiver_categories(context().clock.now().date()),
        labels=LABELS,
        limit=MAX_NOTE,
        problem=problem,
        form_key=secrets.token_urlsafe(),
    )

"""The page on which a clerk enters answers on paper."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from sqlalchemy import Connection

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.surveys import store
from services.rating.surveys.answering import MAX_PAPER_NUMBER, Paper, enter_paper
from services.rating.surveys.domain import State, UnknownSurvey
from services.rating.surveys.frame import MAX_ID, caller
from services.rating.surveys.questions import SCALE_NAMES
from services.rating.surveys.results import Stratum
from services.rating.surveys.shown import STYLES
from services.rating.surveys.store import Survey
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import agency_name, page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_CODE = 100
LABELS = {
    "number": ("Số phiếu giấy", "Number of the paper"),
    "code": ("Mã mời in trên phiếu", "Code of the invitation"),
    "stratum": ("Thủ tục và cơ quan, hoặc nhóm", "Procedure and agency, or group"),
}

pages = page_blueprint("rating", __name__, "survey_paper_pages")


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return STYLES


@pages.get("/surveys/<survey>/papers")
@roles(*access.SURVEY_CLERKS, agency="record")
@domain_errors_as_problems()
def form(survey: str) -> str:
    """The form of one paper."""
    return _page(survey)


@pages.post("/surveys/<survey>/papers")
@roles(*access.SURVEY_CLERKS, agency="record")
def enter(survey: str) -> Response:
    """Enters one paper, once for each number."""
    with domain_errors_as_problems(), context().store.read() as connection:
        _clerks_survey(connection, survey)

    def effect(work: UnitOfWork) -> dict[str, Any]:
        enter_paper(work, _clerks_survey(work.connection, survey), _typed())
        return {}

    try:
        with domain_errors_as_problems():
            once_per_form(effect, record=survey)
    except Problem as problem:
        return make_response(_page(survey, problem), problem.status)
    return redirect_with_notice(url_for("survey_paper_pages.form", survey=survey))


def _typed() -> Paper:
    stratum = request.form.get("stratum", "")
    return Paper(
        number=" ".join(request.form.get("number", "").split())[: MAX_PAPER_NUMBER + 1].upper(),
        stratum=int(stratum) if stratum.isascii() and stratum.isdecimal() and len(stratum) < 9 else 0,
        code=request.form.get("code", "").strip()[:MAX_CODE],
        filled=dict(request.form.items()),
        by=principal().subject,
    )


def _clerks_survey(connection: Connection, id: str) -> Survey:
    scope_checked()
    here = context()
    survey = store.find_survey(connection, id[:MAX_ID])
    if survey is None or survey.state is State.DRAFT:
        raise UnknownSurvey
    today = here.clock.now().astimezone(VIETNAM).date()
    access.require_survey_clerk(principal(), survey.organiser, survey.scope, here.reference.agencies, today)
    return survey


def _choice(survey: Survey, stratum: Stratum) -> tuple[int, str] | tuple[int, str, str]:
    """A stratum to choose: number and name; procedures and agencies have Vietnamese names in every language."""
    if stratum.procedure:
        name = f"{survey.plan.procedure_name(stratum.procedure)} – {agency_name(stratum.agency)}"
        return stratum.number, name, "vi"
    return stratum.number, text(stratum.vi, stratum.en)


def _page(id: str, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        survey = _clerks_survey(connection, id)
        strata = [_choice(survey, one) for one in store.strata_of(connection, survey.id)]
    return render_template(
        "rating/survey_paper.html",
        caller=caller(principal()),
        survey=survey,
        strata=strata,
        scale=SCALE_NAMES,
        filled=request.form if problem else {},
        names=LABELS,
        labels={name: text(*label) for name, label in LABELS.items()}
        | {f"q.{one.code}": text(one.vi, one.en) for one in survey.questions},
        problem=problem,
        notice=one_time_notice(),
        form_key=secrets.token_urlsafe(16),
    )

"""The citizen's pages of surveys: the questionnaire behind an invitation's link, and that of an open campaign. On a phone first.

As with ratings, the token is in the path, because a citizen must be able to tap a link; logs and metrics name the route's template,
never the path, and the pages send no referrer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from services.rating.invitations.domain import new_token, normalise_token
from services.rating.problems import domain_errors_as_problems
from services.rating.ratings.pages import TOKEN, WRONG_CODE
from services.rating.surveys import store
from services.rating.surveys.answering import (
    AT_KIOSK,
    BY_INVITATION,
    BY_LINK,
    answer_invited,
    answer_openly,
    count_open_answer,
    invited_survey,
    open_survey_group,
)
from services.rating.surveys.domain import Population, State, require_answerable
from services.rating.surveys.frame import MAX_ID
from services.rating.surveys.questions import MAX_COMMENT, SCALE_NAMES
from services.rating.surveys.shown import STYLES
from services.rating.surveys.store import Survey
from shared.web.authorization import public
from shared.web.client_address import client_address
from shared.web.kiosk_visit import current_visit, keep_visit
from shared.web.language import text
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

MAX_TOKEN = 100
MAX_BODY_BYTES = 128 * 1024
"""Enough for a questionnaire with several long answers in words."""
FORM_TOKEN = "form_token"

pages = page_blueprint("rating", __name__, "survey_answer_pages")


@pages.before_request
def _limit_body() -> None:
    """The pages are public, so their forms are kept small."""
    request.max_content_length = MAX_BODY_BYTES


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return STYLES | {"visit": current_visit()}


@pages.before_request
def _only_this_visit() -> WerkzeugResponse | None:
    """At a kiosk, leads the form of somebody who was there before to the kiosk's first page."""
    visit, token = current_visit(), (request.view_args or {}).get("survey_token", "")
    return redirect(visit.start, 303) if visit and token and not visit.may_rate(token) else None


@pages.after_request
def _keep_visit(response: Response) -> Response:
    visit = current_visit()
    return response if visit is None else keep_visit(response, visit)


@pages.get("/survey")
@public
def enter() -> str:
    """The page to type in the code of an invitation, and the campaigns that anybody may answer."""
    return _enter_page("", [])


@pages.post("/survey")
@public
def enter_code() -> WerkzeugResponse:
    """Redirects to the questionnaire of the code that was typed in."""
    typed = request.form.get("code", "")
    token = normalise_token(urlsplit(typed.strip()).path.rpartition("/")[2])  # the code, or the whole link
    if not TOKEN.fullmatch(token):
        return make_response(_enter_page(typed[:100], [WRONG_CODE]), 422)
    if visit := current_visit():
        g.motcua_visit = visit.rates(token)
    return redirect(url_for("survey_answer_pages.invited_form", survey_token=token), 303)


@pages.get("/survey/thanks")
@public
def thanks() -> str:
    """Thanks the citizen; shows nothing of the answers."""
    return render_template("rating/survey_thanks.html")


@pages.get("/s/<survey_token>")
@public
def invited_form(survey_token: str) -> Response:
    """The questionnaire of an invitation, if it is open."""
    return _invited(survey_token)


@pages.post("/s/<survey_token>")
@public
def answer_invitation(survey_token: str) -> WerkzeugResponse:
    """Takes the answers, once."""
    channel = AT_KIOSK if current_visit() else BY_INVITATION
    try:
        with domain_errors_as_problems():
            context().store.run(lambda work: answer_invited(work, survey_token[:MAX_TOKEN], request.form, channel))
    except Problem as problem:
        return _invited(survey_token, problem) if problem.status == 422 else _closed(problem)
    return redirect(url_for("survey_answer_pages.thanks"), 303)


@pages.get("/survey/<survey>/<int:stratum>")
@public
def open_form(survey: str, stratum: int) -> Response:
    """The questionnaire of an open campaign for one group."""
    return _open(survey, stratum)


@pages.post("/survey/<survey>/<int:stratum>")
@public
def answer_open_form(survey: str, stratum: int) -> WerkzeugResponse:
    """Takes the answers of one form, once."""
    channel = AT_KIOSK if current_visit() else BY_LINK
    token = normalise_token(request.form.get(FORM_TOKEN, "")[:MAX_TOKEN])
    here = context()
    try:
        if not TOKEN.fullmatch(token):
            raise Problem(422, "invalid")
        with domain_errors_as_problems():
            count_open_answer(here.store, client_address(), here.settings.hash_key)
            here.store.run(lambda work: answer_openly(work, survey[:MAX_ID], stratum, token, request.form, channel))
    except Problem as problem:
        return _open(survey, stratum, problem) if problem.status == 422 else _closed(problem)
    return redirect(url_for("survey_answer_pages.thanks"), 303)


def _enter_page(code: str, errors: list[Any]) -> str:
    now = context().clock.now()
    with context().store.read() as connection:
        found = [
            (one, store.strata_of(connection, one.id))
            for one in store.surveys_in(connection, State.OPEN)
            if one.plan.population is Population.OPEN and one.plan.begins_at <= now < one.plan.ends_at
        ]
    return render_template("rating/survey_enter.html", code=code, errors=errors, found=found)


def _invited(token: str, problem: Problem | None = None) -> Response:
    here = context()
    try:
        with here.store.read() as connection, domain_errors_as_problems():
            survey, _ = invited_survey(connection, token[:MAX_TOKEN], here.settings.hash_key)
            require_answerable(survey.state, survey.plan, here.clock.now())
    except Problem as refused:
        return _closed(refused)
    return _form(survey, {}, problem)


def _open(id: str, stratum: int, problem: Problem | None = None) -> Response:
    here = context()
    try:
        with here.store.read() as connection, domain_errors_as_problems():
            survey, group = open_survey_group(connection, id[:MAX_ID], stratum)
            require_answerable(survey.state, survey.plan, here.clock.now())
    except Problem as refused:
        return _closed(refused)
    return _form(survey, {"group": group, FORM_TOKEN: new_token()}, problem)


def _form(survey: Survey, more: Mapping[str, Any], problem: Problem | None) -> Response:
    page = render_template(
        "rating/survey_form.html",
        survey=survey,
        scale=SCALE_NAMES,
        filled=request.form if problem else {},
        labels={f"q.{one.code}": text(one.vi, one.en) for one in survey.questions},
        problem=problem,
        longest=MAX_COMMENT,
        **more,
    )
    return make_response(page, problem.status if problem else 200)


def _closed(problem: Problem) -> Response:
    return make_response(render_template("rating/survey_closed.html", problem=problem), problem.status)

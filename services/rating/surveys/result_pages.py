"""The public pages of published campaigns, with the result as XLSX and the answers as CSV. They show no stratum with too few answers."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, render_template
from sqlalchemy import Connection

from services.rating.problems import domain_errors_as_problems
from services.rating.surveys import answer_store, store
from services.rating.surveys.answering import CHANNELS
from services.rating.surveys.domain import State, UnknownSurvey
from services.rating.surveys.files import XLSX, answers_csv, results_xlsx
from services.rating.surveys.frame import MAX_ID
from services.rating.surveys.method import method
from services.rating.surveys.questions import SCALE_NAMES
from services.rating.surveys.results import Results
from services.rating.surveys.shown import STATIC, STYLES, names_of_parts
from services.rating.surveys.store import Survey
from shared.web.authorization import public
from shared.web.pages import agency_name
from shared.web.views import context

pages = Blueprint(
    "survey_result_pages",
    __name__,
    url_prefix="/rating",
    template_folder="templates",
    static_folder=STATIC,
    static_url_path="/assets/surveys",
)


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return STYLES


@pages.get("/survey-results")
@public
def list_results() -> str:
    """The published campaigns, the last ones first."""
    with context().store.read() as connection:
        found = store.surveys_in(connection, State.PUBLISHED)
    return render_template("rating/survey_results.html", found=found)


@pages.get("/survey-results/<survey>")
@public
@domain_errors_as_problems()
def show_result(survey: str) -> str:
    """The result of one campaign, each chart beside its table."""
    with context().store.read() as connection:
        found, results = _published(connection, survey)
    return render_template(
        "rating/survey_result.html",
        survey=found,
        plan=found.plan,
        results=results,
        names=names_of_parts(found),
        scale=SCALE_NAMES,
        channels=CHANNELS,
        method=method(found),
    )


@pages.get("/survey-results/<survey>.xlsx")
@public
@domain_errors_as_problems()
def result_file(survey: str) -> Response:
    """The result as XLSX."""
    with context().store.read() as connection:
        found, results = _published(connection, survey)
    return _attachment(results_xlsx(found, results, agency_name(found.organiser), agency_name), XLSX, found, "xlsx")


@pages.get("/survey-results/<survey>.csv")
@public
@domain_errors_as_problems()
def answers_file(survey: str) -> Response:
    """The answers as CSV, without words."""
    with context().store.read() as connection:
        found, _ = _published(connection, survey)
        body = answers_csv(found, store.strata_of(connection, found.id), answer_store.answers_of(connection, found.id))
    return _attachment(body, "text/csv; charset=utf-8", found, "csv")


def _published(connection: Connection, id: str) -> tuple[Survey, Results]:
    survey = store.find_survey(connection, id[:MAX_ID])
    if survey is None or survey.state is not State.PUBLISHED or survey.results is None:
        raise UnknownSurvey
    return survey, survey.results


def _attachment(body: bytes, kind: str, survey: Survey, ending: str) -> Response:
    response = make_response(body)
    response.headers["Content-Type"] = kind
    name = f"khao-sat-{survey.plan.closes_on.isoformat()}.{ending}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response

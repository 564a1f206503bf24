"""The page on which an organiser changes the questions of a draft. Once the campaign is open they are only shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.surveys.commands import change_questions
from services.rating.surveys.domain import State, require_draft
from services.rating.surveys.forms import MAX_TYPED, QUESTION_LABELS, read_question, shown_question
from services.rating.surveys.frame import caller, organised_survey, readable_survey
from services.rating.surveys.questions import FACTOR_NAMES, Question
from services.rating.surveys.shown import STYLES
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.views import context

KINDS = {
    "scale": ("Thang điểm hài lòng 1–5", "Scale of satisfaction, 1 to 5"),
    "choice": ("Chọn một phương án", "One of several options"),
    "text": ("Tự viết", "In words"),
}
MAX_CODE = 30

pages = page_blueprint("rating", __name__, "survey_question_pages")


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return STYLES


@pages.get("/surveys/<survey>/questions")
@roles(*access.SURVEY_READERS, agency="record")
@domain_errors_as_problems()
def show(survey: str) -> str:
    """The questions; of a draft also the form to add one, or to change the one that the address names."""
    return _page(survey)


@pages.post("/surveys/<survey>/questions")
@roles(*access.SURVEY_ORGANISERS, agency="record")
def change(survey: str) -> Response:
    """Adds, changes or removes a question of a draft."""
    with domain_errors_as_problems(), context().store.read() as connection:
        organised_survey(connection, survey)
    change_one = _ACTIONS.get(request.form.get("action", ""))
    try:
        if change_one is None:
            raise Problem(422, "invalid")
        with domain_errors_as_problems():
            context().store.run(lambda work: _change(work, survey, change_one))
    except Problem as problem:
        return make_response(_page(survey, problem), problem.status)
    return redirect_with_notice(url_for("survey_question_pages.show", survey=survey))


def _change(work: UnitOfWork, id: str, change_one: Callable[[Sequence[Question]], list[Question]]) -> None:
    survey = organised_survey(work.connection, id)
    require_draft(survey.state)
    change_questions(work, survey, change_one(survey.questions))


def _removed(questions: Sequence[Question]) -> list[Question]:
    code = request.form.get("question", "")
    return [one for one in questions if one.code != code]


def _saved(questions: Sequence[Question]) -> list[Question]:
    """All questions with the one of the form: in the place of that which it changes, or as the last one."""
    before = request.form.get("question", "")[:MAX_CODE]
    others = [one for one in questions if one.code != before]
    typed = {name: value[: MAX_TYPED + 1] for name, value in request.form.items()}
    made = read_question(typed, others)
    if len(others) == len(questions):
        # the same form sent twice adds one question: its code is the second time that of the one it has added
        return [*questions, made]
    return [made if one.code == before else one for one in questions]


_ACTIONS = {"save": _saved, "remove": _removed}


def _page(id: str, problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        survey = readable_survey(connection, id)
    may_change = (
        survey.state is State.DRAFT and principal().has(*access.SURVEY_ORGANISERS) and survey.organiser in _own()
    )
    chosen = (request.form if problem else request.args).get("question", "")[:MAX_CODE]
    edited = next((one for one in survey.questions if one.code == chosen), None)
    filled: Mapping[str, str] = shown_question(edited) if edited else {"kind": "scale", "required": "yes"}
    return render_template(
        "rating/survey_questions.html",
        caller=caller(principal()),
        survey=survey,
        may_change=may_change,
        edited=edited,
        filled=filled,
        kinds=KINDS,
        factors=FACTOR_NAMES,
        labels={name: text(*label) for name, label in QUESTION_LABELS.items()},
        problem=problem,
        notice=one_time_notice(),
    )


def _own() -> frozenset[str]:
    here = context()
    return here.reference.agencies.handled_by(principal().agency, here.clock.now().date())

"""The pages of paper forms: a clerk enters them, a leader sees which were entered and corrects one. Neither shows what a paper says."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, make_response, render_template, request, url_for
from marshmallow import ValidationError

from services.rating import access
from services.rating.papers import store
from services.rating.papers.commands import correct_paper, enter_paper
from services.rating.papers.domain import Paper
from services.rating.papers.schemas import MOST_COUNTERS, REASON_CHARACTERS, CorrectionSchema, PaperSchema, day_fault
from services.rating.problems import PROBLEMS, domain_errors_as_problems
from services.rating.ratings.answers import answers_of, checked_rating
from services.rating.ratings.domain import Form
from services.rating.ratings.form import UnknownForm, form_of_version, forms, rating_form
from services.rating.scores.labels import COURTESY_LABELS
from services.rating.scores.pages import caller
from services.rating.scores.register import names_of, registered_at
from services.rating.scores.shown import form_titles, today
from shared.persistence.unit_of_work import UnitOfWork
from shared.web.authorization import principal, roles, scope_checked
from shared.web.domain_errors import problem_for
from shared.web.error_handlers import to_problem
from shared.web.form_once import once_per_form
from shared.web.one_time_notice import just_saved, one_time_notice, redirect_with_notice
from shared.web.pages import MAX_SHOWN_AGAIN, page_blueprint
from shared.web.problem import FieldError, Problem
from shared.web.views import context

MOST = 50
"""Papers in a list, those that were entered last."""
LABELS = {
    "number": ("Số phiếu", "Number of the paper"),
    "day": ("Ngày ghi trên phiếu", "Date on the paper"),
    "dossier": ("Mã hồ sơ", "Dossier"),
    "counter": ("Quầy số", "Counter"),
    "official": ("Cán bộ được đánh giá", "Official"),
    "score": ("Mức độ hài lòng chung", "Overall satisfaction"),
    "comment": ("Ý kiến góp ý", "Comment"),
    "reason": ("Lý do", "Reason"),
}
_DAYS: dict[str, FieldError] = {
    "future": {"field": "day", "message": "Ngày này chưa đến.", "message_en": "That day is yet to come."},
    "old": {"field": "day", "message": "Phiếu cũ hơn một năm.", "message_en": "The paper is more than a year old."},
}

pages = page_blueprint("rating", __name__, "paper_pages")


@pages.get("/papers")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def paper_form() -> str:
    """The form for a paper, and which papers were entered last at the desk."""
    _desks()
    return _form({})


@pages.post("/papers")
@roles("clerk", agency="record")
@domain_errors_as_problems()
def enter() -> Response:
    """Enters a paper; the same form sent twice enters it once."""
    desks = _desks()
    try:
        paper = _typed_paper()
        once_per_form(lambda work: _enter(work, paper, desks))
    except Problem as problem:
        return make_response(_form(request.form, problem), problem.status)
    except tuple(PROBLEMS) as error:
        refused = problem_for(PROBLEMS, error)
        return make_response(_form(request.form, refused), refused.status)
    return redirect_with_notice(url_for("paper_pages.paper_form"), paper.number)


@pages.get("/papers/entered")
@roles("leader", agency="record")
@domain_errors_as_problems()
def entered_papers() -> str:
    """Which papers were entered, when and by whom, and the form for a correction."""
    return _entered()


@pages.post("/papers/entered")
@roles("leader", agency="record")
@domain_errors_as_problems()
def correct() -> Response:
    """Lets a paper count with the right score, or not at all."""
    desks, actor = _desks(), principal()
    try:
        body = CorrectionSchema().load(_filled("number", "score", "reason"))
        once_per_form(lambda work: _correct(work, body, desks, actor.subject))
    except ValidationError as error:
        return make_response(_entered(to_problem(error)), 422)
    except tuple(PROBLEMS) as error:
        problem = problem_for(PROBLEMS, error)
        return make_response(_entered(problem), problem.status)
    return redirect_with_notice(url_for("paper_pages.entered_papers"))


def _typed_paper() -> Paper:
    """The paper that was typed in.

    Raises:
        Problem: 422, with what is wrong.
    """
    form = _paper_form()
    typed = _filled("number", "day", "dossier", "counter", "official")
    try:
        body = PaperSchema().load(typed | answers_of(request.form, form) | {"form": form.version})
    except ValidationError as error:
        raise to_problem(error) from error
    if fault := day_fault(body["day"], today()):
        raise Problem(422, "invalid", errors=[_DAYS[fault]])
    about = {} if body["dossier"] else {"counter": body["counter"], "official": body["official"]}
    return Paper(body["number"], body["day"], checked_rating(body, form), form.version, body["dossier"], **about)


def _enter(work: UnitOfWork, paper: Paper, desks: frozenset[str]) -> dict[str, bool]:
    actor = principal()
    enter_paper(work, paper, actor.agency, desks, actor.subject)
    return {"entered": True}


def _correct(work: UnitOfWork, body: Mapping[str, Any], desks: frozenset[str], actor: str) -> dict[str, bool]:
    correct_paper(work, body["number"], desks, body["score"], body["reason"], actor)
    return {"corrected": True}


def _filled(*names: str) -> dict[str, str]:
    """The fields that are not empty."""
    return {name: text for name in names if (text := request.form.get(name, "").strip())}


def _desks() -> frozenset[str]:
    found = access.paper_desks(principal(), context().reference.agencies, today())
    scope_checked()
    return found


def _paper_form() -> Form:
    """The form that is printed on the paper: that of the page's choice, else the newest."""
    try:
        return form_of_version(request.values.get("form", ""))
    except UnknownForm:
        return rating_form()


def _form(typed: Mapping[str, str], problem: Problem | None = None) -> str:
    actor, desks = principal(), _desks()
    with context().store.read() as connection:
        entered = store.papers_of(connection, desks, MOST)
        # nobody enters papers about themselves
        officials = registered_at(connection, [actor.agency], today()) - {actor.subject}
        names = names_of(connection, officials)
    return render_template(
        "rating/paper_form.html",
        caller=caller(),
        form=_paper_form(),
        forms=forms(),
        form_titles=form_titles(),
        typed_in={name: text[:MAX_SHOWN_AGAIN] for name, text in typed.items()},
        problem=problem,
        labels=LABELS,
        officials=sorted((names.get(subject, subject), subject) for subject in officials),
        courtesies=COURTESY_LABELS,
        entered=entered,
        today=today(),
        most_counters=MOST_COUNTERS,
        form_key=secrets.token_urlsafe(9),
        saved=one_time_notice(),
    )


def _entered(problem: Problem | None = None) -> str:
    with context().store.read() as connection:
        entered = store.papers_of(connection, _desks(), MOST)
    return render_template(
        "rating/papers_entered.html",
        caller=caller(),
        entered=entered,
        form=rating_form(),
        problem=problem,
        labels=LABELS,
        limits=REASON_CHARACTERS,
        form_key=secrets.token_urlsafe(9),
        saved=just_saved(),
    )

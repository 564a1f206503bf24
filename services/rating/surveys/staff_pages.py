"""Officials' pages of campaigns: the list, planning, one campaign with its strata, opening, closing, publishing, checking the draw."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from services.rating import access
from services.rating.problems import domain_errors_as_problems
from services.rating.surveys import answer_store, store
from services.rating.surveys.answering import CHANNELS
from services.rating.surveys.commands import (
    change_plan,
    close_survey,
    create_survey,
    open_survey,
    publish_survey,
    require_plan,
)
from services.rating.surveys.domain import Plan, Population, State
from services.rating.surveys.forms import MAX_TYPED, PLAN_LABELS, read_plan, shown_plan
from services.rating.surveys.frame import STATES, caller, organised_survey, reach, readable_survey
from services.rating.surveys.queries import progress, repeat_draw
from services.rating.surveys.questions import FACTOR_NAMES, SCALE_NAMES
from services.rating.surveys.sampling import suggested_size
from services.rating.surveys.shown import STYLES, names_of_parts
from services.rating.surveys.store import Survey
from services.rating.surveys.template import survey_data
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM
from shared.web.authorization import principal, roles, scope_checked
from shared.web.form_once import once_per_form
from shared.web.language import text
from shared.web.one_time_notice import one_time_notice, redirect_with_notice
from shared.web.pages import page_blueprint
from shared.web.problem import Problem
from shared.web.reading_audit import audited, record_reading
from shared.web.views import context

MOST = 100
MAX_TEXTS = 500
NEW = {
    "population": Population.DOSSIERS,
    "sample": "400",
    "stratum_least": "10",
    "reminder_days": "7",
    "shown_least": "10",
}
"""What the form of a new campaign proposes."""

pages = page_blueprint("rating", __name__, "survey_pages")


@pages.context_processor
def _of_pages() -> dict[str, Any]:
    return STYLES


@pages.get("/surveys")
@roles("clerk", "leader", "auditor", agency="record")
def list_surveys() -> str:
    """The campaigns that the caller may follow, or for which they may enter papers, the newest first."""
    here, actor, today = context(), principal(), _today()
    scope_checked()
    with here.store.read() as connection:
        if actor.has(*access.SURVEY_READERS):
            organisers = access.read_organisers(actor, here.reference.agencies, today)
            found = store.surveys_of(connection, organisers, MOST)
        else:
            mine = here.reference.agencies.handled_by(actor.agency, today)
            found = [one for one in store.surveys_in(connection, State.OPEN) if mine & {one.organiser, *one.scope}]
    return render_template(
        "rating/surveys.html", caller=caller(actor), found=found, states=STATES, notice=one_time_notice()
    )


@pages.get("/surveys/new")
@roles(*access.SURVEY_ORGANISERS, agency="record")
def new() -> str:
    """The form of a new campaign."""
    scope_checked()
    return _plan_page(None, NEW)


@pages.post("/surveys/new")
@roles(*access.SURVEY_ORGANISERS, agency="record")
def create() -> Response:
    """Writes a draft with the questions of SIPAS."""
    scope_checked()
    actor = principal()

    def effect(work: UnitOfWork) -> dict[str, Any]:
        plan = _typed_plan()
        start = survey_data().in_force(_today())
        return {"id": create_survey(work, actor.agency, plan, start, actor.subject)}

    try:
        with domain_errors_as_problems():
            access.require_survey_organiser(actor, actor.agency, context().reference.agencies, _today())
            made = once_per_form(effect)
    except Problem as problem:
        return make_response(_plan_page(None, request.form, problem), problem.status)
    return redirect_with_notice(url_for("survey_pages.show", survey=made["id"]))


@pages.get("/surveys/<survey>")
@roles(*access.SURVEY_READERS, agency="record")
@domain_errors_as_problems()
def show(survey: str) -> str:
    """One campaign: its plan, how far each stratum is, its result, and what its organiser may do next."""
    return _page(survey)


@pages.get("/surveys/<survey>/confirm/<any(open, close, publish):action>")
@roles(*access.SURVEY_ORGANISERS, agency="record")
@domain_errors_as_problems()
def confirm(survey: str, action: str) -> str:
    """Asks whether it is right to open, close or publish the campaign, which nobody can undo."""
    with context().store.read() as connection:
        found = organised_survey(connection, survey)
    return _confirmation(found, action)


@pages.post("/surveys/<survey>")
@roles(*access.SURVEY_ORGANISERS, agency="record")
def act(survey: str) -> Response:
    """Opens, closes or publishes the campaign, once :func:`confirm` has asked whether that is right."""
    action = request.form.get("action", "")
    try:
        with domain_errors_as_problems(), context().store.read() as connection:
            organised_survey(connection, survey)
        if action not in ACTIONS:
            raise Problem(422, "invalid")
        with domain_errors_as_problems():
            context().store.run(lambda work: _act(work, survey, action))
    except Problem as problem:
        if problem.status in (403, 404):
            raise
        return make_response(_page(survey, problem), problem.status)
    return redirect_with_notice(url_for("survey_pages.show", survey=survey), action)


def _act(work: UnitOfWork, survey: str, action: str) -> None:
    ACTIONS[action](work, organised_survey(work.connection, survey))


def _open(work: UnitOfWork, survey: Survey) -> None:
    open_survey(work, survey, reach(), principal().subject)


def _close(work: UnitOfWork, survey: Survey) -> None:
    close_survey(work, survey, principal().subject)


def _publish(work: UnitOfWork, survey: Survey) -> None:
    publish_survey(work, survey, principal().subject)


ACTIONS: Mapping[str, Callable[[UnitOfWork, Survey], None]] = {"open": _open, "close": _close, "publish": _publish}


@pages.get("/surveys/<survey>/plan")
@roles(*access.SURVEY_ORGANISERS, agency="record")
@domain_errors_as_problems()
def plan(survey: str) -> str:
    """The form of a draft's plan."""
    with context().store.read() as connection:
        found = organised_survey(connection, survey)
    return _plan_page(found, shown_plan(found.plan))


@pages.post("/surveys/<survey>/plan")
@roles(*access.SURVEY_ORGANISERS, agency="record")
def save_plan(survey: str) -> Response:
    """Changes the plan of a draft."""
    with domain_errors_as_problems(), context().store.read() as connection:
        found = organised_survey(connection, survey)
    try:
        with domain_errors_as_problems():
            typed = _typed_plan()
            context().store.run(lambda work: change_plan(work, organised_survey(work.connection, survey), typed))
    except Problem as problem:
        return make_response(_plan_page(found, request.form, problem), problem.status)
    return redirect_with_notice(url_for("survey_pages.show", survey=survey))


@pages.get("/surveys/<survey>/draw")
@roles(*access.SURVEY_READERS, agency="record")
@domain_errors_as_problems()
def check_draw(survey: str) -> str:
    """Repeats the draw of the sample by its seed, and says whether the same dossiers come out. It names none."""
    with context().store.read() as connection:
        found = readable_survey(connection, survey)
        check = repeat_draw(connection, found)
    return render_template("rating/survey_draw.html", caller=caller(principal()), survey=found, check=check)


@pages.get("/surveys/<survey>/texts")
@roles(*access.SURVEY_ORGANISERS, agency="record")
@audited
@domain_errors_as_problems()
def texts(survey: str) -> str:
    """What people wrote, once the campaign is over, in the order of random ids. It may name people, so the reading is recorded."""
    with context().store.read() as connection:
        found = organised_survey(connection, survey)
        over = found.state in (State.CLOSED, State.PUBLISHED)
        written = answer_store.texts_of(connection, found.id, MAX_TEXTS) if over else []
    record_reading("survey-texts", found.id)
    return render_template(
        "rating/survey_texts.html",
        caller=caller(principal()),
        survey=found,
        over=over,
        written=written,
        days=survey_data().comment_days,
        most=MAX_TEXTS,
    )


@pages.get("/surveys/<survey>/links")
@roles(*access.SURVEY_READERS, agency="record")
@domain_errors_as_problems()
def links(survey: str) -> str:
    """The addresses and QR codes of an open campaign, to be printed and put up."""
    from shared.documents.qr import qr_svg  # takes time to import, and few requests need it

    with context().store.read() as connection:
        found = readable_survey(connection, survey)
        groups = store.strata_of(connection, found.id) if found.plan.population is Population.OPEN else []
    base = context().settings.public_url
    shown = [
        (one, address, qr_svg(address, scale=5))
        for one in groups
        for address in [base + url_for("survey_answer_pages.open_form", survey=found.id, stratum=one.number)]
    ]
    return render_template("rating/survey_links.html", caller=caller(principal()), survey=found, shown=shown)


def _typed_plan() -> Plan:
    found = read_plan({name: value[: MAX_TYPED + 1] for name, value in request.form.items()})
    require_plan(found, reach())
    return found


def _plan_page(survey: Survey | None, filled: Mapping[str, str], problem: Problem | None = None) -> str:
    return render_template(
        "rating/survey_plan.html",
        caller=caller(principal()),
        survey=survey,
        filled=filled,
        labels={name: text(*label) for name, label in PLAN_LABELS.items()},
        names=PLAN_LABELS,
        problem=problem,
        start=survey_data().in_force(_today()),
        form_key=secrets.token_urlsafe(16),
    )


def _page(id: str, problem: Problem | None = None) -> str:
    here = context()
    with here.store.read() as connection:
        survey = readable_survey(connection, id)
        strata = progress(connection, survey)
    may_act = principal().has(*access.SURVEY_ORGANISERS) and survey.organiser in here.reference.agencies.handled_by(
        principal().agency, _today()
    )
    population = sum(one.stratum.population for one in strata)
    return render_template(
        "rating/survey.html",
        caller=caller(principal()),
        survey=survey,
        plan=survey.plan,
        strata=strata,
        population=population,
        suggested=suggested_size(population) if population else None,
        states=STATES,
        factors=FACTOR_NAMES,
        scale=SCALE_NAMES,
        channels=CHANNELS,
        may_act=may_act,
        problem=problem,
        notice=one_time_notice(),
        names=names_of_parts(survey),
    )


def _confirmation(survey: Survey, action: str) -> str:
    return render_template(
        "rating/survey_confirm.html", caller=caller(principal()), survey=survey, plan=survey.plan, action=action
    )


def _today() -> date:
    return context().clock.now().astimezone(VIETNAM).date()

"""What an organiser does with a campaign: plan it, change it while it is a draft, open it, close it, publish it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

from services.rating.surveys import answer_store, store
from services.rating.surveys.domain import (
    Fault,
    Invalid,
    NobodyToAsk,
    Plan,
    Population,
    State,
    UnknownSurvey,
    WrongState,
    plan_faults,
    require_draft,
    require_openable,
    require_transition,
)
from services.rating.surveys.questions import Question, question_json, questionnaire_faults
from services.rating.surveys.results import Results, Stratum, results_json, results_of
from services.rating.surveys.sampling import draw, frame_digest, new_seed, quotas
from services.rating.surveys.store import Survey
from services.rating.surveys.template import Questionnaire
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

HINT = "surveys"
"""The hint that invitations wait to be sent."""


def get_survey(work: UnitOfWork, id: str) -> Survey:
    """A campaign.

    Raises:
        UnknownSurvey: there is none of this id.
    """
    found = store.find_survey(work.connection, id)
    if found is None:
        raise UnknownSurvey
    return found


def create_survey(work: UnitOfWork, organiser: str, plan: Plan, start: Questionnaire, by: str) -> str:
    """Writes a draft with the questions of a questionnaire; returns its id.

    Args:
        work: the transaction.
        organiser: code of the agency that holds the campaign.
        plan: checked by :func:`require_plan`.
        start: the questionnaire from which it starts.
        by: subject of the leader.
    """
    id = str(uuid.uuid4())
    row = {"id": id, "organiser": organiser, "template": f"{start.name} {start.valid_from.isoformat()}"}
    store.add_survey(work.connection, row | {"created_at": work.now, "created_by": by}, plan, start.questions)
    return id


def change_plan(work: UnitOfWork, survey: Survey, plan: Plan) -> None:
    """Changes the plan of a draft.

    Raises:
        WrongState: the campaign is no draft, or not any more.
    """
    _change_draft(work, survey, store.plan_row(plan))


def change_questions(work: UnitOfWork, survey: Survey, questions: Sequence[Question]) -> None:
    """Changes the questions of a draft.

    Raises:
        WrongState: the campaign is no draft, or not any more: what is asked cannot change once somebody may have answered.
        Invalid: there would be no question with the scale, or too many.
    """
    if faults := questionnaire_faults(questions):
        raise Invalid(*faults)
    _change_draft(work, survey, {"questions": [question_json(one) for one in questions]})


def require_plan(plan: Plan, reach: Collection[str]) -> None:
    """Checks a plan.

    Args:
        plan: as typed.
        reach: the agencies about whose dossiers the organiser may ask.

    Raises:
        Invalid: with every fault.
    """
    faults = plan_faults(plan)
    if strange := sorted(set(plan.agencies) - set(reach)):
        names = ", ".join(strange)[:200]
        faults.append(
            Fault(
                "agencies", f"Không phải cơ quan mình hoặc cấp dưới: {names}", f"Not your agency or one below: {names}"
            )
        )
    if faults:
        raise Invalid(*faults)


def open_survey(work: UnitOfWork, survey: Survey, reach: Collection[str], by: str) -> None:
    """Opens a campaign: its questions stand, and the sample is drawn. A sweep then sends the invitations.

    Args:
        work: the transaction.
        survey: a draft.
        reach: the agencies about whose dossiers the organiser may ask.
        by: subject of the leader.

    Raises:
        WrongState: it is no draft, or not any more.
        Invalid: its plan names an agency that is no longer the organiser's.
        TooEarly: the days of its population are not over.
        AnswersClosed: its last day is over.
        NobodyToAsk: its population is empty.
    """
    require_transition(survey.state, State.OPEN)
    require_openable(survey.plan, work.now)
    require_plan(survey.plan, reach)
    drawn = _draw(work, survey, reach) if survey.plan.population is Population.DOSSIERS else {}
    _advance(work, survey, State.OPEN, {"opened_at": work.now, "opened_by": by} | drawn)
    if survey.plan.population is Population.OPEN:
        groups = enumerate(survey.plan.groups, start=1)
        store.add_strata(
            work.connection, survey.id, [Stratum(number, "", "", one.vi, one.en, 0, 0) for number, one in groups]
        )
    work.hint(HINT)


def _draw(work: UnitOfWork, survey: Survey, reach: Collection[str]) -> dict[str, Any]:
    plan, seed = survey.plan, new_seed()
    scope = sorted(plan.agencies or reach)
    found = answer_store.frame(work.connection, plan.procedure_codes, scope, returned_between(plan), work.now)
    if not found:
        raise NobodyToAsk
    sizes = quotas({key: len(dossiers) for key, dossiers in found.items()}, plan.sample, plan.stratum_least)
    rows = [
        Stratum(number, procedure, agency, "", "", len(found[procedure, agency]), sizes[procedure, agency])
        for number, (procedure, agency) in enumerate(sorted(found), start=1)
    ]
    store.add_strata(work.connection, survey.id, rows)
    drawn = {row.number: draw(found[row.procedure, row.agency], row.quota, seed) for row in rows}
    answer_store.add_invitations(work.connection, survey.id, drawn)
    every = (dossier for dossiers in found.values() for dossier in dossiers)
    return {"scope": scope, "seed": seed, "frame_digest": frame_digest(every)}


def returned_between(plan: Plan) -> tuple[datetime, datetime]:
    """From when, and until when (not included), the dossiers of a campaign's population were returned."""
    if plan.returned_from is None or plan.returned_until is None:
        raise ValueError("the campaign is not about dossiers")
    begins = datetime.combine(plan.returned_from, time(), VIETNAM)
    return begins, datetime.combine(plan.returned_until + timedelta(days=1), time(), VIETNAM)


def close_survey(work: UnitOfWork, survey: Survey, by: str = "") -> None:
    """Closes a campaign once, counts it, and announces the result.

    Args:
        work: the transaction.
        survey: an open campaign.
        by: subject of the leader; empty when its last day is over.

    Raises:
        WrongState: it is not open, or not any more.
    """
    require_transition(survey.state, State.CLOSED)
    # first of all, so that nobody can answer any more while it is counted: an answer holds a shared lock on this row
    _advance(work, survey, State.CLOSED, {"closed_at": work.now, "closed_by": by})
    results = count_survey(work, survey)
    store.change_survey(work.connection, survey.id, State.CLOSED, {"results": results_json(results)})
    answer_store.forget_forms(work.connection, survey.id)
    announced = {
        "survey": survey.id,
        "agency": survey.organiser,
        "invited": results.invited,
        "responses": results.answers,
        "index_per_mille": None if results.overall.value is None else round(10 * results.overall.value),
        "closed_at": work.now,
    }
    work.emit("survey.closed", announced)


def count_survey(work: UnitOfWork, survey: Survey) -> Results:
    """The result of a campaign by its answers so far."""
    sent = answer_store.invited_counts(work.connection, survey.id).values()
    return results_of(
        survey.plan.population,
        survey.plan.shown_least,
        survey.questions,
        store.strata_of(work.connection, survey.id),
        answer_store.answers_of(work.connection, survey.id),
        (sum(invited for invited, _ in sent), sum(used for _, used in sent)),
    )


def publish_survey(work: UnitOfWork, survey: Survey, by: str) -> None:
    """Makes the result of a closed campaign public.

    Args:
        work: the transaction.
        survey: a closed campaign.
        by: subject of the leader.

    Raises:
        WrongState: it is not closed, or public already.
    """
    require_transition(survey.state, State.PUBLISHED)
    _advance(work, survey, State.PUBLISHED, {"published_at": work.now, "published_by": by})


def _advance(work: UnitOfWork, survey: Survey, wanted: State, values: Mapping[str, Any]) -> None:
    changed = dict(values) | {"state": str(wanted)}
    if not store.change_survey(work.connection, survey.id, survey.state, changed):
        raise WrongState(get_survey(work, survey.id).state)


def _change_draft(work: UnitOfWork, survey: Survey, values: Mapping[str, Any]) -> None:
    require_draft(survey.state)
    if not store.change_survey(work.connection, survey.id, State.DRAFT, values):
        raise WrongState(get_survey(work, survey.id).state)

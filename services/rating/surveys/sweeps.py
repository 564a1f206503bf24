"""Work of surveys that is triggered by time: invitations, the one reminder, closing on the day, and erasing what people wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from services.rating.surveys import answer_store, store
from services.rating.surveys.commands import HINT, close_survey, get_survey
from services.rating.surveys.domain import State
from services.rating.surveys.inviting import send_invitation, send_reminder
from services.rating.surveys.store import Survey
from services.rating.surveys.template import survey_data
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.workers.worker_spec import Sweep


def send_due_invitations(context: Context) -> int:
    """Sends invitations of campaigns that have begun, a bounded number at a time; returns how many."""
    return _for_open(context, lambda survey, room: _invite(context, survey, room))


def send_due_reminders(context: Context) -> int:
    """Reminds those who have not answered some days after their invitation; returns how many."""
    return _for_open(context, lambda survey, room: _remind(context, survey, room))


def close_due(context: Context) -> int:
    """Closes the campaigns whose last day is over, each once; returns how many."""
    now = context.clock.now()
    with context.store.read() as connection:
        due = [one.id for one in store.surveys_in(connection, State.OPEN) if one.plan.ends_at <= now]
    return sum(context.store.run(partial(_close, id=id)) for id in due)


def erase_old_texts(context: Context) -> int:
    """Erases what people wrote some time after the end of each campaign, and who sent much; returns how many texts."""
    before = context.clock.now() - timedelta(days=survey_data().comment_days)
    answer_store.flood.delete_old(context.store)
    with context.store.read() as connection:
        over = store.surveys_closed_before(connection, before)
    return sum(context.store.run(partial(_erase, id=id)) for id in over)


def _for_open(context: Context, send: Callable[[Survey, int], int]) -> int:
    now, sent, most = context.clock.now(), 0, survey_data().invitations_a_run
    with context.store.read() as connection:
        found = store.surveys_in(connection, State.OPEN)
    for survey in found:
        if survey.plan.begins_at <= now < survey.plan.ends_at and sent < most:
            sent += send(survey, most - sent)
    return sent


def _invite(context: Context, survey: Survey, room: int) -> int:
    with context.store.read() as connection:
        due = answer_store.to_invite(connection, survey.id, room)
    return sum(context.store.run(partial(_send, id=survey.id, dossier=one, how=send_invitation)) for one in due)


def _remind(context: Context, survey: Survey, room: int) -> int:
    if not survey.plan.reminder_days:
        return 0
    before = context.clock.now() - timedelta(days=survey.plan.reminder_days)
    with context.store.read() as connection:
        due = answer_store.to_remind(connection, survey.id, before, room)
    return sum(context.store.run(partial(_send, id=survey.id, dossier=one, how=send_reminder)) for one in due)


def _send(work: UnitOfWork, id: str, dossier: str, how: Callable[[UnitOfWork, Survey, str], bool]) -> bool:
    survey = store.find_survey(work.connection, id, shared_lock=True)  # nobody closes it meanwhile
    return survey is not None and survey.state is State.OPEN and how(work, survey, dossier)


def _close(work: UnitOfWork, id: str) -> bool:
    survey = get_survey(work, id)
    if survey.state is not State.OPEN:
        return False
    close_survey(work, survey)
    return True


def _erase(work: UnitOfWork, id: str) -> int:
    return answer_store.erase_texts(work.connection, id)


SWEEPS = (
    Sweep("survey closing", timedelta(minutes=1), close_due),
    Sweep("survey invitations", timedelta(minutes=1), send_due_invitations, hint=HINT),
    Sweep("survey reminders", timedelta(hours=1), send_due_reminders),
    Sweep("survey texts", timedelta(days=1), erase_old_texts),
)

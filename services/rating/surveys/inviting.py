"""Invitations to a campaign and the one reminder: each is sent in a transaction of its own, with a token that is stored as a hash alone.

Who gets no SMS after STOP, and that the same telephone number is not asked twice, is decided by notify, which knows the numbers.
"""

from __future__ import annotations

from services.rating.invitations.domain import new_token
from services.rating.surveys import answer_store, store
from services.rating.surveys.domain import AnswersClosed, require_answerable
from services.rating.surveys.store import Survey
from services.rating.surveys.tokens import token_hash
from shared.persistence.unit_of_work import UnitOfWork


def send_invitation(work: UnitOfWork, survey: Survey, dossier: str) -> bool:
    """Invites the citizen of a drawn dossier, once; false if that was done before."""
    token = new_token()
    if not answer_store.mark_invited(work.connection, survey.id, dossier, token_hash(token, work.hash_key), work.now):
        return False
    _announce(work, survey, dossier, token, reminder=False)
    return True


def send_reminder(work: UnitOfWork, survey: Survey, dossier: str) -> bool:
    """Reminds a citizen who has not answered, once; the first token stays good. False if there is nothing to remind of."""
    token = new_token()
    if not answer_store.mark_reminded(work.connection, survey.id, dossier, token_hash(token, work.hash_key), work.now):
        return False
    _announce(work, survey, dossier, token, reminder=True)
    return True


def invite_to_surveys_again(work: UnitOfWork, dossier: str) -> None:
    """Voids the links that went to a wrong number, and sends other ones to the corrected contact, while the campaigns are open."""
    for id in answer_store.open_invitations_of(work.connection, dossier):
        survey = store.find_survey(work.connection, id)
        token = new_token()
        if (
            survey is not None
            and _takes_answers(work, survey)
            and answer_store.replace_token(work.connection, id, dossier, token_hash(token, work.hash_key))
        ):
            _announce(work, survey, dossier, token, reminder=False)


def _announce(work: UnitOfWork, survey: Survey, dossier: str, token: str, *, reminder: bool) -> None:
    told = {"survey": survey.id, "dossier": dossier, "token": token, "expires_at": survey.plan.ends_at}
    work.emit("survey.invited", told | {"reminder": reminder})


def _takes_answers(work: UnitOfWork, survey: Survey) -> bool:
    try:
        require_answerable(survey.state, survey.plan, work.now)
    except AnswersClosed:
        return False
    return True

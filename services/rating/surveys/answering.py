"""Answers to a campaign: by the token of an invitation, by the link of an open campaign, and on paper.

A token is used up in the transaction that writes the answer, and the answer has neither token nor dossier (NĐ 118/2025, Điều 29.3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from services.rating.surveys import answer_store, store
from services.rating.surveys.answer_store import Invitation
from services.rating.surveys.domain import (
    AnswersClosed,
    Fault,
    Invalid,
    PaperKnown,
    Population,
    SurveyError,
    TooManyAnswers,
    UnknownSurvey,
    require_answerable,
)
from services.rating.surveys.questions import Answers, read_answers
from services.rating.surveys.results import Stratum
from services.rating.surveys.store import Survey
from services.rating.surveys.template import survey_data
from services.rating.surveys.tokens import token_hash
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.persistence.wrong_tries import WINDOW
from shared.runtime.clock import VIETNAM
from shared.runtime.keyed_hash import keyed_hash

BY_INVITATION, BY_LINK, AT_KIOSK, ON_PAPER = "message", "link", "kiosk", "paper"
CHANNELS: Mapping[str, tuple[str, str]] = {
    BY_INVITATION: ("Theo tin nhắn mời", "By invitation"),
    BY_LINK: ("Qua đường dẫn, mã QR", "By link or QR code"),
    AT_KIOSK: ("Tại máy tự phục vụ", "At a kiosk"),
    ON_PAPER: ("Phiếu giấy", "On paper"),
}
MAX_PAPER_NUMBER = 30


class UnknownSurveyCode(SurveyError):
    """No invitation has this token."""


class SurveyCodeUsed(SurveyError):
    """The invitation was answered: each allows one answer."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper as a clerk types it in.

    Attributes:
        number: written on it; unique in the campaign.
        stratum: to which it belongs; 0 where a code tells.
        code: the token of the invitation on which it was filled in; empty if there was none.
        filled: field → answer.
        by: subject of the clerk.
    """

    number: str
    stratum: int
    code: str
    filled: Mapping[str, str]
    by: str


def invited_survey(connection: Connection, token: str, hash_key: str) -> tuple[Survey, Invitation]:
    """The campaign and the invitation of a token; the campaign keeps its state until the transaction ends.

    Args:
        connection: of the transaction.
        token: as typed.
        hash_key: of the platform.

    Raises:
        UnknownSurveyCode: no invitation has this token.
        SurveyCodeUsed: the invitation was answered.
    """
    invitation = answer_store.find_invitation(connection, token_hash(token, hash_key))
    survey = store.find_survey(connection, invitation.survey) if invitation else None
    if invitation is None or survey is None:
        raise UnknownSurveyCode
    if invitation.used:
        raise SurveyCodeUsed
    return survey, invitation


def answer_invited(work: UnitOfWork, token: str, filled: Mapping[str, str], channel: str) -> None:
    """Answers with the token of an invitation, once.

    Args:
        work: the transaction.
        token: as typed.
        filled: field → answer.
        channel: how it came.

    Raises:
        UnknownSurveyCode: no invitation has this token.
        SurveyCodeUsed: it was used before, perhaps by a concurrent request.
        AnswersClosed: the campaign takes no answers.
        Invalid: a required question is not answered, or an answer is not allowed.
    """
    survey, invitation = invited_survey(work.connection, token, work.hash_key)
    _locked(work, survey.id)
    answers = read_answers(survey.questions, filled)
    _use(work, invitation)
    _keep(work, survey, invitation.stratum, channel, answers)


def open_survey_group(connection: Connection, id: str, number: int) -> tuple[Survey, Stratum]:
    """An open campaign without dossiers, and one of its groups.

    Raises:
        UnknownSurvey: there is none, or it has no such group.
    """
    survey = store.find_survey(connection, id)
    if survey is None or survey.plan.population is not Population.OPEN:
        raise UnknownSurvey
    found = [one for one in store.strata_of(connection, id) if one.number == number]
    if not found:
        raise UnknownSurvey
    return survey, found[0]


def answer_openly(
    work: UnitOfWork, id: str, number: int, form_token: str, filled: Mapping[str, str], channel: str
) -> None:
    """Answers a campaign without dossiers; the same form sent again changes nothing.

    Args:
        work: the transaction.
        id: of the campaign.
        number: of the group.
        form_token: the one-time token of the form.
        filled: field → answer.
        channel: how it came.

    Raises:
        UnknownSurvey: there is no such campaign or group.
        AnswersClosed: the campaign takes no answers.
        Invalid: a required question is not answered, or an answer is not allowed.
    """
    survey, stratum = open_survey_group(work.connection, id, number)
    _locked(work, survey.id)
    answers = read_answers(survey.questions, filled)
    if answer_store.use_form(work.connection, survey.id, token_hash(form_token, work.hash_key)):
        _keep(work, survey, stratum.number, channel, answers)


def count_open_answer(own: Store, address: str, hash_key: str) -> None:
    """Counts an answer to an open campaign in a transaction of its own, before it is written.

    Args:
        own: rating's store.
        address: of the caller; only its hash is stored, and forgotten soon.
        hash_key: of the platform.

    Raises:
        TooManyAnswers: this one is above the limit of one address.
    """
    now, of = own.clock.wall(), keyed_hash(hash_key, "address of a survey's answer", address)
    number, since = own.run(lambda work: answer_store.flood.add(work.connection, of, now, now - WINDOW))
    if number > survey_data().answers_of_address:
        raise TooManyAnswers(max(1, int((since + WINDOW - now).total_seconds())))


def enter_paper(work: UnitOfWork, survey: Survey, paper: Paper) -> None:
    """Enters what somebody answered on paper, once for each number; it is marked as entered by a clerk.

    Args:
        work: the transaction.
        survey: the campaign.
        paper: as typed.

    Raises:
        AnswersClosed: the campaign takes no answers.
        PaperKnown: a paper of this number was entered.
        UnknownSurveyCode: the code is none of this campaign's.
        SurveyCodeUsed: the invitation was answered before.
        Invalid: number, stratum or answers are not valid.
    """
    _locked(work, survey.id)
    stratum = paper.stratum
    if paper.code:
        holder, invitation = invited_survey(work.connection, paper.code, work.hash_key)
        if holder.id != survey.id:
            raise UnknownSurveyCode
        stratum = invitation.stratum
        _use(work, invitation)
    _require_paper(paper, stratum, store.strata_of(work.connection, survey.id))
    answers = read_answers(survey.questions, paper.filled)
    if not answer_store.add_paper(work.connection, survey.id, paper.number, _today(work), paper.by):
        raise PaperKnown
    _keep(work, survey, stratum, ON_PAPER, answers)


def _require_paper(paper: Paper, stratum: int, strata: Sequence[Stratum]) -> None:
    faults = []
    if not 0 < len(paper.number) <= MAX_PAPER_NUMBER:
        faults.append(
            Fault("number", "Nhập số phiếu, nhiều nhất 30 ký tự.", "Enter the number, at most 30 characters.")
        )
    if stratum not in {one.number for one in strata}:
        faults.append(Fault("stratum", "Chọn một mục.", "Choose one."))
    if faults:
        raise Invalid(*faults)


def _locked(work: UnitOfWork, id: str) -> Survey:
    """The campaign, which stays open until this transaction ends."""
    survey = store.find_survey(work.connection, id, shared_lock=True)
    if survey is None:
        raise AnswersClosed
    require_answerable(survey.state, survey.plan, work.now)
    return survey


def _use(work: UnitOfWork, invitation: Invitation) -> None:
    if not answer_store.use_invitation(work.connection, invitation.survey, invitation.dossier):
        raise SurveyCodeUsed


def _keep(work: UnitOfWork, survey: Survey, stratum: int, channel: str, answers: Answers) -> None:
    answer_store.add_answer(work.connection, survey.id, stratum, channel, _today(work), answers.values)
    for question, text in answers.texts.items():
        answer_store.add_text(work.connection, survey.id, question, text)


def _today(work: UnitOfWork) -> date:
    return work.now.astimezone(VIETNAM).date()

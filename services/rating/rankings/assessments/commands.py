"""What changes assessments: each is one transition of the closed table, with an entry that keeps who did it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import Connection

from services.rating import access
from services.rating.rankings.assessments import store
from services.rating.rankings.assessments.domain import (
    AT_DEPARTMENT,
    SEEN_BY_OFFICIAL,
    Action,
    AssessmentChanged,
    AssessmentState,
    OwnAssessment,
    TextMissing,
    UnknownAssessment,
    check_comment,
    check_signature,
    following,
    text_digest,
)
from services.rating.rankings.assessments.figures import figures_text, span_of
from services.rating.rankings.assessments.findings import mark_justified
from services.rating.rankings.assessments.rules import assessment_rules
from services.rating.rankings.assessments.store import Assessment
from shared.auth import Principal
from shared.messaging.event import new_id
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.clock import VIETNAM

PLATFORM = "motcua"
"""Who opens assessments: nobody by hand."""


def open_assessment(work: UnitOfWork, official: str, agency: str, home_agency: str, year: int) -> bool:
    """Opens the assessment of an official and a year, once; returns whether it was not open before.

    Args:
        work: the transaction.
        official: subject of their tokens.
        agency: where they work.
        home_agency: the department that sent them.
        year: that is assessed.
    """
    content = figures_text(work.connection, official, agency, year, work.now)
    made = Assessment(
        id=new_id(),
        official=official,
        agency=agency,
        home_agency=home_agency,
        year=year,
        state=AssessmentState.DRAFTED,
        revision=1,
        content=content,
        digest=text_digest(content),
        remark="",
        comment="",
        answer="",
        opened_at=work.now,
    )
    if not store.add(work, made):
        return False
    store.add_entry(work, made.id, 1, Action.OPEN, PLATFORM, "")
    return True


def find_assessment(connection: Connection, id_: str) -> Assessment:
    """An assessment as it now is.

    Raises:
        UnknownAssessment: there is none.
    """
    found = store.find(connection, id_)
    if found is None:
        raise UnknownAssessment(id_)
    return found


def edit(work: UnitOfWork, actor: Principal, id_: str, remark: str, justified: Collection[str], revision: int) -> None:
    """Keeps the leader's words in a draft, and which complaints were found justified.

    Args:
        work: the transaction.
        actor: a leader of the official's agency, or of one above it.
        id_: of the assessment.
        remark: may be empty.
        justified: identifiers of complaints about the official.
        revision: of the assessment that the leader has read.

    Raises:
        UnknownAssessment, NotInThisState, AssessmentChanged, OwnAssessment: as they say.
        services.rating.access.WrongAgency: it is not the caller's.
    """
    known = _led(work, actor, id_, revision, Action.EDIT)
    _keep_findings(work, actor, known, justified)
    _change(work, actor, known, Action.EDIT, remark.strip(), remark=remark.strip())


def show(work: UnitOfWork, actor: Principal, id_: str, remark: str, justified: Collection[str], revision: int) -> None:
    """Shows the assessment to its official, who may comment from now on: the figures are counted a last time and frozen.

    Args:
        work, actor, id_, justified, revision: as for :func:`edit`.
        remark: the leader's words.

    Raises:
        TextMissing: the leader has written nothing.
        UnknownAssessment, NotInThisState, AssessmentChanged, OwnAssessment: as they say.
        services.rating.access.WrongAgency: it is not the caller's.
    """
    known = _led(work, actor, id_, revision, Action.SHOW)
    if not remark.strip():
        raise TextMissing("remark")
    _keep_findings(work, actor, known, justified)
    content = figures_text(work.connection, known.official, known.agency, known.year, work.now)
    _change(
        work,
        actor,
        known,
        Action.SHOW,
        remark.strip(),
        remark=remark.strip(),
        content=content,
        digest=text_digest(content),
        comment="",
        answer="",
        commented_at=None,
        shown_at=work.now,
        comment_until=_comment_until(work, known.agency),
    )


def revise(work: UnitOfWork, actor: Principal, id_: str, reason: str, revision: int) -> None:
    """Takes an assessment back to the draft, before it is signed; the official sees it again afterwards, and has all days anew.

    Args:
        work, actor, id_, revision: as for :func:`edit`.
        reason: why; kept.

    Raises:
        TextMissing: no reason.
        UnknownAssessment, NotInThisState, AssessmentChanged, OwnAssessment: as they say.
        services.rating.access.WrongAgency: it is not the caller's.
    """
    known = _led(work, actor, id_, revision, Action.REVISE)
    if not reason.strip():
        raise TextMissing("reason")
    _change(work, actor, known, Action.REVISE, reason.strip(), comment_until=None)


def cancel(work: UnitOfWork, actor: Principal, id_: str, reason: str, revision: int) -> None:
    """Ends a draft because no assessment is due, such as of somebody who was entered by mistake.

    Args:
        work, actor, id_, revision: as for :func:`edit`.
        reason: why; kept.

    Raises:
        TextMissing: no reason.
        UnknownAssessment, NotInThisState, AssessmentChanged, OwnAssessment: as they say.
        services.rating.access.WrongAgency: it is not the caller's.
    """
    known = _led(work, actor, id_, revision, Action.CANCEL)
    if not reason.strip():
        raise TextMissing("reason")
    _change(work, actor, known, Action.CANCEL, reason.strip())


def comment(work: UnitOfWork, actor: Principal, id_: str, text: str, revision: int) -> None:
    """Keeps the official's comment, or that they have none.

    Args:
        work: the transaction.
        actor: the official.
        id_: of the assessment.
        text: empty for none.
        revision: of the assessment that the official has read.

    Raises:
        UnknownAssessment: there is none, or it is not the caller's.
        NotInThisState: it was commented, taken back or signed.
        CommentPeriodOver: the days for comments have passed.
        AssessmentChanged: it was changed since.
    """
    known = find_assessment(work.connection, id_)
    if known.official != actor.subject or known.state not in SEEN_BY_OFFICIAL:
        raise UnknownAssessment(id_)
    following(known.state, Action.COMMENT)
    check_comment(known.comment_until, work.now)
    _require_revision(known, revision)
    _change(work, actor, known, Action.COMMENT, text.strip(), comment=text.strip(), commented_at=work.now)


def sign(work: UnitOfWork, actor: Principal, id_: str, answer: str, revision: int) -> None:
    """Signs an assessment, with the leader's answer: it gets its number and is at the department from now on.

    Args:
        work, actor, id_, revision: as for :func:`edit`.
        answer: to the official's comment; may be empty where there is none.

    Raises:
        CommentPeriodRuns, TextMissing: as they say.
        UnknownAssessment, NotInThisState, AssessmentChanged, OwnAssessment: as they say.
        services.rating.access.WrongAgency: it is not the caller's.
    """
    known = _led(work, actor, id_, revision, Action.SIGN)
    check_signature(known.state, known.comment_until, work.now, known.comment, answer)
    year = work.now.astimezone(VIETNAM).year
    _change(
        work,
        actor,
        known,
        Action.SIGN,
        answer.strip(),
        answer=answer.strip(),
        number_year=year,
        number=store.take_number(work, known.agency, year),
        sent_at=work.now,
        signed_by=actor.subject,
    )


def acknowledge(work: UnitOfWork, actor: Principal, id_: str, revision: int) -> None:
    """Keeps that a leader of the department has received an assessment.

    Args:
        work: the transaction.
        actor: a leader of the department that sent the official, or of one above it.
        id_: of the assessment.
        revision: of the assessment that the leader has read.

    Raises:
        UnknownAssessment, NotInThisState, AssessmentChanged: as they say.
        services.rating.access.WrongAgency: it was not sent to the caller.
    """
    known = find_assessment(work.connection, id_)
    sent = known.state in AT_DEPARTMENT
    access.require_receives(actor, known.home_agency, sent, work.reference.agencies, _today(work))
    following(known.state, Action.ACKNOWLEDGE)
    _require_revision(known, revision)
    _change(work, actor, known, Action.ACKNOWLEDGE, "", acknowledged_at=work.now, acknowledged_by=actor.subject)


def _led(work: UnitOfWork, actor: Principal, id_: str, revision: int, action: Action) -> Assessment:
    """The assessment, if the actor leads its agency, the action is possible, and nothing has changed since it was read."""
    known = find_assessment(work.connection, id_)
    access.require_leads(actor, known.agency, work.reference.agencies, _today(work))
    if known.official == actor.subject:
        raise OwnAssessment
    following(known.state, action)
    _require_revision(known, revision)
    return known


def _keep_findings(work: UnitOfWork, actor: Principal, known: Assessment, justified: Collection[str]) -> None:
    mark_justified(work, known.official, span_of(known.figures), justified, actor.subject)


def _require_revision(known: Assessment, revision: int) -> None:
    if known.revision != revision:
        raise AssessmentChanged


def _change(work: UnitOfWork, actor: Principal, known: Assessment, action: Action, text: str, **values: object) -> None:
    state = following(known.state, action)
    if not store.change(work.connection, known, state=state, **values):
        raise AssessmentChanged
    store.add_entry(work, known.id, known.revision + 1, action, actor.subject, text)


def _comment_until(work: UnitOfWork, agency: str) -> datetime:
    today = _today(work)
    agencies = work.reference.agencies
    calendar = agencies.calendar(agencies.successor(agency, today).code, today)
    return calendar.add_working_days(work.now, assessment_rules(today).comment_working_days).at


def _today(work: UnitOfWork) -> date:
    return work.now.astimezone(VIETNAM).date()

"""The tables of who is asked, and of what was answered. Nothing joins the two.

An invitation knows its dossier and whether it was used, not when. An answer knows its stratum and its day, and has a random id. On SQLite
the tables of answers have no row number, which would tell their order.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    Index,
    Integer,
    String,
    Table,
    case,
    delete,
    func,
    or_,
    select,
    update,
)

from services.rating.database import metadata
from services.rating.invitations.store import invitations as returned_dossiers
from services.rating.surveys.results import GivenAnswers
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, insert
from shared.persistence.wrong_tries import WrongTries

invitations = Table(
    "survey_invitation",
    metadata,
    Column("survey", String(36), primary_key=True),
    Column("dossier", String(100), primary_key=True),
    Column("stratum", Integer, nullable=False),
    Column("token_hash", String(64), unique=True),  # None until it is sent
    Column("reminder_hash", String(64), unique=True),
    Column("invited_at", Moment),
    Column("reminded_at", Moment),
    Column("used", Boolean, nullable=False),
)
answers = Table(
    "survey_answer",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("survey", String(36), nullable=False),
    Column("stratum", Integer, nullable=False),
    Column("channel", String(10), nullable=False),
    Column("answered_on", Date, nullable=False),
    Column("values", JSON, nullable=False),
    Index("ix_survey_answer_survey", "survey"),
    sqlite_with_rowid=False,
)
texts = Table(
    "survey_text",  # apart from the other answers: who recognises the words of somebody learns nothing more
    metadata,
    Column("id", String(36), primary_key=True),
    Column("survey", String(36), nullable=False),
    Column("question", String(30), nullable=False),
    Column("text", PersonalText("survey_text.text", row="id"), nullable=False),  # it may name people
    Index("ix_survey_text_survey", "survey"),
    sqlite_with_rowid=False,
)
papers = Table(
    "survey_paper",
    metadata,
    Column("survey", String(36), primary_key=True),
    Column("number", String(30), primary_key=True),
    Column("entered_on", Date, nullable=False),
    Column("entered_by", String(200), nullable=False),
)
forms = Table(
    "survey_form",  # forms of open campaigns that were sent, until the campaign is over
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("survey", String(36), nullable=False),
)
flood = WrongTries("survey_flood", metadata)
"""Answers to open campaigns from one address."""
Index("ix_survey_invitation_dossier", invitations.c.dossier)
_I = invitations.c


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation to a campaign.

    Attributes:
        survey: the campaign.
        dossier: of the citizen who is asked.
        stratum: the dossier's.
        used: whether it was answered.
    """

    survey: str
    dossier: str
    stratum: int
    used: bool


_INVITATION = select(_I.survey, _I.dossier, _I.stratum, _I.used)


def frame(
    connection: Connection,
    procedures: Sequence[str],
    agencies: Sequence[str],
    returned: tuple[datetime, datetime],
    known_at: datetime,
) -> dict[tuple[str, str], list[str]]:
    """The returned dossiers that can be drawn.

    Args:
        connection: reads.
        procedures: codes; empty for all.
        agencies: codes of the receiving agencies.
        returned: from when, and until when (not included), rating heard of the return.
        known_at: only what rating knew then, so that a draw can be repeated.

    Returns:
        (procedure, agency) → codes of dossiers.
    """
    c = returned_dossiers.c
    statement = select(c.procedure, c.agency, c.dossier).where(
        c.agency.in_(agencies), c.invited_at >= returned[0], c.invited_at < returned[1], c.invited_at <= known_at
    )
    if procedures:
        statement = statement.where(c.procedure.in_(procedures))
    found: dict[tuple[str, str], list[str]] = {}
    for procedure, agency, dossier in connection.execute(statement.order_by(c.procedure, c.agency, c.dossier)):
        found.setdefault((procedure, agency), []).append(dossier)
    return found


def add_invitations(connection: Connection, survey: str, drawn: Mapping[int, Sequence[str]]) -> None:
    """Writes who is to be invited: stratum → codes of dossiers."""
    rows = [
        {"survey": survey, "dossier": dossier, "stratum": stratum, "used": False}
        for stratum, dossiers in drawn.items()
        for dossier in dossiers
    ]
    connection.execute(invitations.insert(), rows)


def drawn_dossiers(connection: Connection, survey: str) -> set[str]:
    """The dossiers that were drawn for a campaign."""
    return set(connection.execute(select(_I.dossier).where(_I.survey == survey)).scalars())


def to_invite(connection: Connection, survey: str, limit: int) -> list[str]:
    """Dossiers whose invitations are still to be sent."""
    statement = select(_I.dossier).where(_I.survey == survey, _I.token_hash.is_(None)).order_by(_I.dossier)
    return list(connection.execute(statement.limit(limit)).scalars())


def to_remind(connection: Connection, survey: str, invited_before: datetime, limit: int) -> list[str]:
    """Dossiers whose invitations were sent some time ago, and neither answered nor sent again."""
    statement = select(_I.dossier).where(
        _I.survey == survey, _I.used.is_(False), _I.reminded_at.is_(None), _I.invited_at <= invited_before
    )
    return list(connection.execute(statement.order_by(_I.dossier).limit(limit)).scalars())


def mark_invited(connection: Connection, survey: str, dossier: str, token_hash: str, now: datetime) -> bool:
    """Notes that an invitation is sent; false if it was sent before."""
    changed = update(invitations).where(_I.survey == survey, _I.dossier == dossier, _I.token_hash.is_(None))
    return connection.execute(changed.values(token_hash=token_hash, invited_at=now)).rowcount == 1


def mark_reminded(connection: Connection, survey: str, dossier: str, token_hash: str, now: datetime) -> bool:
    """Notes that a reminder is sent; false if one was sent before, or the invitation was answered meanwhile."""
    changed = update(invitations).where(
        _I.survey == survey, _I.dossier == dossier, _I.used.is_(False), _I.reminded_at.is_(None)
    )
    return connection.execute(changed.values(reminder_hash=token_hash, reminded_at=now)).rowcount == 1


def open_invitations_of(connection: Connection, dossier: str) -> list[str]:
    """The campaigns to which a dossier's invitation was sent and is not answered."""
    statement = select(_I.survey).where(_I.dossier == dossier, _I.used.is_(False), _I.token_hash.is_not(None))
    return list(connection.execute(statement.order_by(_I.survey)).scalars())


def replace_token(connection: Connection, survey: str, dossier: str, token_hash: str) -> bool:
    """Voids the tokens of an invitation and gives it another one; false if it was answered meanwhile."""
    changed = update(invitations).where(_I.survey == survey, _I.dossier == dossier, _I.used.is_(False))
    return connection.execute(changed.values(token_hash=token_hash, reminder_hash=None)).rowcount == 1


def find_invitation(connection: Connection, token_hash: str) -> Invitation | None:
    """The invitation of a token, by the token's digest."""
    row = connection.execute(
        _INVITATION.where(or_(_I.token_hash == token_hash, _I.reminder_hash == token_hash))
    ).first()
    return None if row is None else Invitation(*row)


def use_invitation(connection: Connection, survey: str, dossier: str) -> bool:
    """Uses up an invitation, in one statement: of several concurrent requests one succeeds."""
    changed = update(invitations).where(_I.survey == survey, _I.dossier == dossier, _I.used.is_(False))
    return connection.execute(changed.values(used=True)).rowcount == 1


def invited_counts(connection: Connection, survey: str) -> dict[int, tuple[int, int]]:
    """Stratum → how many invitations were sent, and how many of them were answered."""
    statement = (
        select(_I.stratum, func.count(), func.sum(case((_I.used.is_(True), 1), else_=0)))
        .where(_I.survey == survey, _I.token_hash.is_not(None))
        .group_by(_I.stratum)
    )
    return {stratum: (sent, int(used)) for stratum, sent, used in connection.execute(statement)}


def add_answer(
    connection: Connection, survey: str, stratum: int, channel: str, on: date, values: Mapping[str, Any]
) -> None:
    """Writes one answer under a random id."""
    row = {"id": str(uuid.uuid4()), "survey": survey, "stratum": stratum, "channel": channel}
    connection.execute(answers.insert(), row | {"answered_on": on, "values": dict(values)})


def add_text(connection: Connection, survey: str, question: str, text: str) -> None:
    """Writes what somebody answered in words, under a random id of its own."""
    row = {"id": str(uuid.uuid4()), "survey": survey, "question": question, "text": text}
    connection.execute(texts.insert(), personal_values(texts, row))


def answers_of(connection: Connection, survey: str) -> list[GivenAnswers]:
    """The answers of a campaign in the order of their random ids."""
    c = answers.c
    statement = select(c.stratum, c.channel, c["values"]).where(c.survey == survey).order_by(c.id)
    return [GivenAnswers(*row) for row in connection.execute(statement)]


def answer_counts(connection: Connection, survey: str) -> dict[int, int]:
    """Stratum → how many answers it has."""
    statement = select(answers.c.stratum, func.count()).where(answers.c.survey == survey).group_by(answers.c.stratum)
    return {row.stratum: int(row[1]) for row in connection.execute(statement)}


def texts_of(connection: Connection, survey: str, limit: int) -> list[tuple[str, str]]:
    """What people wrote: question and words, in the order of their random ids."""
    statement = select(texts.c.question, texts.c.text).where(texts.c.survey == survey).order_by(texts.c.id).limit(limit)
    return [(question, text) for question, text in connection.execute(statement)]


def erase_texts(connection: Connection, survey: str) -> int:
    """Deletes what people wrote; returns how many texts."""
    return connection.execute(delete(texts).where(texts.c.survey == survey)).rowcount


def add_paper(connection: Connection, survey: str, number: str, on: date, by: str) -> bool:
    """Notes that a paper was entered; false if one of this number was before."""
    values = {"survey": survey, "number": number, "entered_on": on, "entered_by": by}
    statement = insert(papers, connection).values(values).on_conflict_do_nothing().returning(papers.c.number)
    return connection.execute(statement).first() is not None


def use_form(connection: Connection, survey: str, token_hash: str) -> bool:
    """Uses up the one-time token of a form of an open campaign; false if it was used before."""
    statement = insert(forms, connection).values(token_hash=token_hash, survey=survey).on_conflict_do_nothing()
    return connection.execute(statement.returning(forms.c.token_hash)).first() is not None


def forget_forms(connection: Connection, survey: str) -> None:
    """Deletes the tokens of forms of a campaign that is over."""
    connection.execute(delete(forms).where(forms.c.survey == survey))

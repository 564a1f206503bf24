"""The table of who was invited to a survey, by the keyed hash of a number or an e-mail address, while the survey runs."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table, delete, select

from services.notify.database import metadata
from shared.persistence.sql import Moment, insert

recipients = Table(
    "survey_recipient",
    metadata,
    Column("survey", String(100), primary_key=True),
    Column("recipient_hash", String(64), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Index("ix_survey_recipient_dossier", "dossier"),
    Index("ix_survey_recipient_expires_at", "expires_at"),
)
_C = recipients.c


def invited_for(connection: Connection, survey: str, recipient_hash: str, dossier: str, expires_at: datetime) -> str:
    """Notes that somebody is invited to a survey, unless they were; returns the dossier for which they were invited first."""
    values = {"survey": survey, "recipient_hash": recipient_hash, "dossier": dossier, "expires_at": expires_at}
    connection.execute(insert(recipients, connection).values(values).on_conflict_do_nothing())
    first = select(_C.dossier).where(_C.survey == survey, _C.recipient_hash == recipient_hash)
    return str(connection.execute(first).scalar_one())


def was_invited(connection: Connection, survey: str, dossier: str) -> bool:
    """Whether somebody was invited to a survey for this dossier."""
    found = select(_C.dossier).where(_C.survey == survey, _C.dossier == dossier).limit(1)
    return connection.execute(found).first() is not None


def forget_over(connection: Connection, now: datetime) -> None:
    """Deletes who was invited to surveys that are over."""
    connection.execute(delete(recipients).where(_C.expires_at <= now))


def forget_recipient(connection: Connection, dossier: str) -> None:
    """Deletes what is known of a dossier's applicant."""
    connection.execute(delete(recipients).where(_C.dossier == dossier))

"""The table of agreements to drafts. Who is asked is known by a keyed hash; what identifies them is personal data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, String, Table, delete, select, update

from services.intake.co_signing.domain import ASKED, Consent
from services.intake.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

consents = Table(
    "online_consent",
    metadata,
    Column("draft", String(36), primary_key=True),
    Column("person", String(64), primary_key=True),
    Column("state", String(10), nullable=False),
    Column("version", String(64), nullable=False),
    Column(
        "identity", PersonalText("online_consent.identity", row="draft"), nullable=False
    ),  # JSON; empty once submitted
    Column("asked_at", Moment, nullable=False),
    Column("answered_at", Moment),
    Index("ix_online_consent_person", "person", "asked_at"),
)
_C = consents.c


def ask(work: UnitOfWork, draft: str, person: str, identity: Mapping[str, str]) -> None:
    """Asks a person, or once more; `identity` as :class:`Consent` says."""
    row = {"draft": draft, "person": person, "state": ASKED, "version": "", "asked_at": work.now, "answered_at": None}
    row["identity"] = _json(identity)
    statement = work.insert(consents).values(personal_values(consents, row))
    again = {name: statement.excluded[name] for name in row if name not in ("draft", "person")}
    work.execute(statement.on_conflict_do_update(index_elements=[_C.draft, _C.person], set_=again))


def answer(work: UnitOfWork, consent: Consent, state: str, version: str, identity: Mapping[str, str]) -> None:
    """Keeps a person's answer.

    Args:
        work: the transaction that has locked the draft.
        consent: as read.
        state: the new one.
        version: of the draft that was seen.
        identity: see :class:`Consent`.
    """
    values = {"state": state, "version": version, "identity": _json(identity), "answered_at": work.now}
    sealed = personal_values(consents, values, consent.draft)
    work.execute(update(consents).where(*_of(consent.draft, consent.person)).values(sealed))


def of_draft(connection: Connection, draft: str) -> list[Consent]:
    """Those who are asked about a draft, in the order of asking."""
    found = select(consents).where(_C.draft == draft).order_by(_C.asked_at, _C.person)
    return [_consent(row) for row in connection.execute(found)]


def find(connection: Connection, draft: str, person: str) -> Consent | None:
    """What a person is asked about a draft; None if nothing is."""
    row = connection.execute(select(consents).where(*_of(draft, person))).one_or_none()
    return _consent(row) if row else None


def of_person(connection: Connection, person: str, since: datetime) -> list[Consent]:
    """What a person is asked, and was asked since a moment; the newest first."""
    found = select(consents).where(_C.person == person, _C.asked_at >= since)
    return [_consent(row) for row in connection.execute(found.order_by(_C.asked_at.desc(), _C.draft))]


def remove(work: UnitOfWork, draft: str, person: str = "") -> None:
    """Asks one person no longer, or nobody."""
    work.execute(delete(consents).where(*(_of(draft, person) if person else (_C.draft == draft,))))


def forget_identities(work: UnitOfWork, draft: str) -> None:
    """Keeps of a submitted draft only that and when each has agreed: who they are is in the application."""
    work.execute(update(consents).where(_C.draft == draft).values(personal_values(consents, {"identity": ""}, draft)))


def _of(draft: str, person: str) -> tuple[Any, ...]:
    return _C.draft == draft, _C.person == person


def _consent(row: Any) -> Consent:
    identity = orjson.loads(row.identity) if row.identity else {}
    return Consent(row.draft, row.person, row.state, row.version, identity, row.asked_at, row.answered_at)


def _json(identity: Mapping[str, str]) -> str:
    return orjson.dumps(dict(identity)).decode()

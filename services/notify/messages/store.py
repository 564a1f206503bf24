"""The tables and queries of notify's own database. How to reach citizens is kept here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    bindparam,
    case,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from services.notify.database import metadata
from services.notify.messages.domain import State, sources
from shared.persistence.sql import BigId, Moment

contacts = Table(
    "contact",
    metadata,
    Column("dossier", String(100), primary_key=True),
    Column("name", Text, nullable=False),
    Column("phone", Text, nullable=False),  # as the citizen gave it
    Column("email", Text, nullable=False),
    Column("registered_at", Moment, nullable=False),
)

messages = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("cause", String(320), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("phone", String(20)),  # None: skipped
    Column("text", Text, nullable=False),  # as shown; secrets masked
    Column("body", Text),  # as sent, when it holds a secret; forgotten in a final state
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("claim", String(36)),  # who has it in hand: a result counts only under the claim it was sent under
    Column("reason", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),  # real time: the next attempt, or the deadline of the present one
    Column("finished_at", Moment),
    UniqueConstraint("dossier", "kind", "cause", name="uq_message_dossier_kind_cause"),
    Index("ix_message_due", "state", "due_at"),
)

audits = Table(
    "audit",  # who of the staff has read what (Luật 91/2025/QH15)
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("subject", String(200), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("action", String(20), nullable=False),
    Column("dossier", String(100), nullable=False),
    Column("at", Moment, nullable=False),
    Index("ix_audit_dossier", "dossier", "at"),
)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in hand, for as long as its deadline is not past."""

    id: str
    dossier: str
    kind: str
    channel: str
    phone: str
    text: str
    body: str | None
    failures: int

    @property
    def content(self) -> str:
        """What is sent."""
        return self.text if self.body is None else self.body


_PHONE = select(contacts.c.phone).where(contacts.c.dossier == bindparam("dossier"))
_OF_DOSSIER = (
    select(*messages.c).where(messages.c.dossier == bindparam("dossier")).order_by(messages.c.created_at, messages.c.id)
)
_NEW = (
    "id",
    "dossier",
    "kind",
    "cause",
    "channel",
    "state",
    "phone",
    "text",
    "body",
    "reason",
    "created_at",
    "due_at",
    "finished_at",
)


def _register(insert: Any) -> Any:
    row = insert(contacts)
    changing = {column.name: row.excluded[column.name] for column in contacts.c if not column.primary_key}
    return row.on_conflict_do_update(index_elements=[contacts.c.dossier], set_=changing)


def _add(insert: Any) -> Any:
    row = insert(messages).values({name: bindparam(name) for name in _NEW})
    return row.on_conflict_do_nothing().returning(messages.c.id)


# Built once for each kind of database: building a statement takes ten times as long as running it.
_REGISTER = {"sqlite": _register(sqlite.insert), "postgresql": _register(postgresql.insert)}
_ADD = {"sqlite": _add(sqlite.insert), "postgresql": _add(postgresql.insert)}
_DUE = (
    select(messages.c.id)
    .where(messages.c.state == bindparam("state"), messages.c.due_at <= bindparam("at"))
    .order_by(messages.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)


def phone_of(connection: Connection, dossier: str) -> str | None:
    """The phone number as the applicant gave it; None when the contact is not known (yet)."""
    return connection.execute(_PHONE, {"dossier": dossier}).scalar_one_or_none()


def register(connection: Connection, contact: Mapping[str, Any]) -> None:
    """Writes a contact; a later registration of the same dossier replaces it."""
    connection.execute(_REGISTER[connection.dialect.name], contact)


def add_message(connection: Connection, message: Mapping[str, Any]) -> bool:
    """Writes a new message; false when the dossier has been told this for the same cause."""
    return connection.execute(_ADD[connection.dialect.name], message).first() is not None


def claim_due(connection: Connection, claim: str, at: datetime, until: datetime, most: int) -> list[Claimed]:
    """Takes messages in hand, oldest due first: those whose last worker let its deadline pass, then queued ones.

    Args:
        connection: inside a transaction.
        claim: names this taking; results are recorded under it.
        at: real time.
        until: the deadline, in real time; afterwards somebody else may take them.
        most: messages at the most.
    """
    ids: list[str] = []
    for state in (State.SENDING, State.QUEUED):  # in this order: what was once in hand never waits behind a long queue
        if room := most - len(ids):
            ids += connection.execute(_DUE, {"state": state, "at": at, "most": room}).scalars()
    if not ids:
        return []
    taken = (
        update(messages)
        .where(messages.c.id.in_(ids), messages.c.state.in_(sources(State.SENDING)))
        .values(
            state=State.SENDING,
            claim=claim,
            due_at=until,
            attempts=messages.c.attempts + 1,
            failures=messages.c.failures + case((messages.c.state == State.SENDING, 1), else_=0),
        )
        .returning(
            messages.c.id,
            messages.c.dossier,
            messages.c.kind,
            messages.c.channel,
            messages.c.phone,
            messages.c.text,
            messages.c.body,
            messages.c.failures,
        )
    )
    found = {row.id: Claimed(*row) for row in connection.execute(taken)}
    return [found[id_] for id_ in ids if id_ in found]


def move(connection: Connection, ids: Sequence[str], claim: str, target: State, **values: Any) -> set[str]:
    """The one way from `sending` on: compare-and-set by the closed table of states and the claim.

    Args:
        connection: inside a transaction.
        ids: messages taken under `claim`.
        claim: somebody else's claim on a message makes this result void.
        target: the new state.
        values: further columns.

    Returns:
        the ids that moved; the others have a newer claim or are in a final state.
    """
    statement = (
        update(messages)
        .where(messages.c.id.in_(ids), messages.c.claim == claim, messages.c.state.in_(sources(target)))
        .values(state=target, claim=None, **values)
        .returning(messages.c.id)
    )
    return set(connection.execute(statement).scalars())


def messages_of(connection: Connection, dossier: str) -> list[Mapping[str, Any]]:
    """All messages of a dossier, oldest first."""
    return [dict(row) for row in connection.execute(_OF_DOSSIER, {"dossier": dossier}).mappings()]


def add_audit(connection: Connection, audit: Mapping[str, Any]) -> None:
    """Writes down who read what."""
    connection.execute(audits.insert(), audit)

"""The table of messages, which is also the queue of messages to send, and the audit of who has read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
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
from sqlalchemy.sql.dml import ReturningInsert

from services.notify.database import metadata
from services.notify.messages.domain import State, states_before
from shared.messaging.records import require_same
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

HINT = "messages"
"""The hint that messages wait to be sent."""

messages = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("cause", String(320), nullable=False),
    Column("content", String(64), nullable=False),  # digest of what is told of the cause; empty: the cause is one event
    Column(
        "agency", String(100), nullable=False
    ),  # whose act it tells: the receiving or a handling agency; empty: nobody's
    Column("channel", String(10), nullable=False),
    Column("state", String(10), nullable=False),
    Column("phone", PersonalText("message.phone", row="id")),  # None: skipped
    Column("text", PersonalText("message.text", row="id"), nullable=False),  # as shown to staff; secrets are masked
    Column(
        "secret_text", PersonalText("message.secret_text", row="id")
    ),  # as sent, if it holds a secret; deleted in a final state
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("claim", String(36)),  # a result is recorded only under the claim that the message was sent under
    Column("reason", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("urgent", Boolean, nullable=False),  # sent at any hour
    Column("due_at", Moment, nullable=False),  # real time: when to try next, or when the claim expires
    Column("finished_at", Moment),
    UniqueConstraint("dossier", "kind", "cause", name="uq_message_dossier_kind_cause"),
    Index("ix_message_due", "state", "due_at"),
)


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to be written.

    Attributes:
        id: see :func:`services.notify.messages.domain.message_id`.
        dossier: the dossier's code.
        kind: which message this is.
        cause: why it is sent; one message for each dossier, kind and cause.
        content: by which another event about the same cause is recognised (:func:`services.notify.messages.domain.content_digest`).
        agency: whose act the message tells, the receiving or a handling one; empty if the event names none.
        channel: ``sms``.
        state: `queued` or `skipped`.
        phone: normalised; None if skipped.
        text: as shown to staff.
        secret_text: as sent, if that differs from `text`.
        reason: why it is skipped; empty otherwise.
        created_at: business time.
        urgent: whether it is sent at any hour.
        due_at: real time of the first attempt.
        finished_at: business time, if skipped.
    """

    id: str
    dossier: str
    kind: str
    cause: str
    content: str
    agency: str
    channel: str
    state: State
    phone: str | None
    text: str
    secret_text: str | None
    reason: str
    created_at: datetime
    urgent: bool
    due_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClaimedMessage:
    """A message that this worker alone may send until the claim expires."""

    id: str
    dossier: str
    kind: str
    channel: str
    phone: str
    text: str
    secret_text: str | None
    failures: int

    @property
    def content(self) -> str:
        """The text to send."""
        return self.text if self.secret_text is None else self.secret_text


_NEW_COLUMNS = tuple(field.name for field in fields(NewMessage))


def _build_add(
    insert: Callable[[Table], sqlite.Insert] | Callable[[Table], postgresql.Insert],
) -> ReturningInsert[str]:
    row = insert(messages).values({name: bindparam(name) for name in _NEW_COLUMNS})
    return row.on_conflict_do_nothing().returning(messages.c.id)


# Built once for each dialect: building a statement takes ten times as long as running it.
_ADD = {"sqlite": _build_add(sqlite.insert), "postgresql": _build_add(postgresql.insert)}
_CONTENT = select(messages.c.content).where(messages.c.id == bindparam("of_id"))
_ANY_DUE = (
    select(messages.c.id).where(messages.c.state == bindparam("state"), messages.c.due_at <= bindparam("at")).limit(1)
)
_DUE = (
    select(messages.c.id)
    .where(messages.c.state == bindparam("state"), messages.c.due_at <= bindparam("at"))
    .order_by(messages.c.due_at)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def any_due(connection: Connection, at: datetime) -> bool:
    """Whether there is a message to claim; it locks nothing."""
    found = (
        connection.execute(_ANY_DUE, {"state": state, "at": at}).first() for state in (State.SENDING, State.QUEUED)
    )
    return any(row is not None for row in found)


def add_message(connection: Connection, message: NewMessage) -> bool:
    """Writes a new message; false if the dossier already has a message of this kind and cause.

    Raises:
        shared.messaging.errors.Conflict: that message tells something else.
    """
    values = personal_values(messages, {name: getattr(message, name) for name in _NEW_COLUMNS})
    if connection.execute(_ADD[connection.dialect.name], values).first() is not None:
        return True
    known = connection.execute(_CONTENT, {"of_id": message.id}).mappings().one()
    require_same(f"the {message.kind} of {message.dossier}", dict(known), {"content": message.content})
    return False


def claim_due(
    connection: Connection, claim: str, at: datetime, expires_at: datetime, limit: int
) -> list[ClaimedMessage]:
    """Claims due messages, oldest first: first those whose last claim has expired, then queued ones.

    Args:
        connection: inside a transaction.
        claim: id of this claim; results are recorded under it.
        at: real time.
        expires_at: real time after which another worker may claim the messages.
        limit: the most messages to claim.
    """
    ids: list[str] = []
    for state in (State.SENDING, State.QUEUED):  # expired claims first, so that they never wait behind a long queue
        if room := limit - len(ids):
            ids += connection.execute(_DUE, {"state": state, "at": at, "limit": room}).scalars()
    if not ids:
        return []
    claim_them = (
        update(messages)
        .where(messages.c.id.in_(ids), messages.c.state.in_(states_before(State.SENDING)))
        .values(
            state=State.SENDING,
            claim=claim,
            due_at=expires_at,
            attempts=messages.c.attempts + 1,
            failures=messages.c.failures + case((messages.c.state == State.SENDING, 1), else_=0),
        )
        .returning(*(messages.c[field.name] for field in fields(ClaimedMessage)))
    )
    claimed = {row.id: ClaimedMessage(*row) for row in connection.execute(claim_them)}
    return [claimed[id_] for id_ in ids if id_ in claimed]


@dataclass(frozen=True, slots=True)
class PendingMessage:
    """A message that was not sent yet."""

    id: str
    dossier: str
    kind: str
    cause: str
    agency: str
    channel: str
    text: str
    secret_text: str | None
    urgent: bool


def take_pending(connection: Connection, dossier: str, kind: str) -> list[PendingMessage]:
    """The messages of a dossier that are not sent yet, locked until the transaction ends.

    Args:
        connection: inside a transaction.
        dossier: its code.
        kind: only messages of this kind; empty for all.
    """
    found = select(*(messages.c[field.name] for field in fields(PendingMessage))).where(
        messages.c.dossier == dossier, messages.c.state.in_(states_before(State.SKIPPED))
    )
    found = found.where(messages.c.kind == kind) if kind else found
    return [PendingMessage(*row) for row in connection.execute(found.with_for_update())]


def skip_messages(connection: Connection, ids: Sequence[str], reason: str, at: datetime) -> None:
    """Lets messages never be sent; a sender that has claimed one records no result of it any more."""
    final = {"state": State.SKIPPED, "claim": None, "secret_text": None, "reason": reason, "finished_at": at}
    connection.execute(update(messages).where(messages.c.id.in_(ids)).values(final))


_HOLD = (
    update(messages)
    .where(
        messages.c.state.in_((State.QUEUED, State.SENDING)), messages.c.due_at <= bindparam("at"), ~messages.c.urgent
    )
    .values(due_at=bindparam("until"))
)


def hold_due(connection: Connection, at: datetime, until: datetime) -> None:
    """Lets all due messages that are not urgent wait; called again and again, so that also failed attempts wait.

    Args:
        connection: inside a transaction.
        at: real time.
        until: real time until which they wait.
    """
    connection.execute(_HOLD, {"at": at, "until": until})


def change_state(connection: Connection, ids: Sequence[str], claim: str, target: State, **values: Any) -> set[str]:
    """Changes the state of claimed messages, if the claim still holds and the transition is allowed.

    Args:
        connection: inside a transaction.
        ids: messages claimed under `claim`.
        claim: a message that has a newer claim stays as it is.
        target: the new state.
        values: further columns to set.

    Returns:
        the ids that changed; the others have a newer claim or are in a final state.
    """
    statement = (
        update(messages)
        .where(messages.c.id.in_(ids), messages.c.claim == claim, messages.c.state.in_(states_before(target)))
        .values(state=target, claim=None, **values)
        .returning(messages.c.id)
    )
    return set(connection.execute(statement).scalars())


def erase_messages(connection: Connection, dossier: str) -> None:
    """Erases what the messages about a dossier said and to which number they went; one that was not sent yet never is."""
    own = messages.c.dossier == dossier
    waiting = {"state": State.SKIPPED, "claim": None, "reason": "erased"}
    connection.execute(update(messages).where(own, messages.c.state.in_(states_before(State.SKIPPED))).values(waiting))
    empty = personal_values(messages, {"phone": None, "text": "", "secret_text": None}, "")
    connection.execute(update(messages).where(own).values(empty))

"""The table of messages: what the recipients are to be told, each once."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    String,
    Table,
    UniqueConstraint,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)

from services.notify.database import metadata
from services.notify.messages.domain import MessageState
from shared.messaging.records import require_same
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, Upsert, WithList

messages = Table(
    "message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("template", String(60), nullable=False),
    Column("cause", String(320), nullable=False),
    Column("content", String(64), nullable=False),  # digest of what is told of the cause; empty: the cause is one event
    Column("agency", String(100), nullable=False),  # whose act it tells: a receiving or handling one; empty: nobody's
    Column("language", String(2), nullable=False),
    Column("plan", String(40), nullable=False),  # channels in the order in which they are tried
    Column("variables", PersonalText("message.variables", row="id")),  # JSON, until no channel can follow any more
    Column("state", String(10), nullable=False),
    Column("urgent", Boolean, nullable=False),  # sent at any hour
    Column("created_at", Moment, nullable=False),
    Column("sent_at", Moment),  # when a provider has taken it for the first time
    Column("finished_at", Moment),
    UniqueConstraint("dossier", "kind", "cause", name="uq_message_dossier_kind_cause"),
    Index("ix_message_created_at", "created_at"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """What a recipient is to be told.

    Attributes:
        id: see :func:`services.notify.messages.domain.message_id`.
        dossier: the dossier's code.
        kind: which message this is.
        template: its template: the kind, with a variant after a dot if it has several.
        cause: why it is sent; one message for each dossier, kind and cause.
        content: by which another event about the same cause is recognised (:func:`services.notify.messages.domain.content_digest`).
        agency: whose act the message tells, the receiving or a handling one; empty if the event names none.
        language: ``vi`` or ``en``.
        plan: channels in the order in which they are tried, with commas between them.
        variables: JSON of the placeholders' values; None once no channel can follow.
        state: what has become of it.
        urgent: whether it is sent at any hour.
        created_at: business time.
        sent_at: business time, when a provider has taken it for the first time.
        finished_at: business time, once nothing more is to be done.
    """

    id: str
    dossier: str
    kind: str
    template: str
    cause: str
    content: str
    agency: str
    language: str
    plan: str
    variables: str | None
    state: MessageState
    urgent: bool
    created_at: datetime
    sent_at: datetime | None = None
    finished_at: datetime | None = None


_COLUMNS = tuple(field.name for field in fields(Message))


_ADD = Upsert(messages, lambda row: row.on_conflict_do_nothing().returning(messages.c.id))
_CONTENT = select(messages.c.content).where(messages.c.id == bindparam("of_id"))
_FIND = select(*(messages.c[name] for name in _COLUMNS))
_OF_IDS = WithList(lambda among: _FIND.where(among(messages.c.id, "ids")).order_by(messages.c.id).with_for_update())
_WRITE_STATES = WithList(
    lambda among: (
        update(messages)
        .where(among(messages.c.id, "ids"))
        .values(
            state=bindparam("new_state"),
            finished_at=bindparam("new_finished_at"),
            sent_at=func.coalesce(bindparam("new_sent_at", type_=Moment), messages.c.sent_at),
            variables=case(
                (bindparam("new_finished_at", type_=Moment).is_not(None), null()), else_=messages.c.variables
            ),
        )
    )
)


def add_message(connection: Connection, message: Message) -> bool:
    """Writes a new message; false if the dossier already has a message of this kind and cause.

    Raises:
        shared.messaging.errors.Conflict: that message tells something else.
    """
    values = personal_values(messages, {name: getattr(message, name) for name in _COLUMNS})
    if connection.execute(_ADD.on(connection), values).first() is not None:
        return True
    known = connection.execute(_CONTENT, {"of_id": message.id}).mappings().one()
    require_same(f"the {message.kind} of {message.dossier}", dict(known), {"content": message.content})
    return False


def lock_messages(connection: Connection, ids: Collection[str]) -> list[Message]:
    """Messages by id, locked until the transaction ends."""
    found = connection.execute(_OF_IDS.on(connection), {"ids": sorted(ids)}).mappings() if ids else ()
    return [Message(**row | {"state": MessageState(row["state"])}) for row in map(dict, found)]


def write_states(
    connection: Connection,
    ids: Collection[str],
    state: MessageState,
    finished_at: datetime | None,
    sent_at: datetime | None,
) -> None:
    """Writes what has become of several messages.

    Args:
        connection: inside a transaction.
        ids: of which.
        state: the new one.
        finished_at: business time, if nothing more is to be done; no channel can follow then.
        sent_at: business time, if a provider has taken them for the first time.
    """
    new = {"new_state": state, "new_finished_at": finished_at, "new_sent_at": sent_at}
    connection.execute(_WRITE_STATES.on(connection), {"ids": list(ids)} | new)


def change_messages(connection: Connection, ids: Collection[str], **values: object) -> None:
    """Writes the same values to several messages."""
    if ids:
        changed = personal_values(messages, values, "") if "variables" in values else values
        connection.execute(update(messages).where(messages.c.id.in_(ids)).values(changed))


def forget_variables(connection: Connection, dossier: str, kind: str = "") -> None:
    """Lets no further channel follow for the messages of a dossier, or for those of one kind."""
    own = messages.c.dossier == dossier
    own = own & (messages.c.kind == kind) if kind else own
    empty = personal_values(messages, {"variables": None}, "")
    connection.execute(update(messages).where(own, messages.c.variables.is_not(None)).values(empty))


def end_queued(connection: Connection, dossier: str, state: MessageState, at: datetime) -> None:
    """Ends the messages of a dossier that were not sent yet."""
    queued = (messages.c.dossier == dossier) & (messages.c.state == MessageState.QUEUED)
    connection.execute(update(messages).where(queued).values(state=state, finished_at=at))

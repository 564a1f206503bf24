"""The tables of inbound SMS: the messages themselves, and the numbers that want none of ours."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Column, Connection, Index, String, Table, bindparam, delete, func, select, update

from services.notify.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, WithList
from shared.persistence.unit_of_work import UnitOfWork

HINT = "inbound"
"""The hint that a message waits to be answered."""
NEW, ANSWERED, IGNORED = "new", "answered", "ignored"

inbound = Table(
    "inbound_message",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("provider", String(40), nullable=False),
    Column("sender", PersonalText("inbound_message.sender", row="id"), nullable=False),
    Column("sender_hash", String(64), nullable=False),
    Column("recipient", String(40), nullable=False),
    Column("text", PersonalText("inbound_message.text", row="id"), nullable=False),
    Column("sent_at", Moment, nullable=False),  # real time, as the network says
    Column("received_at", Moment, nullable=False),  # real time
    Column("state", String(10), nullable=False),
    Column("reply", String(40), nullable=False),  # which text was the answer; why there was none
    Column("code", String(60), nullable=False),  # of the dossier, as written
    Column("purpose", String(20), nullable=False),  # what it was understood as; empty until then
    Column("agency", String(100), nullable=False),  # whose staff see it; empty for nobody's
    Column("content_hash", String(64), nullable=False),  # keyed; empty where the provider gives ids or times
    Index("ix_inbound_message_state", "state", "received_at"),
    Index("ix_inbound_message_sender", "sender_hash", "received_at"),
    Index("ix_inbound_message_code", "code", "received_at"),
    Index("ix_inbound_message_agency", "agency", "received_at"),
)

stopped_numbers = Table(
    "stopped_number",
    metadata,
    Column("number_hash", String(64), primary_key=True),
    Column("since", Moment, nullable=False),
)

_C = inbound.c
_IS_STOPPED = select(stopped_numbers.c.since).where(stopped_numbers.c.number_hash == bindparam("of_hash"))
_STOPPED = WithList(
    lambda among: select(stopped_numbers.c.number_hash).where(among(stopped_numbers.c.number_hash, "hashes"))
)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message of a citizen to us; the fields are columns.

    Attributes:
        id: the same whenever a provider delivers the same message again.
        provider: that delivered it.
        sender: as the network gives it.
        sender_hash: keyed.
        recipient: to which of our numbers it was sent.
        text: as it came.
        sent_at: real time, as the network says.
        received_at: real time at which we got it.
        content_hash: keyed, of all that a redelivery gives alike; empty where the provider gives ids or times.
    """

    id: str
    provider: str
    sender: str
    sender_hash: str
    recipient: str
    text: str
    sent_at: datetime
    received_at: datetime
    content_hash: str = ""


_COLUMNS = [_C[name] for name in InboundMessage.__dataclass_fields__]


def add(work: UnitOfWork, message: InboundMessage) -> bool:
    """Stores a message; False if it is known."""
    values = personal_values(
        inbound, asdict(message) | {"state": NEW, "reply": "", "code": "", "purpose": "", "agency": ""}
    )
    row = work.insert(inbound).values(values).on_conflict_do_nothing(index_elements=[_C.id])
    return work.execute(row.returning(_C.id)).first() is not None


def lock_new(connection: Connection, most: int) -> list[InboundMessage]:
    """Messages that wait for an answer, the oldest first, locked until the transaction ends."""
    found = select(*_COLUMNS).where(_C.state == NEW).order_by(_C.received_at).limit(most)
    return [InboundMessage(*row) for row in connection.execute(found.with_for_update(skip_locked=True))]


@dataclass(frozen=True, slots=True)
class End:
    """What became of a message; the fields are columns.

    Attributes:
        state: answered or ignored.
        reply: which text was the answer; why there was none.
        text: what may be kept of the text.
        code: of the dossier, as written.
        purpose: what the text was understood as; empty if nobody has read it.
        agency: whose staff see it; empty for nobody's.
    """

    state: str
    reply: str
    text: str = ""
    code: str = ""
    purpose: str = ""
    agency: str = ""


def end(work: UnitOfWork, id: str, ended: End) -> None:
    """Notes what became of a message, and replaces its text by what may be kept."""
    values = personal_values(inbound, asdict(ended), id)
    work.execute(update(inbound).where(_C.id == id).values(values))


def last_of(connection: Connection, sender_hash: str) -> tuple[str, str, datetime] | None:
    """Id, hash of the content, and time (real) of the last message of a sender; None if there is none."""
    found = select(_C.id, _C.content_hash, _C.received_at).where(_C.sender_hash == sender_hash)
    row = connection.execute(found.order_by(_C.received_at.desc(), _C.id).limit(1)).first()
    return None if row is None else (row[0], row[1], row[2])


def answered_since(connection: Connection, sender_hash: str, since: datetime, reply: str = "") -> int:
    """How many messages of a sender were answered since a moment (real time), or answered by one text."""
    found = select(func.count()).where(_C.sender_hash == sender_hash, _C.received_at >= since, _C.state == ANSWERED)
    return int(connection.execute(found.where(_C.reply == reply) if reply else found).scalar_one())


def replies_about(connection: Connection, code: str, reply: str, since: datetime) -> int:
    """How many messages about a code were answered by a text since a moment (real time)."""
    found = select(func.count()).where(_C.code == code, _C.received_at >= since, _C.reply == reply)
    return int(connection.execute(found).scalar_one())


def older(connection: Connection, before: datetime, most: int) -> list[str]:
    """Ids of messages that came before a moment (real time)."""
    found = select(_C.id).where(_C.state != NEW, _C.received_at < before).order_by(_C.received_at).limit(most)
    return list(connection.execute(found).scalars())


def remove(connection: Connection, ids: list[str]) -> None:
    """Deletes messages."""
    connection.execute(delete(inbound).where(_C.id.in_(ids)))


def stop(work: UnitOfWork, number_hash: str) -> None:
    """Notes that a number wants no SMS of ours."""
    work.attached(_known).pop(number_hash, None)
    row = work.insert(stopped_numbers).values(number_hash=number_hash, since=work.now)
    work.execute(row.on_conflict_do_nothing())


def start(work: UnitOfWork, number_hash: str) -> None:
    """Notes that a number wants them again."""
    work.attached(_known).pop(number_hash, None)
    work.execute(delete(stopped_numbers).where(stopped_numbers.c.number_hash == number_hash))


def _known(_work: UnitOfWork) -> dict[str, bool]:
    """What a transaction has read ahead: whether a number, by its hash, wants no SMS of ours."""
    return {}


def read_stopped(work: UnitOfWork, hashes: Collection[str]) -> None:
    """Reads at once which numbers want no SMS of ours, for `is_stopped` in the same transaction."""
    found = set(work.connection.execute(_STOPPED.on(work.connection), {"hashes": sorted(hashes)}).scalars())
    work.attached(_known).update((hash_, hash_ in found) for hash_ in hashes)


def is_stopped(work: UnitOfWork, number_hash: str) -> bool:
    """Whether a number wants no SMS of ours."""
    known = work.attached(_known).get(number_hash)
    if known is not None:
        return known
    return work.connection.execute(_IS_STOPPED, {"of_hash": number_hash}).first() is not None

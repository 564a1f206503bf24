"""The table of deliveries, which is also the queue of each channel's sender."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Column, Connection, Index, Integer, String, Table, Text, bindparam, null, select, update

from services.notify.channels.domain import Channel
from services.notify.database import metadata
from services.notify.delivery.states import PENDING, State, states_before
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, Upsert, WithList
from shared.persistence.unit_of_work import UnitOfWork

deliveries = Table(
    "delivery",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("message", String(36), nullable=False),
    Column("dossier", String(100), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("channel", String(10), nullable=False),
    Column("language", String(2), nullable=False),
    Column("position", Integer, nullable=False),  # in the message's plan; -1: used besides
    Column("wait_seconds", Integer),  # business time for a receipt, before the next channel; None: no other follows
    Column("state", String(10), nullable=False),
    Column("address", PersonalText("delivery.address", row="id")),  # None: there is none
    Column("text", PersonalText("delivery.text", row="id"), nullable=False),  # as shown to staff; secrets are masked
    Column("parts", PersonalText("delivery.parts", row="id")),  # JSON: subject, HTML and the like, as shown
    Column(
        "secret_parts", PersonalText("delivery.secret_parts", row="id")
    ),  # JSON: all, with secrets, until it is sent
    Column("template_version", String(40), nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("failures", Integer, nullable=False, default=0),
    Column("doubts", Integer, nullable=False, default=0),  # how often it may have been sent without our knowing
    Column("claim", String(36)),  # a result is recorded only under the claim that it was sent under
    Column("provider", String(40), nullable=False, default=""),
    Column("reference", String(200), nullable=False, default=""),
    Column("segments", Integer, nullable=False, default=0),  # of an SMS: paid for; otherwise 0 or 1
    Column("reason", Text, nullable=False, default=""),
    Column("created_at", Moment, nullable=False),
    Column("urgent", Boolean, nullable=False),
    Column("due_at", Moment, nullable=False),  # real time: when to try next, or when the claim expires
    Column("fallback_at", Moment),  # real time: when the next channel has its turn, unless a receipt comes before
    Column("sent_at", Moment),
    Column("finished_at", Moment),
    Index("ix_delivery_due", "channel", "state", "urgent", "due_at"),
    Index("ix_delivery_dossier", "dossier"),
    Index("ix_delivery_message", "message"),
    Index("ix_delivery_reference", "provider", "reference"),
    Index("ix_delivery_fallback_at", "fallback_at"),
    Index("ix_delivery_agency", "agency", "created_at"),
)


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to be written; the columns of :data:`deliveries` say what they mean."""

    id: str
    message: str
    dossier: str
    kind: str
    agency: str
    channel: Channel
    language: str
    position: int
    wait_seconds: int | None
    state: State
    address: str | None
    text: str
    parts: str | None
    secret_parts: str | None
    template_version: str
    reason: str
    created_at: datetime
    urgent: bool
    due_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """What has become of one of a message's deliveries."""

    id: str
    message: str
    channel: str
    position: int
    state: State
    segments: int
    reason: str
    fallback_at: datetime | None
    provider: str
    reference: str
    is_secret: bool


_NEW_COLUMNS = tuple(field.name for field in fields(NewDelivery))


_ADD = Upsert(deliveries, lambda row: row.on_conflict_do_nothing())
_STATE_COLUMNS = (
    *(deliveries.c[field.name] for field in fields(DeliveryState) if field.name != "is_secret"),
    deliveries.c.secret_parts.is_not(None).label("is_secret"),
)
_STATES = select(*_STATE_COLUMNS)
_OF_MESSAGES = WithList(
    lambda among: _STATES.where(among(deliveries.c.message, "messages")).order_by(
        deliveries.c.created_at, deliveries.c.position, deliveries.c.id
    )
)
_IS_OPEN = deliveries.c.state.in_(PENDING) | deliveries.c.fallback_at.is_not(None)
_OPEN = (
    _STATES.where(deliveries.c.dossier == bindparam("dossier"), _IS_OPEN).order_by(deliveries.c.id).with_for_update()
)
_OPEN_OF_KIND = _OPEN.where(deliveries.c.kind == bindparam("kind"))
_WITH_OPEN = WithList(
    lambda among: select(deliveries.c.dossier).where(
        among(deliveries.c.dossier, "dossiers"), deliveries.c.kind == bindparam("kind"), _IS_OPEN
    )
)
_REFERENCED = WithList(
    lambda among: (
        _STATES.where(deliveries.c.provider == bindparam("provider"), among(deliveries.c.reference, "references"))
        .order_by(deliveries.c.sent_at, deliveries.c.id)
        .with_for_update()
    )
)
_FORGET_SECRETS = WithList(
    lambda among: update(deliveries).where(among(deliveries.c.id, "ids")).values(secret_parts=null())
)
_END_WAITS = WithList(lambda among: update(deliveries).where(among(deliveries.c.id, "ids")).values(fallback_at=null()))


def _without_open(_work: UnitOfWork) -> set[tuple[str, str]]:
    """The dossiers, each with a kind of message, of which a transaction knows that `lock_pending` would find nothing."""
    return set()


def read_pending(work: UnitOfWork, dossiers: Collection[str], kind: str) -> None:
    """Reads at once which dossiers have deliveries of a kind that may still be sent, for `lock_pending` in the same transaction."""
    found = work.execute(_WITH_OPEN.on(work.connection), {"dossiers": sorted(dossiers), "kind": kind}).scalars()
    work.attached(_without_open).update((dossier, kind) for dossier in set(dossiers).difference(found))


def add_delivery(work: UnitOfWork, delivery: NewDelivery) -> None:
    """Writes a new delivery, at the latest when the transaction ends; one that is known already stays as it is."""
    work.attached(_without_open).discard((delivery.dossier, delivery.kind))
    values = personal_values(deliveries, {name: getattr(delivery, name) for name in _NEW_COLUMNS})
    work.defer(_ADD.on(work.connection), values)


def forget_secrets(connection: Connection, ids: Collection[str]) -> None:
    """Deletes the secrets of deliveries that are sent no more."""
    if ids:
        connection.execute(_FORGET_SECRETS.on(connection), {"ids": list(ids)})


def states_of_messages(work: UnitOfWork, messages: Collection[str]) -> list[DeliveryState]:
    """The deliveries of messages, oldest first."""
    found = work.execute(_OF_MESSAGES.on(work.connection), {"messages": sorted(messages)})
    return [_state(row) for row in found]


def lock_pending(work: UnitOfWork, dossier: str, kind: str = "") -> list[DeliveryState]:
    """The deliveries of a dossier that may still be sent, or followed by another channel; locked until the transaction ends.

    Args:
        work: the transaction.
        dossier: its code.
        kind: only of messages of this kind; empty for all.
    """
    if (dossier, kind) in work.attached(_without_open):
        return []
    found = work.execute(_OPEN_OF_KIND if kind else _OPEN, {"dossier": dossier} | ({"kind": kind} if kind else {}))
    return [_state(row) for row in found]


def lock_referenced(work: UnitOfWork, provider: str, references: Collection[str]) -> list[DeliveryState]:
    """The newest delivery of each reference of a provider; locked until the transaction ends."""
    of = {"provider": provider, "references": list(references)}
    found = work.execute(_REFERENCED.on(work.connection), of)
    return list({row.reference: _state(row) for row in found}.values())


def lock_fallbacks(connection: Connection, at: datetime, limit: int) -> list[DeliveryState]:
    """Sent deliveries whose receipt has not come in time; locked until the transaction ends.

    Args:
        connection: inside a transaction.
        at: real time.
        limit: the most.
    """
    found = (
        select(*_STATE_COLUMNS)
        .where(deliveries.c.fallback_at <= at)
        .order_by(deliveries.c.fallback_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return [_state(row) for row in connection.execute(found)]


def change_deliveries(connection: Connection, ids: Collection[str], target: State, **values: Any) -> frozenset[str]:
    """Changes the state of deliveries where the table of states allows it; their claims end.

    Only the claim of a skipped delivery stays: what a worker has in hand may be sent all the same, and is then recorded as sent.

    Args:
        connection: inside a transaction.
        ids: of which.
        target: the new state.
        values: further columns, none of them personal.

    Returns:
        the ids that changed.
    """
    if not ids:
        return frozenset()
    statement = (
        update(deliveries)
        .where(deliveries.c.id.in_(ids), deliveries.c.state.in_(states_before(target)))
        .values(state=target, fallback_at=None, **({} if target is State.SKIPPED else {"claim": None}), **values)
        .returning(deliveries.c.id)
    )
    changed = frozenset(connection.execute(statement).scalars())
    if target is not State.DELIVERED:
        forget_secrets(connection, changed)
    return changed


def end_waits(connection: Connection, ids: Collection[str]) -> None:
    """Lets no other channel follow deliveries by waiting."""
    if ids:
        connection.execute(_END_WAITS.on(connection), {"ids": list(ids)})


def erase_deliveries(work: UnitOfWork, dossier: str) -> None:
    """Erases what the deliveries about a dossier said and to which address they went; what was not sent yet never is."""
    own = deliveries.c.dossier == dossier
    waiting = {"state": State.SKIPPED, "claim": None, "reason": "erased"}
    work.execute(update(deliveries).where(own, deliveries.c.state.in_(PENDING)).values(waiting))
    empty = personal_values(deliveries, {"address": None, "text": "", "parts": None, "secret_parts": None}, "")
    work.execute(update(deliveries).where(own).values(empty | {"fallback_at": None}))


def _state(row: Any) -> DeliveryState:
    values = row._asdict()
    return DeliveryState(**values | {"state": State(values["state"]), "is_secret": bool(values["is_secret"])})

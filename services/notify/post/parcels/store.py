"""The tables of parcels and of the post's reports about them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    select,
    update,
)

from services.notify.database import metadata
from services.notify.post.parcels.domain import ParcelState
from services.notify.post.providers.port import TrackingEvent, TrackingStatus
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment, insert

REGISTER_HINT = "parcels"
"""The hint that parcels wait to be registered or cancelled."""
_NAMESPACE = uuid.UUID("3f9a1a0e-7a31-5b39-8f0f-7a2a4e7d0b52")

parcels = Table(
    "parcel",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("dossier", String(100), nullable=False),
    Column("agency", String(100), nullable=False),
    Column("contents", String(10), nullable=False),
    Column("state", String(20), nullable=False),
    Column("revision", Integer, nullable=False),  # grows with each change that is announced
    Column("provider", String(40), nullable=False),
    Column("number", String(20)),  # the post's; None until it is registered
    Column("grams", Integer, nullable=False),
    Column("fee", Integer),  # VND
    Column("name", PersonalText("parcel.name", row="id"), nullable=False),
    Column("phone", PersonalText("parcel.phone", row="id"), nullable=False),
    Column("address", PersonalText("parcel.address", row="id"), nullable=False),  # lines
    Column("label", PersonalText("parcel.label", row="id"), nullable=False),  # PDF in base64
    Column("received_by", PersonalText("parcel.received_by", row="id"), nullable=False),
    Column("state_at", Moment, nullable=False),  # since when, by the post's clock where it is tracked
    Column("reason", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due_at", Moment),  # real time of the next call that registers or cancels; None: there is none
    Column("poll_at", Moment),  # business time of the next question to the post; None: there is none
    Column("created_at", Moment, nullable=False),
    Column("created_by", String(200), nullable=False),  # empty: from a number that the desk had typed
    Column("handled_at", Moment),  # when the desk has dealt with a loss or return
    Column("handled_by", String(200)),
    UniqueConstraint("number", "dossier", name="uq_parcel_number_dossier"),  # one parcel may carry several results
    Index("ix_parcel_due_at", "due_at"),
    Index("ix_parcel_poll_at", "poll_at"),
    Index("ix_parcel_agency", "agency", "created_at"),
    Index("ix_parcel_dossier", "dossier"),
)

tracking = Table(
    "parcel_tracking",
    metadata,
    Column("id", String(36), primary_key=True),  # follows from the report, so that a repeated one is known
    Column("provider", String(40), nullable=False),
    Column("number", String(130), nullable=False),
    Column("status", String(20), nullable=False),
    Column("at", Moment, nullable=False),
    Column("event", String(100), nullable=False),  # the post's own id of it
    Column("place", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("received_by", PersonalText("parcel_tracking.received_by", row="id"), nullable=False),
    Column("stored_at", Moment, nullable=False),
    Index("ix_parcel_tracking_number", "number"),
)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A parcel; the fields are columns of `parcel`, without the label."""

    id: str
    dossier: str
    agency: str
    contents: str
    state: str
    revision: int
    provider: str
    number: str | None
    grams: int
    fee: int | None
    name: str = field(repr=False)
    phone: str = field(repr=False)
    address: str = field(repr=False)
    received_by: str = field(repr=False)
    state_at: datetime
    reason: str
    attempts: int
    due_at: datetime | None
    poll_at: datetime | None
    created_at: datetime
    created_by: str
    handled_at: datetime | None = None
    handled_by: str | None = None


_COLUMNS = [parcels.c[one.name] for one in fields(Parcel)]


def add(connection: Connection, parcel: Parcel) -> None:
    """Adds a parcel without a label."""
    connection.execute(parcels.insert(), personal_values(parcels, asdict(parcel) | {"label": ""}))


def find(connection: Connection, id: str, *, lock: bool = False) -> Parcel | None:
    """A parcel by its id. With `lock` it stays locked until the transaction ends."""
    found = select(*_COLUMNS).where(parcels.c.id == id)
    row = connection.execute(found.with_for_update() if lock else found).first()
    return None if row is None else Parcel(*row)


def lock_by_number(connection: Connection, provider: str, number: str) -> list[Parcel]:
    """The parcels that a provider knows under a number, one for each dossier that it carries; locked until the transaction ends."""
    mine = (parcels.c.provider == provider, parcels.c.number == number)
    found = select(*_COLUMNS).where(*mine).order_by(parcels.c.id).with_for_update()
    return [Parcel(*row) for row in connection.execute(found)]


def is_known(connection: Connection, dossier: str, number: str) -> bool:
    """Whether a dossier has a parcel of this number."""
    mine = (parcels.c.dossier == dossier, parcels.c.number == number)
    return connection.execute(select(parcels.c.id).where(*mine)).first() is not None


def change(connection: Connection, id: str, **values: Any) -> None:
    """Changes a locked parcel."""
    connection.execute(update(parcels).where(parcels.c.id == id).values(personal_values(parcels, values, id)))


def label_of(connection: Connection, id: str) -> str:
    """The label of a parcel, PDF in base64; empty if there is none."""
    return str(connection.execute(select(parcels.c.label).where(parcels.c.id == id)).scalar_one_or_none() or "")


def listed(connection: Connection, agencies: Collection[str], dossier: str, worrying: bool, limit: int) -> list[Parcel]:
    """Parcels of some agencies, the newest first.

    Args:
        connection: any.
        agencies: codes.
        dossier: only those of this dossier; empty for all.
        worrying: only those with which the desk has to deal.
        limit: how many at most.
    """
    wanted: list[ColumnElement[bool]] = [parcels.c.agency.in_(agencies)]
    if dossier:
        wanted.append(parcels.c.dossier == dossier)
    if worrying:
        wanted += _worrying()
    found = select(*_COLUMNS).where(*wanted).order_by(parcels.c.created_at.desc(), parcels.c.id).limit(limit)
    return [Parcel(*row) for row in connection.execute(found)]


def count_worrying(connection: Connection, agencies: Collection[str]) -> int:
    """How many parcels of some agencies wait for the desk to deal with their loss, return or refusal."""
    found = select(func.count()).where(parcels.c.agency.in_(agencies), *_worrying())
    return int(connection.execute(found).scalar_one())


def _worrying() -> list[ColumnElement[bool]]:
    worrying = (ParcelState.LOST, ParcelState.RETURNED, ParcelState.REFUSED)
    return [parcels.c.state.in_(worrying), parcels.c.handled_at.is_(None)]


def due_calls(connection: Connection, at: datetime, limit: int) -> list[str]:
    """Parcels that are to be registered or cancelled now, locked; others' locked ones are left out."""
    found = select(parcels.c.id).where(parcels.c.due_at <= at).order_by(parcels.c.due_at).limit(limit)
    return list(connection.execute(found.with_for_update(skip_locked=True)).scalars())


def due_polls(connection: Connection, at: datetime, limit: int) -> list[str]:
    """Parcels about which the post is to be asked now, locked; others' locked ones are left out."""
    found = select(parcels.c.id).where(parcels.c.poll_at <= at).order_by(parcels.c.poll_at).limit(limit)
    return list(connection.execute(found.with_for_update(skip_locked=True)).scalars())


def add_tracking(connection: Connection, provider: str, event: TrackingEvent, at: datetime) -> bool:
    """Stores a report; false if it is known already."""
    told_apart = event.id or f"{event.status} {event.at.timestamp()}"
    row = {
        "id": str(uuid.uuid5(_NAMESPACE, "\n".join((provider, event.number, told_apart)))),
        "provider": provider,
        "number": event.number,
        "status": event.status,
        "at": event.at,
        "event": event.id,
        "place": event.place,
        "reason": event.reason,
        "received_by": event.received_by,
        "stored_at": at,
    }
    statement = insert(tracking, connection).on_conflict_do_nothing().returning(tracking.c.id)
    return connection.execute(statement, personal_values(tracking, row)).first() is not None


def tracking_of(connection: Connection, provider: str, number: str) -> list[TrackingEvent]:
    """All reports of a provider about a number, by the post's clock."""
    names = ("number", "status", "at", "event", "place", "reason", "received_by")
    mine = (tracking.c.provider == provider, tracking.c.number == number)
    found = select(*(tracking.c[name] for name in names)).where(*mine)
    rows = connection.execute(found.order_by(tracking.c.at, tracking.c.id))
    return [
        TrackingEvent(number, TrackingStatus(status), at, event, place, reason, received_by)
        for number, status, at, event, place, reason, received_by in rows
    ]


def erase_parcels(connection: Connection, dossier: str) -> None:
    """Erases names, numbers and addresses of the parcels of a dossier; that and when they went stays known."""
    numbers = select(parcels.c.number).where(parcels.c.dossier == dossier, parcels.c.number.is_not(None))
    nobody = personal_values(tracking, {"received_by": ""}, dossier)
    connection.execute(update(tracking).where(tracking.c.number.in_(numbers)).values(nobody))
    empty = personal_values(parcels, dict.fromkeys(("name", "phone", "address", "label", "received_by"), ""), dossier)
    connection.execute(update(parcels).where(parcels.c.dossier == dossier).values(empty))

"""The tables of data exports: who asked when, and what other services have answered. What intake keeps is read when it is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, Integer, String, Table, UniqueConstraint, delete, select, update

from services.intake.data_exports.redaction import Person
from services.intake.database import metadata
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

exports = Table(
    "data_export",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("owner", String(64), nullable=False),  # keyed hash of the person's identity number
    Column("number", Integer, nullable=False),  # of the person's requests: of two at once one is made
    Column("person", PersonalText("data_export.person", row="id"), nullable=False),  # JSON
    Column("requested_at", Moment, nullable=False),
    Column("kept_until", Moment, nullable=False),
    Column("requested_by", String(200), nullable=False),  # the clerk; empty where the person signed in
    Column("desk", String(50), nullable=False),  # the clerk's; empty where the person signed in
    Column("reason", PersonalText("data_export.reason", row="id"), nullable=False),
    UniqueConstraint("owner", "number", name="uq_data_export_number"),
    Index("ix_data_export_kept_until", "kept_until"),
)

parts = Table(
    "data_export_part",  # what the other services keep of one dossier
    metadata,
    Column("id", String(36), primary_key=True),  # the request of the events
    Column("export", String(36), nullable=False, index=True),
    Column("dossier", String(60), nullable=False, index=True),
    Column("messages", PersonalText("data_export_part.messages", row="id")),  # JSON; NULL until notify has answered
    Column("messages_at", Moment),
    Column("rating", PersonalText("data_export_part.rating", row="id")),  # JSON; NULL until rating has answered
    Column("rating_at", Moment),
)
ANSWERS = ("messages", "rating")
"""What the other services answer; the names of the columns."""
_C, _P = exports.c, parts.c


@dataclass(frozen=True, slots=True)
class Export:
    """A row of `data_export`.

    Attributes:
        id: a random UUID.
        number: of the person's requests, from 1.
        person: whose data they are.
        requested_at, kept_until: business times.
        requested_by, desk: the clerk, and their desk; empty where the person signed in.
        reason: as the clerk noted it.
    """

    id: str
    number: int
    person: Person
    requested_at: datetime
    kept_until: datetime
    requested_by: str
    desk: str
    reason: str


@dataclass(frozen=True, slots=True)
class Answered:
    """What the other services have answered about one dossier: parsed JSON; the time is None while the answer has not come."""

    dossier: str
    messages: dict[str, Any] | None
    messages_at: datetime | None
    rating: dict[str, Any] | None
    rating_at: datetime | None


def add(work: UnitOfWork, export: Export, requests: Iterable[tuple[str, str]]) -> bool:
    """Stores an export with its parts; False if there is one of this number, since somebody asked at the same moment.

    Args:
        work: the transaction.
        export: the new one.
        requests: id and dossier of each part. At a desk the rating is not waited for: no official may see it.
    """
    person = {name: getattr(export.person, name) for name in ("id_kind", "id_number", "subject", "name")}
    row: dict[str, Any] = {"id": export.id, "owner": export.person.subject, "number": export.number}
    row |= {"person": orjson.dumps(person).decode(), "reason": export.reason}
    row |= {name: getattr(export, name) for name in ("requested_at", "kept_until", "requested_by", "desk")}
    new = work.insert(exports).values(personal_values(exports, row)).on_conflict_do_nothing()
    if work.execute(new.returning(_C.id)).first() is None:
        return False
    rating_at = export.requested_at if export.desk else None
    row = {"export": export.id, "messages_at": None, "rating_at": rating_at}
    if rows := [row | {"id": id, "dossier": dossier} for id, dossier in requests]:
        work.execute(parts.insert(), rows)
    return True


def find(connection: Connection, id: str) -> Export | None:
    """An export by its id; None where there is none."""
    row = connection.execute(select(exports).where(_C.id == id)).first()
    return None if row is None else _export(row)


def of_owner(connection: Connection, owner: str) -> list[Export]:
    """A person's exports, also those that a desk has made; the newest first."""
    found = select(exports).where(_C.owner == owner).order_by(_C.number.desc())
    return [_export(row) for row in connection.execute(found)]


def of_desk(connection: Connection, desks: Sequence[str], most: int) -> list[Export]:
    """The exports that some desks have made and that are still kept; the newest first."""
    found = select(exports).where(_C.desk.in_(sorted(desks))).order_by(_C.requested_at.desc(), _C.id).limit(most)
    return [_export(row) for row in connection.execute(found)]


def parts_of(connection: Connection, export: str) -> list[Answered]:
    """The parts of an export, by dossier."""
    found = select(_P.dossier, _P.messages, _P.messages_at, _P.rating, _P.rating_at).where(_P.export == export)
    return [
        Answered(row[0], _parsed(row[1]), row[2], _parsed(row[3]), row[4])
        for row in connection.execute(found.order_by(_P.dossier))
    ]


def keep_answer(work: UnitOfWork, part: str, dossier: str, kind: str, answer: Any) -> bool:
    """Keeps what a service has answered; False where it is not waited for: answered before, deleted, or never asked.

    Args:
        work: the transaction.
        part: the request's id.
        dossier: about which it is.
        kind: one of :data:`ANSWERS`.
        answer: what becomes JSON.
    """
    values = personal_values(parts, {kind: orjson.dumps(answer).decode(), f"{kind}_at": work.now}, part)
    waited_for = (_P.id == part, _P.dossier == dossier, _P[f"{kind}_at"].is_(None))
    return work.execute(update(parts).where(*waited_for).values(values)).rowcount == 1


def erase_dossier(work: UnitOfWork, dossier: str) -> None:
    """Takes a dossier whose data are erased out of all exports."""
    work.execute(delete(parts).where(_P.dossier == dossier))


def expired(connection: Connection, now: datetime, most: int) -> list[str]:
    """Ids of exports whose time is over."""
    return list(connection.execute(select(_C.id).where(_C.kept_until <= now).limit(most)).scalars())


def remove(work: UnitOfWork, id: str) -> int:
    """Deletes an export; returns how many."""
    work.execute(delete(parts).where(_P.export == id))
    return work.execute(delete(exports).where(_C.id == id)).rowcount


def _export(row: Any) -> Export:
    person = Person(**orjson.loads(row.person))
    return Export(row.id, row.number, person, row.requested_at, row.kept_until, row.requested_by, row.desk, row.reason)


def _parsed(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)

"""The tables of results: how each was handed over, and the file of an electronic one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Index,
    Integer,
    String,
    Table,
    bindparam,
    delete,
    select,
    update,
)

from services.intake.database import metadata
from services.intake.results.domain import HandOver
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment
from shared.persistence.unit_of_work import UnitOfWork

hand_overs = Table(
    "result_hand_over",
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("method", String(20), nullable=False),
    Column("identity", String(20)),  # how the receiver was known; NULL where nobody came
    Column(
        "document", PersonalText("result_hand_over.document", row="dossier"), nullable=False
    ),  # the number of the authorisation
    Column(
        "originals", PersonalText("result_hand_over.originals", row="dossier"), nullable=False
    ),  # JSON: names of the papers given back
    Column("parcel", String(20), nullable=False),
    Column("handed_over_at", Moment, nullable=False),
    Column("handed_over_by", String(200), nullable=False),
)

result_files = Table(
    "result_file",  # the file of an electronic result
    metadata,
    Column("dossier", String(60), primary_key=True),
    Column("file", String(36), nullable=False),  # of the table of uploads, under a draft of the same id
    Column("number", String(80), nullable=False),
    Column("agency", String(50), nullable=False),
    Column("sha256", String(64), nullable=False),  # in the clear: it is published, so that anybody can verify a file
    Column("bytes", Integer, nullable=False),
    Column("paper_too", Boolean, nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(200), nullable=False),
    Column("taken_at", Moment),  # when the citizen first took it
    Index("ix_result_file_sha256", "sha256"),
)

_ADD = hand_overs.insert()
_OF_DOSSIER = select(hand_overs).where(hand_overs.c.dossier == bindparam("of_code"))
_FILE = select(result_files).where(result_files.c.dossier == bindparam("of_code"))
_TAKEN = update(result_files).where(result_files.c.dossier == bindparam("of_code")).values(taken_at=bindparam("at"))


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A row of `result_file`; the fields are the columns, in their order.

    Attributes:
        dossier: its code.
        file: id of the upload, by which the storage has it.
        number: as ``12/KQDT-H12.31.01``.
        agency: the desk that published it.
        sha256: of the PDF, in hex.
        bytes: its size.
        paper_too: whether the result is on paper as well.
        added_at: business time.
        added_by: the clerk.
        taken_at: when the citizen first took it; None before.
    """

    dossier: str
    file: str
    number: str
    agency: str
    sha256: str
    bytes: int
    paper_too: bool
    added_at: datetime
    added_by: str
    taken_at: datetime | None


def add_hand_over(work: UnitOfWork, dossier: str, hand_over: HandOver, at: datetime, clerk: str) -> None:
    """Records how a result was handed over, when, and by whom; deferred to the commit."""
    row: dict[str, Any] = {"dossier": dossier, "method": hand_over.method, "identity": hand_over.identity}
    row |= {"document": hand_over.document, "originals": orjson.dumps(hand_over.originals).decode()}
    row |= {"parcel": hand_over.parcel, "handed_over_at": at, "handed_over_by": clerk}
    work.defer(_ADD, personal_values(hand_overs, row))


def hand_over_of(connection: Connection, dossier: str) -> dict[str, Any] | None:
    """How a result was handed over; None before it was."""
    row = connection.execute(_OF_DOSSIER, {"of_code": dossier}).first()
    return None if row is None else {**row._mapping, "originals": orjson.loads(row.originals)}


def file_of(connection: Connection, dossier: str) -> ResultFile | None:
    """The file of a dossier's electronic result, if it has one."""
    row = connection.execute(_FILE, {"of_code": dossier}).first()
    return None if row is None else ResultFile(*row)


def file_by_hash(connection: Connection, sha256: str) -> ResultFile | None:
    """The electronic result whose file has a hash; the newest, if two dossiers have the same."""
    found = select(result_files).where(result_files.c.sha256 == sha256).order_by(result_files.c.added_at.desc())
    row = connection.execute(found.limit(1)).first()
    return None if row is None else ResultFile(*row)


def put_file(connection: Connection, file: ResultFile) -> None:
    """Publishes the file of a dossier's result in the place of an earlier one."""
    connection.execute(delete(result_files).where(result_files.c.dossier == file.dossier))
    connection.execute(result_files.insert(), asdict(file))


def mark_taken(connection: Connection, dossier: str, at: datetime) -> None:
    """Records when the citizen first took the file."""
    connection.execute(_TAKEN, {"of_code": dossier, "at": at})

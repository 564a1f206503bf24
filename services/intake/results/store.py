"""The tables of results: how each was handed over, and the file of an electronic one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Integer, String, Table, Text, bindparam, select

from services.intake.database import metadata
from services.intake.results.domain import HandOver
from shared.persistence.personal_data import PersonalText, personal_values
from shared.persistence.sql import Moment

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
    Column("name", Text, nullable=False),
    Column("media_type", String(100), nullable=False),
    Column("bytes", Integer, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("added_at", Moment, nullable=False),
    Column("added_by", String(200), nullable=False),
)

_ADD = hand_overs.insert()
_OF_DOSSIER = select(hand_overs).where(hand_overs.c.dossier == bindparam("of_code"))
_FILE = select(result_files).where(result_files.c.dossier == bindparam("of_code"))


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A row of `result_file`; the fields are the columns, in their order.

    Attributes:
        dossier: its code.
        name: as it was uploaded.
        media_type: by its content.
        bytes: its size.
        sha256: in hex.
        added_at: business time.
        added_by: the clerk.
    """

    dossier: str
    name: str
    media_type: str
    bytes: int
    sha256: str
    added_at: datetime
    added_by: str


def add_hand_over(connection: Connection, dossier: str, hand_over: HandOver, at: datetime, clerk: str) -> None:
    """Records how a result was handed over, when, and by whom."""
    row: dict[str, Any] = {"dossier": dossier, "method": hand_over.method, "identity": hand_over.identity}
    row |= {"document": hand_over.document, "originals": orjson.dumps(hand_over.originals).decode()}
    row |= {"parcel": hand_over.parcel, "handed_over_at": at, "handed_over_by": clerk}
    connection.execute(_ADD, personal_values(hand_overs, row))


def hand_over_of(connection: Connection, dossier: str) -> dict[str, Any] | None:
    """How a result was handed over; None before it was."""
    row = connection.execute(_OF_DOSSIER, {"of_code": dossier}).first()
    return None if row is None else {**row._mapping, "originals": orjson.loads(row.originals)}


def file_of(connection: Connection, dossier: str) -> ResultFile | None:
    """The file of a dossier's electronic result, if it has one."""
    row = connection.execute(_FILE, {"of_code": dossier}).first()
    return None if row is None else ResultFile(*row)

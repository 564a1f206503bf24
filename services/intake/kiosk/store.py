"""The table of kiosks."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Connection, Index, Integer, String, Table, bindparam, select, update

from services.intake.database import metadata
from services.intake.kiosk.domain import Kiosk
from shared.persistence.sql import Moment, insert

kiosks = Table(
    "kiosk",
    metadata,
    Column("desk", String(50), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("token_hash", String(64)),  # of the paired browser's cookie; none while no browser is paired
    Column("paired_at", Moment),
    Column("paired_by", String(200), nullable=False),  # who made the code
    Column("code_hash", String(64)),  # of the code that pairs the next browser
    Column("code_until", Moment),  # real time
    Column("issued", Integer, nullable=False),  # numbers given out since `issued_since` (real time)
    Column("issued_since", Moment),
    Index("ix_kiosk_token_hash", "token_hash", unique=True),
    Index("ix_kiosk_code_hash", "code_hash"),
)

_C = kiosks.c
_BY_TOKEN = select(_C.desk, _C.number, _C.paired_at, _C.code_until).where(_C.token_hash == bindparam("of_token"))


def _kiosk(row: Any) -> Kiosk:
    return Kiosk(row.desk, row.number, row.paired_at, row.code_until)


def by_token(connection: Connection, token_hash: str) -> Kiosk | None:
    """The kiosk whose browser has this token."""
    row = connection.execute(_BY_TOKEN, {"of_token": token_hash}).one_or_none()
    return None if row is None else _kiosk(row)


def of_desk(connection: Connection, desk: str) -> list[Kiosk]:
    """The kiosks of a desk, by number."""
    found = select(_C.desk, _C.number, _C.paired_at, _C.code_until).where(_C.desk == desk).order_by(_C.number)
    return [_kiosk(row) for row in connection.execute(found)]


def expect(connection: Connection, desk: str, number: int, code_hash: str, until: datetime, by: str) -> None:
    """Lets a code pair a browser as this kiosk; the one that is paired stays so until then."""
    code = {"code_hash": code_hash, "code_until": until, "paired_by": by}
    row = insert(kiosks, connection).values(desk=desk, number=number, issued=0, **code)
    connection.execute(row.on_conflict_do_update(index_elements=[_C.desk, _C.number], set_=code))


def pair(connection: Connection, code_hash: str, token_hash: str, now: datetime, wall: datetime) -> Kiosk | None:
    """Pairs a browser by a code, which is used up; None if no kiosk waits for it. Of two browsers, one gets it."""
    waiting = (_C.code_hash == code_hash) & (_C.code_until > wall)
    paired = update(kiosks).where(waiting).values(token_hash=token_hash, paired_at=now, code_hash=None, code_until=None)
    row = connection.execute(paired.returning(_C.desk, _C.number, _C.paired_at, _C.code_until)).first()
    return None if row is None else _kiosk(row)


def unpair(connection: Connection, desk: str, number: int) -> bool:
    """Takes a kiosk's browser and code from it; false if it has neither."""
    of = (_C.desk == desk) & (_C.number == number) & (_C.token_hash.is_not(None) | _C.code_hash.is_not(None))
    nothing = {"token_hash": None, "paired_at": None, "code_hash": None, "code_until": None}
    return connection.execute(update(kiosks).where(of).values(nothing)).rowcount > 0


def issued_of(connection: Connection, desk: str, number: int) -> tuple[int, datetime | None]:
    """How many numbers a kiosk has given out in its window, and since when; its row is locked until the transaction ends."""
    found = select(_C.issued, _C.issued_since).where(_C.desk == desk, _C.number == number).with_for_update()
    row = connection.execute(found).one_or_none()
    return (0, None) if row is None else (row.issued, row.issued_since)


def keep_issued(connection: Connection, desk: str, number: int, issued: int, since: datetime) -> None:
    """Keeps the count of a kiosk's window."""
    of = (_C.desk == desk) & (_C.number == number)
    connection.execute(update(kiosks).where(of).values(issued=issued, issued_since=since))

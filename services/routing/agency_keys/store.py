"""The table of agencies' keys, its statements, and the wrong tries at them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Column, Connection, Date, String, Table, func, or_, select, update

from services.routing.agency_keys.domain import AgencyKey
from services.routing.database import metadata
from shared.persistence.sql import Moment, insert
from shared.persistence.wrong_tries import WrongTries

USE_NOTED_EVERY = timedelta(hours=1)
"""How exactly the last use of a key is known, so that not every token costs a write."""

KEY_FAILURES = WrongTries("agency_key_failure", metadata)

agency_keys = Table(
    "agency_key",  # with which an agency's own software gets its tokens; all times are real time
    metadata,
    Column("agency", String(50), primary_key=True),
    Column("id", String(16), primary_key=True),
    Column("secret_hash", String(64), nullable=False),  # SHA-256; the secret is 256 random bits
    Column("made_at", Moment, nullable=False),
    Column("made_by", String(200), nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),  # an hour late at most
    Column("revoked_at", Moment),
    Column("revoked_by", String(200)),
    Column("warned_on", Date),
)

_C = agency_keys.c


def lock(connection: Connection, agency: str) -> None:
    """Lets no other transaction make a key for the agency until this one ends; on SQLite none writes besides it anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"agency_key {agency}", 0))))


def add(connection: Connection, key: AgencyKey) -> None:
    """Enters a new key."""
    connection.execute(insert(agency_keys, connection), asdict(key))


def of_agency(connection: Connection, agency: str) -> list[AgencyKey]:
    """All keys of an agency, the oldest first."""
    rows = connection.execute(select(agency_keys).where(_C.agency == agency).order_by(_C.made_at, _C.id))
    return [AgencyKey(*row) for row in rows]


def not_revoked(connection: Connection) -> dict[str, list[AgencyKey]]:
    """The keys of each agency that are not revoked."""
    rows = connection.execute(select(agency_keys).where(_C.revoked_at.is_(None)).order_by(_C.agency, _C.made_at, _C.id))
    keys: Iterable[AgencyKey] = (AgencyKey(*row) for row in rows)
    return {agency: list(group) for agency, group in groupby(keys, key=lambda key: key.agency)}


def revoke(connection: Connection, agency: str, ids: Iterable[str], at: datetime, by: str) -> int:
    """Revokes keys of an agency; returns how many of them were not revoked before."""
    where = (_C.agency == agency, _C.id.in_(list(ids)), _C.revoked_at.is_(None))
    return connection.execute(update(agency_keys).where(*where).values(revoked_at=at, revoked_by=by)).rowcount


def is_use_noted(key: AgencyKey, at: datetime) -> bool:
    """Whether the last use of a key need not be written."""
    return key.used_at is not None and at - key.used_at < USE_NOTED_EVERY


def note_use(connection: Connection, key: AgencyKey, at: datetime) -> None:
    """Writes that a key was used, unless somebody wrote a later use."""
    later = or_(_C.used_at.is_(None), _C.used_at < at)
    connection.execute(update(agency_keys).where(_C.agency == key.agency, _C.id == key.id, later).values(used_at=at))


def note_warning(connection: Connection, key: AgencyKey, day: date) -> bool:
    """Writes that the end of a key was announced on a day; False when it was already."""
    where = (_C.agency == key.agency, _C.id == key.id, or_(_C.warned_on.is_(None), _C.warned_on < day))
    return connection.execute(update(agency_keys).where(*where).values(warned_on=day)).rowcount == 1

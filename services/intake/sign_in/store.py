"""The table of citizens' sessions. It can be read only with the browser's own cookie: who has a copy of the table learns no name."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from sqlalchemy import Column, Connection, Index, String, Table, Text, bindparam, delete, select, update

from services.intake.database import metadata
from services.intake.sign_in.domain import IDLE, LONGEST, TOUCH_AFTER, Citizen
from shared.persistence.sql import Moment
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash
from shared.web.sealed_answer import seal, unseal

sessions = Table(
    "citizen_session",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("citizen", Text, nullable=False),  # encrypted with the browser's token
    Column("began_at", Moment, nullable=False),
    Column("used_at", Moment, nullable=False),
    Index("ix_citizen_session_used_at", "used_at"),
)

_INSERT = sessions.insert()
_FIND = select(sessions).where(sessions.c.token_hash == bindparam("of_token"))


def begin(work: UnitOfWork, citizen: Citizen) -> str:
    """Begins a session.

    Returns:
        the token for the browser's cookie; only its hash is kept.
    """
    token = secrets.token_urlsafe(32)
    now = work.clock.wall()
    sealed = seal({"citizen": citizen.as_dict()}, ("citizen",), work.hash_key, token)
    row = {"token_hash": _hash(work.hash_key, token), "citizen": orjson.dumps(sealed).decode()}
    work.execute(_INSERT, row | {"began_at": now, "used_at": now})
    return token


def begin_instead(work: UnitOfWork, citizen: Citizen, earlier: str) -> str:
    """As :func:`begin`, and ends the session that the browser had, so that one browser is one person.

    Args:
        work: the transaction.
        citizen: who has signed in.
        earlier: the token that the browser had; empty without one.
    """
    if earlier:
        end(work, earlier)
    return begin(work, citizen)


def find(store: Store, hash_key: str, token: str) -> Citizen | None:
    """The citizen of a session that has not ended; its use is recorded from time to time."""
    now, token_hash = store.clock.wall(), _hash(hash_key, token)
    with store.read() as connection:
        row = connection.execute(_FIND, {"of_token": token_hash}).one_or_none()
    if row is None or now - row.used_at > IDLE or now - row.began_at > LONGEST:
        return None
    try:
        found: dict[str, Any] = orjson.loads(unseal(row.citizen, ("citizen",), hash_key, token))
    except InvalidTag:
        return None  # the platform's key was changed
    if now - row.used_at > TOUCH_AFTER:
        touched = update(sessions).where(sessions.c.token_hash == token_hash).values(used_at=now)
        store.run(lambda work: work.execute(touched))
    return Citizen(**found["citizen"])


def end(work: UnitOfWork, token: str) -> None:
    """Ends a session."""
    work.execute(delete(sessions).where(sessions.c.token_hash == _hash(work.hash_key, token)))


def delete_ended(connection: Connection, now: datetime) -> int:
    """Deletes the sessions that have ended; returns how many."""
    ended = (sessions.c.used_at < now - IDLE) | (sessions.c.began_at < now - LONGEST)
    return connection.execute(delete(sessions).where(ended)).rowcount


def _hash(hash_key: str, token: str) -> str:
    return keyed_hash(hash_key, "citizen session", token)

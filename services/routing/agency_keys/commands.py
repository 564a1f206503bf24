"""Making, showing and revoking keys, and the token that an agency's software gets for one."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.routing.agency_keys import store
from services.routing.agency_keys.domain import (
    SECRET_PREFIX,
    AgencyKey,
    KeyOver,
    TooManyKeys,
    UnknownKey,
    key_shown,
    valid_keys,
)
from services.routing.agency_keys.rules import rules_on
from shared.auth import issue_agency_token
from shared.messaging.sender_identity import agency_name
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.context import Context
from shared.runtime.random_bytes import random_hex

SECRET_BYTES = 32
ID_BYTES = 4


@dataclass(frozen=True, slots=True)
class Token:
    """An access token.

    Attributes:
        text: the token.
        seconds: for how long it is valid.
        key_expires_at: when the key ends for which it was given.
    """

    text: str
    seconds: int
    key_expires_at: datetime


def hash_secret(secret: str) -> str:
    """The stored form of a secret. A slow hash would add nothing: 256 random bits cannot be guessed from it."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def new_key(work: UnitOfWork, agency: str, by: str) -> tuple[AgencyKey, str]:
    """Makes a key for an agency; others that it has stay valid.

    Args:
        work: the transaction.
        agency: its code.
        by: who makes it.

    Returns:
        the key and its secret, which is kept nowhere.

    Raises:
        TooManyKeys: as many as may be are valid.
    """
    check_room(work, agency)
    now, secret = work.clock.wall(), SECRET_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    ends = now + rules_on(now.date()).valid_for
    key = AgencyKey(agency, random_hex(ID_BYTES), hash_secret(secret), now, by, ends)
    store.add(work.connection, key)
    return key, secret


def check_room(work: UnitOfWork, agency: str) -> None:
    """Checks that an agency may have one more key; no other transaction makes one for it until this one ends.

    Raises:
        TooManyKeys: it may not.
    """
    store.lock(work.connection, agency)
    now = work.clock.wall()
    valid = valid_keys(store.of_agency(work.connection, agency), now)
    if len(valid) >= rules_on(now.date()).valid_at_once:
        raise TooManyKeys(agency, [key.id for key in valid])


def revoke_key(work: UnitOfWork, agency: str, id_: str, by: str) -> bool:
    """Revokes a key; returns False when it was revoked before.

    Raises:
        UnknownKey: the agency has no such key.
    """
    if all(key.id != id_ for key in store.of_agency(work.connection, agency)):
        raise UnknownKey(f"agency {agency} has no key {id_}")
    return store.revoke(work.connection, agency, [id_], work.clock.wall(), by) == 1


def revoke_all(work: UnitOfWork, agency: str, by: str) -> int:
    """Revokes all keys of an agency; returns how many were not revoked before."""
    ids = [key.id for key in store.of_agency(work.connection, agency)]
    return store.revoke(work.connection, agency, ids, work.clock.wall(), by)


def token_for(context: Context, agency: str, secret: str) -> Token:
    """The access token that an agency's software gets for the secret of a key.

    Args:
        context: routing's.
        agency: whose software the client says to be.
        secret: as the client has shown it.

    Raises:
        services.routing.agency_keys.domain.WrongClient: the secret is none of the agency's.
        KeyOver: its key has expired or was revoked.
    """
    now = context.clock.wall()
    with context.store.read() as connection:
        keys = store.of_agency(connection, agency)
    key = key_shown(keys, hash_secret(secret), now)
    _note_use(context.store, key, now)
    # no token outlives its key
    lifetime = min(rules_on(now.date()).token_for, key.expires_at - now)
    seconds = int(lifetime.total_seconds())
    if not seconds:
        raise KeyOver(key.state(key.expires_at), key.expires_at)
    text = issue_agency_token(context.settings.auth, agency_name(agency), agency, timedelta(seconds=seconds))
    return Token(text, seconds, key.expires_at)


def _note_use(keys: Store, key: AgencyKey, at: datetime) -> None:
    if not store.is_use_noted(key, at):
        keys.run(lambda work: store.note_use(work.connection, key, at))

"""What the command line does with the keys of agencies' own software, which routing keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.routing.agency_keys.domain import AgencyKey
    from shared.persistence.store import Store


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made: its id, the secret, which is kept nowhere, and until when it is valid."""

    id: str
    secret: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A key as operators see it: its state is ``valid``, ``expired`` or ``revoked``; times are real time, None for never."""

    id: str
    state: str
    made_at: datetime
    made_by: str
    expires_at: datetime
    used_at: datetime | None


def make_agency_key(store: Store, agency: str, by: str) -> NewKey:
    """Makes a key for an agency.

    Args:
        store: routing's.
        agency: its code.
        by: who makes it.

    Raises:
        ValueError: as many keys as may be are valid.
    """
    from services.routing.agency_keys.commands import new_key

    key, secret = store.run(lambda work: new_key(work, agency, by))
    return NewKey(key.id, secret, key.expires_at)


def check_room_for_agency_key(store: Store, agency: str) -> None:
    """Checks that an agency may have one more key.

    Raises:
        ValueError: as many as may be are valid.
    """
    from services.routing.agency_keys.commands import check_room

    store.run(lambda work: check_room(work, agency))


def agency_keys(store: Store, agency: str) -> list[ListedKey]:
    """All keys of an agency, the oldest first.

    Args:
        store: routing's.
        agency: its code.
    """
    from services.routing.agency_keys.store import of_agency

    with store.read() as connection:
        found = of_agency(connection, agency)
    return [_listed(key, store.clock.wall()) for key in found]


def revoke_agency_key(store: Store, agency: str, key: str, by: str) -> bool:
    """Revokes a key; returns False when it was revoked before.

    Raises:
        LookupError: the agency has no such key.
    """
    from services.routing.agency_keys.commands import revoke_key

    return store.run(lambda work: revoke_key(work, agency, key, by))


def revoke_agency_keys(store: Store, agency: str, by: str) -> int:
    """Revokes all keys of an agency; returns how many were not revoked before."""
    from services.routing.agency_keys.commands import revoke_all

    return store.run(lambda work: revoke_all(work, agency, by))


def _listed(key: AgencyKey, at: datetime) -> ListedKey:
    return ListedKey(key.id, str(key.state(at)), key.made_at, key.made_by, key.expires_at, key.used_at)

"""How often one address may book: whoever wants to take all places needs many addresses and telephone numbers."""

from __future__ import annotations

from services.intake.appointments.domain import TooManyBookings
from services.intake.lookup.store import LOOKUP_FAILURES
from services.intake.lookup.throttle import WINDOW
from shared.persistence.store import Store
from shared.runtime.keyed_hash import keyed_hash

MOST_OF_ADDRESS = 30
"""Bookings per address and window; a whole office or mobile network may share an address."""


def count_booking(store: Store, address: str, hash_key: str) -> None:
    """Counts a booking in a transaction of its own, before it is made.

    Args:
        store: intake's.
        address: of the caller; only its hash is stored.
        hash_key: the platform's.

    Raises:
        TooManyBookings: this one is above the limit.
    """
    now, of = store.clock.wall(), f"booking:{keyed_hash(hash_key, 'address', address)}"
    number, since = store.run(lambda work: LOOKUP_FAILURES.add(work.connection, of, now, now - WINDOW))
    if number > MOST_OF_ADDRESS:
        raise TooManyBookings(max(1, int((since + WINDOW - now).total_seconds())))

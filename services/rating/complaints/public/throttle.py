"""Limits on guessing secrets and on flooding, by the hash of the caller's network address. The right secret is never refused."""

from __future__ import annotations

from services.rating.complaints.entry_rules import EntryRules
from services.rating.complaints.public.tables import tries
from shared.persistence.store import Store
from shared.persistence.wrong_tries import WINDOW, TooManyTries
from shared.runtime.context import Context
from shared.runtime.keyed_hash import keyed_hash

MAX_FAILURES = 10
"""Wrong tries per code and window."""
MAX_CODE = 60
"""Characters of a code that are counted."""


class TooManyFilings(TooManyTries):
    """There were too many complaints from this address."""


def count_wrong_try(store: Store, code: str, address: str, hash_key: str) -> None:
    """Counts a wrong try at a complaint's secret, whether or not there is such a complaint.

    Args:
        store: rating's.
        code: as typed, normalised; empty where it cannot be a code.
        address: of the caller.
        hash_key: the platform's.

    Raises:
        shared.persistence.wrong_tries.TooManyTries: this try is above a limit.
    """
    tries.count(store, address, hash_key, [(f"complaint:{code[:MAX_CODE]}", MAX_FAILURES)] if code else [])


def count_filing(store: Store, address: str, hash_key: str, rules: EntryRules) -> None:
    """Counts a complaint that an address lodges, before it is lodged.

    Args:
        store: rating's.
        address: of the caller; only its hash is stored.
        hash_key: the platform's.
        rules: in force.

    Raises:
        TooManyFilings: this one is above the limit.
    """
    now, of = store.clock.wall(), f"filing:{keyed_hash(hash_key, 'address', address)}"
    with store.read() as connection:
        known = tries.of(connection, of)
    if known is None or known[1] <= now - WINDOW or known[0] <= rules.lodged_of_address:  # a flood costs no writes
        known = store.run(lambda work: tries.add(work.connection, of, now, now - WINDOW))
    if known[0] > rules.lodged_of_address:
        raise TooManyFilings(max(1, int((known[1] + WINDOW - now).total_seconds())))


def delete_old_tries(context: Context) -> int:
    """Deletes the counts whose window is over."""
    return tries.delete_old(context.store)

"""The look-up throttle: how often wrong tries are answered. The right secret is never refused, so nobody can be locked out.

The secret is compared first, and in constant time. A wrong one is then counted for its code and for the address that it came from. Above
either limit the answer no longer says that code or secret is wrong, but only when to try again.

Why guessing is hopeless although codes are sequential and each try is compared: a secret is one of 2^40
(:data:`services.intake.lookup.domain.LENGTH`), so a try, for whatever code, succeeds with a chance of 2^-40, and whoever wants any one
dossier needs 7.6e11 tries for an even chance: at a thousand tries a second, without a pause and unnoticed, 24 years. For one particular
dossier it is half of all secrets, 5.5e11 tries or 17 years. Rating tokens have 100 bits.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from services.intake.lookup import store as failures
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash

WINDOW = timedelta(minutes=15)
MAX_FAILURES = 10
"""Wrong tries per code and window (real time)."""
MAX_FAILURES_OF_ADDRESS = 30
"""Wrong tries per address and window; a whole office or mobile network may share an address."""


class TooManyTries(Exception):
    """There were too many wrong tries for this code, or from this address.

    Args:
        seconds: until the window is over.
    """

    def __init__(self, seconds: int) -> None:
        super().__init__(f"try again in {seconds} s")
        self.seconds = seconds


def count_wrong_try(store: Store, code: str, address: str, hash_key: str) -> None:
    """Counts a wrong try in a transaction of its own, whether or not there is such a dossier.

    Args:
        store: intake's.
        code: normalised; empty where the text cannot be a code, which counts for the address alone.
        address: of the caller, see :func:`shared.web.client_address.client_address`; only its hash is stored.
        hash_key: the platform's.

    Raises:
        TooManyTries: this try is above a limit.
    """
    now = store.clock.wall()
    counted = [(f"address:{keyed_hash(hash_key, 'address', address)}", MAX_FAILURES_OF_ADDRESS)]
    counted += [(code, MAX_FAILURES)] if code else []
    # a flood costs no writes: what is above the limit need not be counted further
    with store.read() as connection:
        for of, limit in counted:
            _check(failures.failures_of(connection, of), limit - 1, now)

    def work(unit: UnitOfWork) -> list[tuple[int, datetime]]:
        return [failures.add_failure(unit.connection, of, now, now - WINDOW) for of, _ in counted]

    for found, (_, limit) in zip(store.run(work), counted, strict=True):
        _check(found, limit, now)


def _check(found: tuple[int, datetime] | None, limit: int, now: datetime) -> None:
    if found is not None and found[0] > limit and found[1] > now - WINDOW:
        raise TooManyTries(max(1, int((found[1] + WINDOW - now).total_seconds())))


def delete_old_failures(store: Store) -> int:
    """Deletes the counts whose window is over, since codes that do not exist are counted too; returns how many."""
    return store.run(lambda work: failures.delete_failures(work.connection, store.clock.wall() - WINDOW))

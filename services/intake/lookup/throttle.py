"""The look-up throttle: how often wrong tries are answered. The right secret is never refused, so nobody can be locked out.

The secret is compared first, and in constant time. A wrong one is then counted for its code and for the address that it came from. Above
either limit the answer no longer says that code or secret is wrong, but only when to try again.

Why guessing is hopeless although codes are sequential and each try is compared: a secret is one of 2^40
(:data:`shared.runtime.lookup_secret.LENGTH`), so a try, for whatever code, succeeds with a chance of 2^-40, and whoever wants any one
dossier needs 7.6e11 tries for an even chance: at a thousand tries a second, without a pause and unnoticed, 24 years. For one particular
dossier it is half of all secrets, 5.5e11 tries or 17 years. Rating tokens have 100 bits.
"""

from __future__ import annotations

from services.intake.lookup.store import LOOKUP_FAILURES
from shared.persistence.store import Store
from shared.persistence.wrong_tries import MAX_FAILURES_OF_ADDRESS, WINDOW, TooManyTries

__all__ = [
    "MAX_FAILURES",
    "MAX_FAILURES_OF_ADDRESS",
    "WINDOW",
    "TooManyTries",
    "count_wrong_try",
    "delete_old_failures",
]

MAX_FAILURES = 10
"""Wrong tries per code and window (real time)."""


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
    LOOKUP_FAILURES.count(store, address, hash_key, [(code, MAX_FAILURES)] if code else ())


def delete_old_failures(store: Store) -> int:
    """Deletes the counts whose window is over, since codes that do not exist are counted too; returns how many."""
    return LOOKUP_FAILURES.delete_old(store)

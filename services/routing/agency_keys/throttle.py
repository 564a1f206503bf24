"""How often wrong secrets are answered. The right one is never refused, so nobody can lock an agency out.

A secret has 256 random bits, so guessing is hopeless anyway; the limits keep those who try from costing much, and show them in the log
of refused requests.
"""

from __future__ import annotations

from services.routing.agency_keys.store import KEY_FAILURES
from shared.runtime.context import Context

MAX_FAILURES = 10
"""Wrong secrets for one agency in a window of :mod:`shared.persistence.wrong_tries`, real time."""
MAX_CODE = 50
"""Characters of an agency's code; a longer one counts for the address alone."""


def count_wrong_secret(context: Context, agency: str, address: str) -> None:
    """Counts a wrong secret in a transaction of its own, whether or not there is such an agency.

    Args:
        context: routing's.
        agency: that the client named, whether or not there is one; empty if it cannot be one, which counts for the address alone.
        address: of the caller, see :func:`shared.web.client_address.client_address`; only its hash is stored.

    Raises:
        shared.persistence.wrong_tries.TooManyTries: this try is above a limit.
    """
    named = [(f"agency:{agency}", MAX_FAILURES)] if 0 < len(agency) <= MAX_CODE else []
    KEY_FAILURES.count(context.store, address, context.settings.hash_key, named)


def delete_old_failures(context: Context) -> int:
    """Deletes the counts whose window is over; returns how many."""
    return KEY_FAILURES.delete_old(context.store)

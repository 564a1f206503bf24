"""Pairing a browser as a kiosk by a code that a clerk makes, and taking that back."""

from __future__ import annotations

import secrets

from services.intake.kiosk import store
from services.intake.kiosk.domain import Kiosk, issued_now
from shared.auth.pairing_code import CODE_LIFETIME, WrongPairingCode, normalise_pairing_code, random_pairing_code
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash


def new_pairing_code(work: UnitOfWork, desk: str, number: int, by: str) -> str:
    """Makes a code that pairs one browser as a kiosk, within :data:`shared.auth.pairing_code.CODE_LIFETIME`.

    Args:
        work: the transaction.
        desk, number: of the kiosk; another browser that is paired as it is no longer so when the code is used.
        by: subject of the clerk.
    """
    code = random_pairing_code()
    until = work.clock.wall() + CODE_LIFETIME
    store.expect(work.connection, desk, number, _hash(work.hash_key, "kiosk pairing", code), until, by)
    return code


def pair_browser(work: UnitOfWork, code: str) -> tuple[Kiosk, str]:
    """Pairs a browser.

    Args:
        work: the transaction.
        code: as typed.

    Returns:
        the kiosk that it is now, and the token for its cookie, of which only the hash is kept.

    Raises:
        WrongPairingCode: no kiosk waits for this code.
    """
    token, now = secrets.token_urlsafe(32), work.clock.now()
    hashes = (
        _hash(work.hash_key, "kiosk pairing", normalise_pairing_code(code)),
        token_hash(work.hash_key, token),
    )
    kiosk = store.pair(work.connection, *hashes, now, work.clock.wall())
    if kiosk is None:
        raise WrongPairingCode
    return kiosk, token


def count_ticket(work: UnitOfWork, desk: str, number: int) -> None:
    """Counts a number that a kiosk gives out.

    Raises:
        TooManyTickets: it has given out very many just now.
    """
    count, since = store.issued_of(work.connection, desk, number)
    store.keep_issued(work.connection, desk, number, *issued_now(count, since, work.clock.wall()))


def token_hash(hash_key: str, token: str) -> str:
    """The kept form of a paired browser's token."""
    return _hash(hash_key, "kiosk", token)


def _hash(hash_key: str, purpose: str, text: str) -> str:
    return keyed_hash(hash_key, purpose, text)

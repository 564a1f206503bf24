"""Pairing a tablet as a device by a code that a clerk makes, renewing its token, and taking both back."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime

from services.rating.devices import store
from services.rating.devices.domain import Device, NotPaired
from services.rating.devices.rules import DeviceRules, device_rules
from services.rating.devices.store import Tokens
from shared.auth.pairing_code import CODE_LIFETIME, WrongPairingCode, normalise_pairing_code, random_pairing_code
from shared.persistence.unit_of_work import UnitOfWork
from shared.runtime.keyed_hash import keyed_hash


def new_pairing_code(work: UnitOfWork, desk: str, number: int, counter: int | None, by: str) -> str:
    """Makes a code that pairs one tablet, within :data:`shared.auth.pairing_code.CODE_LIFETIME`.

    Args:
        work: the transaction.
        desk, number: of the device; another tablet that is paired as it is no longer so when the code is used.
        counter: at which it will stand; None for a place without one.
        by: subject of the clerk or leader.
    """
    code = random_pairing_code()
    until = work.clock.wall() + CODE_LIFETIME
    store.expect(work.connection, desk, number, counter, _code_hash(work.hash_key, code), until, by)
    return code


def pair_tablet(work: UnitOfWork, code: str) -> tuple[Device, str]:
    """Pairs a tablet.

    Args:
        work: the transaction.
        code: as typed.

    Returns:
        the device that it is now, and the token for its cookie, of which only the hash is kept.

    Raises:
        shared.auth.pairing_code.WrongPairingCode: no device waits for this code.
    """
    token, pairing = secrets.token_urlsafe(32), secrets.token_hex(16)
    hashes = (_code_hash(work.hash_key, normalise_pairing_code(code)), token_hash(work.hash_key, token))
    device = store.pair(work.connection, *hashes, pairing, work.now, work.clock.wall())
    if device is None:
        raise WrongPairingCode
    return device, token


def renew_token(work: UnitOfWork, device: Device, token: str) -> str:
    """The token that a tablet is to use from now on, mostly the one that it has shown.

    A token that has become old is replaced. The new one follows from the old one and the platform's key, so that a repeated request gets
    the same. The old one is good until the tablet has shown the new one, and for a while after it: an answer that is lost locks nobody out.

    Args:
        work: the transaction, in which the device is locked.
        device: whose token it is.
        token: as its cookie says.

    Raises:
        services.rating.devices.domain.NotPaired: it was unpaired just now.
    """
    known = store.lock(work.connection, device.desk, device.number)
    shown, successor = token_hash(work.hash_key, token), keyed_hash(work.hash_key, "device token after", token)
    if shown not in (known.token_hash, known.next_hash, known.old_hash):
        raise NotPaired
    changed, sent = renewed(known, shown, token_hash(work.hash_key, successor), work.clock.wall(), device_rules())
    if changed != known:
        store.keep_tokens(work.connection, device.desk, device.number, changed)
    return successor if sent else token


def renewed(known: Tokens, shown: str, successor: str, wall: datetime, rules: DeviceRules) -> tuple[Tokens, bool]:
    """The tokens of a device after one of them was shown, and whether the shown one's successor is to be sent.

    Args:
        known: the tokens.
        shown: hash of the token that the tablet has shown.
        successor: hash of the token that follows it.
        wall: real time.
        rules: how long tokens are good.
    """
    if shown == known.next_hash:
        return Tokens(shown, wall, None, old_hash=known.token_hash, old_until=wall + rules.old_token_for), False
    if shown == known.old_hash:
        return known, successor == known.token_hash
    if known.token_since is not None and wall - known.token_since >= rules.rotate_after:
        return replace(known, next_hash=successor), True
    return known, False


def token_hash(hash_key: str, token: str) -> str:
    """The kept form of a paired tablet's token."""
    return keyed_hash(hash_key, "rating device", token)


def _code_hash(hash_key: str, code: str) -> str:
    return keyed_hash(hash_key, "rating device pairing", code)

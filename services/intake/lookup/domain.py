"""The short secret on the receipt, which together with the dossier's code opens the public look-up."""

from __future__ import annotations

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.random_bytes import random_bytes

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which people confuse on paper and on the telephone."""

LENGTH = 8
"""2^40 secrets; `services.intake.lookup.throttle` says why guessing one is hopeless."""


def new_secret() -> str:
    """A new secret."""
    return _in_letters(random_bytes(LENGTH))


def derived_secret(key: str, purpose: str) -> str:
    """The secret of something that may be submitted again: the same each time, and known to nobody without the key.

    Args:
        key: of the platform; in no database.
        purpose: what it opens, with an identifier that is given only once.
    """
    return _in_letters(bytes.fromhex(keyed_hash(key, "derived look-up secret", purpose))[:LENGTH])


def _in_letters(random: bytes) -> str:
    # The alphabet has 32 characters, which divides 256, so all are equally likely.
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random)

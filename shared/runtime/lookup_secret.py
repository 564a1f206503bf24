"""Look-up secrets: the short code beside a number, which together open a public look-up, and the keyed hash that is stored of it."""

from __future__ import annotations

import hmac

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.random_bytes import random_bytes, random_hex
from shared.text import clean_code

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which people confuse on paper and on the telephone."""

LENGTH = 8
"""2^40 secrets; those who guess are slowed down."""

SALT_BYTES = 8


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


def normalise_secret(text: str) -> str:
    """Normalises a secret typed or pasted by a person: no spaces, no hyphens, capitals, full-width signs as ASCII."""
    return clean_code(text).replace("-", "").upper()


def hash_secret(secret: str, key: str, salt: str = "") -> str:
    """The stored form of a secret: a salt and the keyed hash of salt and secret, both in hex, joined by a colon.

    Args:
        secret: as typed.
        key: of the platform; in no database.
        salt: that of a stored hash, for a comparison; a new one by default.
    """
    salt = salt or random_hex(SALT_BYTES)
    return f"{salt}:{keyed_hash(key, 'look-up secret', f'{salt}:{normalise_secret(secret)}')}"


_NO_DOSSIER = f"{'0' * 2 * SALT_BYTES}:{'0' * 64}"


def secret_matches(secret: str, stored: str, key: str) -> bool:
    """Whether a secret is the one whose hash was stored; takes the same time in either case.

    Args:
        secret: as typed.
        stored: the result of :func:`hash_secret` at filing; empty for a dossier that does not exist.
        key: as at filing.
    """
    known = stored or _NO_DOSSIER
    return hmac.compare_digest(hash_secret(secret, key, known.partition(":")[0]), known) and bool(stored)

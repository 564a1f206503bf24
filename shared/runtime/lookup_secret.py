"""The keyed hash of a dossier's look-up secret, by which intake's look-up and notify's answers to SMS recognise the secret."""

from __future__ import annotations

import hmac

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.random_bytes import random_hex
from shared.text import clean_code

SALT_BYTES = 8


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

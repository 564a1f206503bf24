"""The short secret on the receipt, which together with the dossier's code opens the public look-up."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which people confuse on paper and on the telephone."""

LENGTH = 6
"""2^30 secrets: with ten tries per dossier in 15 minutes, guessing one takes more than a thousand years."""

SALT_BYTES = 8


def new_secret() -> str:
    """A new secret, from the operating system's random source."""
    # The alphabet has 32 characters, which divides 256, so all are equally likely.
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(LENGTH))


def normalise_secret(text: str) -> str:
    """Normalises a secret typed by a person: no spaces, no hyphens, capitals."""
    return "".join(text.split()).replace("-", "").upper()


def hash_secret(secret: str, salt: str = "") -> str:
    """The stored form of a secret: a salt and the SHA-256 of salt and secret, both in hex, joined by a colon.

    Args:
        secret: as typed.
        salt: that of a stored hash, for a comparison; a new one by default.
    """
    salt = salt or secrets.token_hex(SALT_BYTES)
    digest = hashlib.sha256(f"{salt}\n{normalise_secret(secret)}".encode()).hexdigest()
    return f"{salt}:{digest}"


_NO_DOSSIER = hash_secret("")


def secret_matches(secret: str, stored: str) -> bool:
    """Whether a secret is the one whose hash was stored; takes the same time in either case.

    Args:
        secret: as typed.
        stored: the result of :func:`hash_secret` at filing; empty for a dossier that does not exist.
    """
    known = stored or _NO_DOSSIER
    return hmac.compare_digest(hash_secret(secret, known.partition(":")[0]), known) and bool(stored)

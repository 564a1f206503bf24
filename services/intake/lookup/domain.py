"""The short secret on the receipt: with the dossier's code it opens the public look-up, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which are mistaken for each other on paper and on the telephone."""

LENGTH = 6
"""2^30 possibilities: with ten tries in a quarter of an hour per dossier, guessing one takes more than a thousand years."""

SALT_BYTES = 8


def new_secret() -> str:
    """A fresh secret, from the operating system's source of randomness."""
    # 32 signs, so that each is as likely as the others
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(LENGTH))


def tidy_secret(text: str) -> str:
    """A secret as typed by a person: without spaces and hyphens, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def hash_secret(secret: str, salt: str = "") -> str:
    """What is stored instead of the secret: a salt and the SHA-256 of salt and secret, both in hex, with a colon between.

    Args:
        secret: as typed.
        salt: the one of a stored hash, to compare with; a fresh one by default.
    """
    salt = salt or secrets.token_hex(SALT_BYTES)
    digest = hashlib.sha256(f"{salt}\n{tidy_secret(secret)}".encode()).hexdigest()
    return f"{salt}:{digest}"


_NOBODYS = hash_secret("")


def opens(secret: str, stored: str) -> bool:
    """Whether a secret is the one whose hash was stored; takes equally long whether or not it is.

    Args:
        secret: as typed.
        stored: what :func:`hash_secret` gave at filing; empty for a dossier that does not exist.
    """
    known = stored or _NOBODYS
    return hmac.compare_digest(hash_secret(secret, known.partition(":")[0]), known) and bool(stored)

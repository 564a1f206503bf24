"""The short secret on the receipt: with the dossier's code it opens the public look-up, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without 0, O, 1 and I, which are mistaken for each other on paper and on the telephone."""

LENGTH = 6
"""2^30 possibilities: with ten tries in a quarter of an hour per dossier, guessing one takes more than a thousand years."""


def new_secret() -> str:
    """A fresh secret, from the operating system's source of randomness."""
    return "".join(map(secrets.choice, [ALPHABET] * LENGTH))


def tidy_secret(text: str) -> str:
    """A secret as typed by a person: without spaces and hyphens, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def hash_secret(code: str, secret: str) -> str:
    """What is stored instead of the secret: SHA-256 in hex, with the dossier's code as salt."""
    return hashlib.sha256(f"{code}\n{tidy_secret(secret)}".encode()).hexdigest()


def opens(code: str, secret: str, stored: str) -> bool:
    """Whether a secret belongs to a dossier; takes equally long whether or not it does.

    Args:
        code: the dossier's code.
        secret: as typed.
        stored: what :func:`hash_secret` gave at filing; empty for a dossier that does not exist.
    """
    return hmac.compare_digest(hash_secret(code, secret), stored or hash_secret(code, "")) and bool(stored)

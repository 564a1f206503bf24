"""The short code with which a browser becomes a machine of a desk, such as a kiosk: a clerk makes it and types it in there."""

from __future__ import annotations

import secrets
from datetime import timedelta

from shared.text import clean_code

CODE_DIGITS = 8
CODE_LIFETIME = timedelta(minutes=15)
"""For how long a pairing code is good, real time."""


class WrongPairingCode(LookupError):
    """No machine waits for this code, or its time is over."""


def random_pairing_code() -> str:
    """A code of :data:`CODE_DIGITS` digits that nobody can foresee."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def normalise_pairing_code(text: str) -> str:
    """A code as typed, without spaces and hyphens."""
    return clean_code(text).replace("-", "")

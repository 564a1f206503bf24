"""Signatures of messages between the platform and a provider: HMAC-SHA256 over the time and the body, with a key that both hold.

The header is ``Motcua-Signature: t=<Unix seconds>,v1=<hex>``. The signed text is the time, a dot, and the body as it is sent.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from datetime import datetime

HEADER = "Motcua-Signature"
WINDOW = 300
"""Seconds that the time of a message may differ from ours: an old message that somebody kept is refused."""
_SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")


class BadSignature(ValueError):
    """The signature is missing, wrong, or too old."""


def sign(key: str, body: bytes, at: datetime) -> str:
    """The header's value.

    Args:
        key: shared with the provider.
        body: as it is sent.
        at: real time.
    """
    seconds = int(at.timestamp())
    return f"t={seconds},v1={_mac(key, seconds, body)}"


def check_signature(key: str, body: bytes, header: str, now: datetime) -> None:
    """Checks a message, in constant time.

    Args:
        key: shared with the provider.
        body: as it came.
        header: as it came; empty if there was none.
        now: real time.

    Raises:
        BadSignature: as it says.
    """
    found = _SIGNATURE.fullmatch(header)
    seconds = int(found[1]) if found else 0
    genuine = hmac.compare_digest(_mac(key, seconds, body), found[2] if found else "")
    if not genuine:
        raise BadSignature("the signature is missing or wrong")
    if abs(now.timestamp() - seconds) > WINDOW:
        raise BadSignature(f"the message is more than {WINDOW} s old, or a clock is wrong")


def _mac(key: str, seconds: int, body: bytes) -> str:
    return hmac.new(key.encode(), str(seconds).encode() + b"." + body, hashlib.sha256).hexdigest()

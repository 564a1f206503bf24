"""Secrets and signatures of webhooks, as in the Standard Webhooks specification 1.0: HMAC-SHA256 over id, time and body."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from shared.runtime.data_keys import DataKeys
from shared.runtime.random_bytes import random_bytes

PREFIX = "whsec_"
SECRET_BYTES = 32
_PURPOSE = "agency_subscription.secret"


def new_secret() -> str:
    """A new secret as the agency gets it: ``whsec_`` and 256 random bits in base64."""
    return PREFIX + base64.b64encode(random_bytes(SECRET_BYTES)).decode()


def headers(event_id: str, body: bytes, at: datetime, secrets: Iterable[str]) -> dict[str, str]:
    """The headers by which the agency knows that an event is from the platform.

    Args:
        event_id: of the event; the same at each attempt.
        body: as it is sent.
        at: real time of this attempt.
        secrets: each signs, so that one is replaced without a gap.
    """
    seconds = str(int(at.timestamp()))
    signed = f"{event_id}.{seconds}.".encode() + body
    signatures = " ".join(f"v1,{_sign(secret, signed)}" for secret in secrets)
    return {"webhook-id": event_id, "webhook-timestamp": seconds, "webhook-signature": signatures}


def seal(secret: str, hash_key: str, agency: str) -> str:
    """The secret as it is stored: encrypted by a key that is made from the platform's hash key, which is in no database."""
    return _keys(hash_key).seal(secret, _PURPOSE, agency)


def unseal(sealed: str, hash_key: str, agency: str) -> str:
    """The secret again.

    Raises:
        shared.runtime.data_keys.UnreadableData: the platform's hash key was changed since.
    """
    return _keys(hash_key).unseal(sealed, _PURPOSE, agency)


def _keys(hash_key: str) -> DataKeys:
    return DataKeys([("hash", hash_key)])


def _sign(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(PREFIX))
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()

"""Hashes of secrets that people hold (look-up secrets, rating tokens), keyed so that a stolen table is worthless without the key.

A short secret could be found from a plain hash by trying all values. HMAC-SHA-256 (RFC 2104) with a key that is in no database
prevents that, and costs two microseconds, so that filing stays fast.
"""

from __future__ import annotations

import hmac
from functools import lru_cache


def keyed_hash(key: str, purpose: str, text: str) -> str:
    """Return the HMAC-SHA-256 of a text, in hex.

    Args:
        key: of the platform, see ``Settings.hash_key``.
        purpose: what the secret opens, so that the hash of one purpose never equals that of another.
        text: the secret in its normal form, with its salt if it has one.

    Raises:
        ValueError: there is no key.
    """
    if not key:
        raise ValueError("a secret cannot be hashed without a key")
    keyed = _keyed(key).copy()  # hmac.digest() takes twice as long, and gives up the interpreter's lock
    keyed.update(f"{purpose}\n{text}".encode("utf-8", "surrogatepass"))
    return keyed.hexdigest()


@lru_cache(maxsize=16)
def _keyed(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")

"""Secrets in answers that are kept for repeated requests: a copy of the database must not show them.

A field of the answer that holds a secret is encrypted (AES-256-GCM, a random nonce for each) before it is kept. The encryption key is made
from the platform's hash key, which is in no database; the request's own Idempotency-Key and the field's name are the associated data, so
that it opens nowhere else. A repeated request still gets the whole first answer.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.random_bytes import random_bytes

NONCE_BYTES = 12


def seal(data: Mapping[str, Any], fields: Sequence[str], platform_key: str, request_key: str) -> dict[str, Any]:
    """The data with some fields encrypted; one that is None stays.

    Args:
        data: an answer's fields.
        fields: those that hold a secret.
        platform_key: the platform's hash key.
        request_key: identifies the request; not repeated by another one.
    """
    sealed = {
        name: _encrypt(platform_key, _place(request_key, name), data[name]) for name in fields if data[name] is not None
    }
    return {**data, **sealed}


def unseal(body: str, fields: Sequence[str], platform_key: str, request_key: str) -> str:
    """The JSON body of a kept answer with its secrets readable again.

    Raises:
        cryptography.exceptions.InvalidTag: the platform's key was changed since.
    """
    if not fields:
        return body
    cipher, data = _cipher(platform_key), orjson.loads(body)
    for name in fields:
        if data[name] is None:
            continue
        raw = base64.b64decode(data[name])
        plain = cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _place(request_key, name))
        data[name] = orjson.loads(plain)
    return orjson.dumps(data).decode()


@lru_cache(maxsize=4)
def _cipher(platform_key: str) -> AESGCM:
    return AESGCM(bytes.fromhex(keyed_hash(platform_key, "kept answer", "")))


def _place(request_key: str, name: str) -> bytes:
    return f"{name}\n{request_key}".encode()


def _encrypt(platform_key: str, place: bytes, value: Any) -> str:
    nonce = random_bytes(NONCE_BYTES)
    return base64.b64encode(nonce + _cipher(platform_key).encrypt(nonce, orjson.dumps(value), place)).decode()

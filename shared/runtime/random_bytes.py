"""Unpredictable bytes of the operating system for nonces, salts, secrets and identifiers, drawn many at a time.

Each call of ``os.urandom`` gives up the interpreter's lock, and a busy process pays for that with a change of threads; a filing needs ten
times some bytes. So they are drawn in blocks, and each part of a block is given once: to one thread, and to one process after a fork.
"""

from __future__ import annotations

import os

PART_BYTES = 16
PARTS_AT_ONCE = 64

_parts: list[bytes] = []
os.register_at_fork(after_in_child=_parts.clear)


def random_bytes(count: int) -> bytes:
    """Some unpredictable bytes.

    Args:
        count: how many.
    """
    if count > PART_BYTES:
        return os.urandom(count)
    try:
        return _parts.pop()[:count]  # one step for the interpreter: no other thread gets the same part
    except IndexError:
        block = os.urandom(PART_BYTES * PARTS_AT_ONCE)
        _parts.extend(block[start : start + PART_BYTES] for start in range(0, len(block), PART_BYTES))
        return os.urandom(count)


def random_hex(count: int) -> str:
    """Some unpredictable bytes as hexadecimal digits, two for each byte.

    Args:
        count: how many bytes.
    """
    return random_bytes(count).hex()

"""Unpredictable bytes for nonces, salts, secrets and identifiers, from OpenSSL's generator (NIST SP 800-90A, CTR_DRBG).

It is seeded by the operating system, and again after a fork. Unlike ``os.urandom`` it makes no system call and does not give up the
interpreter's lock, for which a busy process pays with a change of threads, ten times for each filing.
"""

from __future__ import annotations

import ssl


def random_bytes(count: int) -> bytes:
    """Some unpredictable bytes.

    Args:
        count: how many.

    Raises:
        ssl.SSLError: the generator cannot be seeded.
    """
    return ssl.RAND_bytes(count)


def random_hex(count: int) -> str:
    """Some unpredictable bytes as hexadecimal digits, two for each byte.

    Args:
        count: how many bytes.
    """
    return ssl.RAND_bytes(count).hex()

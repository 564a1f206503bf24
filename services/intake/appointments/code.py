"""The code of an appointment (mã lịch hẹn): with it, and without a name, a citizen changes the appointment and checks in.

It is one of 2^50, so that guessing any of the appointments to come takes 10^11 tries; wrong ones are throttled besides. Its keyed hash
finds the appointment. The code itself is kept encrypted until the telephone number is erased, since messages repeat it.
"""

from __future__ import annotations

from shared.runtime.keyed_hash import keyed_hash
from shared.runtime.lookup_secret import ALPHABET, normalise_secret
from shared.runtime.random_bytes import random_bytes

LENGTH = 10
_PURPOSE = "code of an appointment"
_PHONE = "telephone number of an appointment"


def new_code() -> str:
    """A new code."""
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(LENGTH))


def normalise_code(typed: str) -> str:
    """A code as it was made of what a person types or a scanner reads: with spaces, in small letters, or as the end of an address."""
    return normalise_secret(typed.strip().rstrip("/").rpartition("/")[2])


def hash_code(code: str, key: str) -> str:
    """By which the appointment of a normalised code is found; `key` is the platform's."""
    return keyed_hash(key, _PURPOSE, code)


def hash_phone(number: str, key: str) -> str:
    """By which appointments of one telephone number are known as such; `number` in national form, `key` the platform's."""
    return keyed_hash(key, _PHONE, number)


def shown_code(code: str) -> str:
    """A code in two groups, as people read it."""
    return f"{code[: LENGTH // 2]} {code[LENGTH // 2 :]}"

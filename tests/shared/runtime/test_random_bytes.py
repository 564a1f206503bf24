"""No two callers get the same random bytes, in whatever thread or process they are."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.runtime.random_bytes import PART_BYTES, PARTS_AT_ONCE, random_bytes, random_hex


@pytest.mark.parametrize("count", [0, 1, 8, PART_BYTES, PART_BYTES + 1, 100])
def test_there_are_as_many_bytes_as_wanted(count: int) -> None:
    assert [len(random_bytes(count)) for _ in range(PARTS_AT_ONCE + 2)] == [count] * (PARTS_AT_ONCE + 2)
    assert len(bytes.fromhex(random_hex(count))) == count


def test_no_thread_gets_the_bytes_of_another() -> None:
    with ThreadPoolExecutor(4) as pool:
        given = [one for many in pool.map(lambda _: [random_hex(12) for _ in range(500)], range(8)) for one in many]
    assert len(set(given)) == len(given)


def test_a_forked_process_gets_other_bytes() -> None:
    random_bytes(12)  # so that some are left over
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, b"".join(random_bytes(PART_BYTES) for _ in range(PARTS_AT_ONCE)))
        os._exit(0)
    os.waitpid(child, 0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        theirs = pipe.read()
    parts = {theirs[start : start + PART_BYTES] for start in range(0, len(theirs), PART_BYTES)}
    assert len(parts) == PARTS_AT_ONCE
    assert parts.isdisjoint(random_bytes(PART_BYTES) for _ in range(PARTS_AT_ONCE))

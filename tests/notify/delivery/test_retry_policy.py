from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.domain import RetryPolicy


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, None), (9, None)])
def test_pauses_double_until_the_last_attempt(failures: int, seconds: int | None) -> None:
    assert RetryPolicy().pause_after(failures) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.integers(1, 10_000))
def test_a_pause_is_never_longer_than_the_longest(failures: int) -> None:
    policy = RetryPolicy(max_failures=100_000)
    assert policy.pause_after(failures) == min(timedelta(minutes=15), timedelta(seconds=5) * 2 ** min(failures - 1, 20))

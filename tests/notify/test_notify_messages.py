from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.delivery.domain import RetryPolicy
from services.notify.messages.domain import FINAL, TRANSITIONS, State, message_id, states_before

TABLE = {
    (State.QUEUED, State.SENDING),
    (State.SENDING, State.SENDING),
    (State.SENDING, State.QUEUED),
    (State.SENDING, State.SENT),
    (State.SENDING, State.FAILED),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_table_of_states_is_closed(before: State, after: State) -> None:
    assert (after in TRANSITIONS[before]) == ((before, after) in TABLE)
    assert (before in states_before(after)) == ((before, after) in TABLE)


def test_what_was_sent_failed_or_skipped_stays_so() -> None:
    assert {State.SENT, State.FAILED, State.SKIPPED} == FINAL


def test_the_same_cause_gives_the_same_identity() -> None:
    first = message_id("D-1", "received", "/motcua/intake#1")
    assert first == message_id("D-1", "received", "/motcua/intake#1")
    others = {
        message_id("D-2", "received", "1"),
        message_id("D-1", "obligation", "1"),
        message_id("D-1", "received", "2"),
    }
    assert len(others | {first}) == 4


@pytest.mark.parametrize(("failures", "seconds"), [(1, 5), (2, 10), (3, 20), (7, 320), (8, None), (9, None)])
def test_patience_doubles_and_ends(failures: int, seconds: int | None) -> None:
    assert RetryPolicy().pause_after(failures) == (None if seconds is None else timedelta(seconds=seconds))


@given(st.integers(1, 10_000))
def test_a_pause_is_never_longer_than_the_longest(failures: int) -> None:
    retry_policy = RetryPolicy(max_failures=100_000)
    assert retry_policy.pause_after(failures) == min(
        timedelta(minutes=15), timedelta(seconds=5) * 2 ** min(failures - 1, 20)
    )

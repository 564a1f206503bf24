from __future__ import annotations

import pytest

from services.notify.messages.domain import FINAL, TRANSITIONS, State, message_id, states_before

TABLE = {
    (State.QUEUED, State.SKIPPED),
    (State.SENDING, State.SKIPPED),
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


def test_sent_failed_and_skipped_are_final() -> None:
    assert {State.SENT, State.FAILED, State.SKIPPED} == FINAL


def test_the_same_cause_gives_the_same_id() -> None:
    first = message_id("D-1", "received", "/motcua/intake#1")
    assert first == message_id("D-1", "received", "/motcua/intake#1")
    others = {
        message_id("D-2", "received", "1"),
        message_id("D-1", "obligation", "1"),
        message_id("D-1", "received", "2"),
    }
    assert len(others | {first}) == 4

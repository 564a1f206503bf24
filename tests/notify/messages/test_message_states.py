from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.domain import ReceiptStatus
from services.notify.delivery.states import (
    PENDING,
    TRANSITIONS,
    State,
    after_receipts,
    delivery_id,
    states_before,
)
from services.notify.messages.domain import MessageState, message_id, message_state

Q, SE, SENT, D, RT, F, SK, RE = (
    State.QUEUED,
    State.SENDING,
    State.SENT,
    State.DELIVERED,
    State.RETRYING,
    State.FAILED,
    State.SKIPPED,
    State.RETURNED,
)
TABLE = {
    *((Q, after) for after in (SE, SK)),
    *((SE, after) for after in (SE, Q, RT, SENT, F, SK)),
    *((RT, after) for after in (SE, SK, F)),
    *((SENT, after) for after in (D, F, RE)),
    (D, RE),
    *((F, after) for after in (D, RE)),
    (SK, SENT),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_the_table_of_states_is_closed(before: State, after: State) -> None:
    assert (after in TRANSITIONS[before]) == ((before, after) in TABLE)
    assert (before in states_before(after)) == ((before, after) in TABLE)


@given(st.lists(st.sampled_from(ReceiptStatus), max_size=6), st.sampled_from((SENT, D, F, RE)))
def test_receipts_lead_to_one_state_in_any_order_and_however_often(statuses: list[ReceiptStatus], start: State) -> None:
    expected = after_receipts(start, statuses)
    for order in itertools.islice(itertools.permutations(statuses), 30):
        state = start
        for status in [*order, *order]:
            following = after_receipts(state, [status])
            assert following is state or following in TRANSITIONS[state]
            state = following
        assert state is expected


@given(st.sampled_from((*PENDING, SK)), st.lists(st.sampled_from(ReceiptStatus)))
def test_no_receipt_changes_what_was_not_sent(state: State, statuses: list[ReceiptStatus]) -> None:
    assert after_receipts(state, statuses) is state


@pytest.mark.parametrize(
    ("deliveries", "expected"),
    [
        ([Q], MessageState.QUEUED),
        ([SK, RT], MessageState.QUEUED),
        ([F, SE], MessageState.QUEUED),
        ([F, SENT, Q], MessageState.SENT),
        ([SENT, D], MessageState.DELIVERED),
        ([F, RE], MessageState.RETURNED),
        ([SK, F], MessageState.FAILED),
        ([SK, SK], MessageState.SKIPPED),
    ],
)
def test_the_best_delivery_counts(deliveries: list[State], expected: MessageState) -> None:
    for order in itertools.permutations(deliveries):
        assert message_state(order) is expected


def test_the_same_cause_gives_the_same_id() -> None:
    first = message_id("D-1", "received", "/motcua/intake#1")
    assert first == message_id("D-1", "received", "/motcua/intake#1")
    others = {
        message_id("D-2", "received", "1"),
        message_id("D-1", "obligation", "1"),
        message_id("D-1", "received", "2"),
    }
    assert len(others | {first}) == 4


def test_each_channel_of_a_message_has_its_own_id() -> None:
    ids = [
        delivery_id("m", "sms"),
        delivery_id("m", "email"),
        delivery_id("m", "sms", "corrected"),
        delivery_id("n", "sms"),
    ]
    assert len(set(ids)) == 4
    assert delivery_id("m", "sms") == ids[0]

"""The table of states."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.dossiers.domain import (
    IN_PROGRESS,
    PAYABLE,
    RESULT_EXISTS,
    TRANSITIONS,
    State,
    leads_to,
    may_follow,
    state_fields,
)

STATES = st.sampled_from(State)

ALLOWED = {
    (1, 2), (1, 3), (2, 4), (2, 7), (4, 5), (4, 6), (4, 7), (4, 8), (4, 9), (5, 4), (5, 7), (5, 8), (6, 4), (6, 7), (6, 8),
    (7, 8), (7, 9), (9, 10),
}  # fmt: skip


@pytest.mark.parametrize("now", State)
@pytest.mark.parametrize("new", State)
def test_exactly_these_transitions(now: State, new: State) -> None:
    assert may_follow(now, new) == ((int(now), int(new)) in ALLOWED)


def test_numbers_and_labels_are_those_of_the_portal() -> None:
    assert [int(state) for state in State] == list(range(1, 11))
    assert state_fields(State.RETURNED) == {
        "state": 10,
        "state_label": "Đã trả kết quả",
        "state_label_en": "Result returned",
    }
    assert len({state.vi for state in State}) == len({state.en for state in State}) == 10


def test_final_states() -> None:
    assert {state for state in State if state.final} == {State.REFUSED, State.STOPPED, State.RETURNED}
    assert not {state for state in IN_PROGRESS | PAYABLE if state.final} - {State.RETURNED}


@given(STATES, STATES)
def test_nothing_leads_out_of_a_final_state(now: State, new: State) -> None:
    if now.final:
        assert not leads_to(now, new)


@given(STATES, STATES, STATES)
def test_leads_to_is_transitive(first: State, second: State, third: State) -> None:
    if may_follow(first, second) and leads_to(second, third) and first is not third:
        assert leads_to(first, third)


@given(STATES)
def test_no_state_leads_to_itself(state: State) -> None:
    assert not leads_to(state, state)


def test_late_events_cannot_reopen_a_result() -> None:
    for state in (State.RECEIVED, State.PROCESSING, State.OBLIGATION_REQUESTED, State.RESOLVED):
        assert not leads_to(State.RESOLVED, state)
        assert not leads_to(State.STOPPED, state)
    assert leads_to(State.RECEIVED, State.RESOLVED)
    assert leads_to(State.OBLIGATION_REQUESTED, State.RESOLVED)


def test_a_withdrawal_ends_in_a_stop_or_an_earlier_result() -> None:
    assert {state for state in State if leads_to(State.WITHDRAWAL_REQUESTED, state)} == {
        State.STOPPED,
        State.RESOLVED,
        State.RETURNED,
    }


def test_payments_are_taken_while_in_progress_or_with_a_result() -> None:
    assert set(State) - PAYABLE == {
        State.REGISTERED,
        State.REFUSED,
        State.WITHDRAWAL_REQUESTED,
        State.STOPPED,
    }
    assert {State.RESOLVED, State.RETURNED} == RESULT_EXISTS == PAYABLE - IN_PROGRESS


def test_the_table_is_complete() -> None:
    assert set(TRANSITIONS) == set(State)

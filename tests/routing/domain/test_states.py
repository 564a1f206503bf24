"""The allowed changes of state."""

from __future__ import annotations

from itertools import product

import pytest

from services.routing.domain.states import (
    DOSSIER_MOVES,
    IN_HAND,
    TASK_MOVES,
    DossierState,
    IllegalMove,
    TaskState,
    check_dossier_move,
    check_task_move,
)

LEGAL_TASK = {
    ("open", "awaiting_payment"),
    ("open", "awaiting_sub"),
    ("open", "awaiting_supplement"),
    ("open", "done"),
    ("open", "cancelled"),
    ("awaiting_payment", "done"),
    ("awaiting_payment", "cancelled"),
    ("awaiting_sub", "done"),
    ("awaiting_sub", "cancelled"),
    ("awaiting_supplement", "open"),
    ("awaiting_supplement", "cancelled"),
}
LEGAL_DOSSIER = {
    ("active", "supplement"),
    ("active", "resolved"),
    ("active", "withdrawn"),
    ("active", "stopped"),
    ("supplement", "active"),
    ("supplement", "withdrawn"),
    ("supplement", "stopped"),
    ("resolved", "returned"),
}


@pytest.mark.parametrize(("before", "after"), list(product(TaskState, TaskState)))
def test_changes_of_a_steps_state(before: TaskState, after: TaskState) -> None:
    if (before, after) in LEGAL_TASK:
        check_task_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_task_move(before, after)


@pytest.mark.parametrize(("before", "after"), list(product(DossierState, DossierState)))
def test_changes_of_a_dossiers_state(before: DossierState, after: DossierState) -> None:
    if (before, after) in LEGAL_DOSSIER:
        check_dossier_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_dossier_move(before, after)


def test_no_other_change_of_state_is_allowed() -> None:
    assert set(TASK_MOVES) == set(TaskState)
    assert set(DOSSIER_MOVES) == set(DossierState)


@pytest.mark.parametrize("late", list(DossierState))
def test_a_late_message_cannot_reopen_a_final_dossier(late: DossierState) -> None:
    finals = {state for state in DossierState if state.final}
    assert finals == {"returned", "withdrawn", "stopped"}
    for final in finals:
        with pytest.raises(IllegalMove, match=f"cannot become {late} from {final}"):
            check_dossier_move(final, late)


@pytest.mark.parametrize("late", list(TaskState))
def test_a_late_message_cannot_reopen_a_final_step(late: TaskState) -> None:
    finals = {state for state in TaskState if state.final}
    assert finals == {"done", "cancelled"}
    for final in finals:
        with pytest.raises(IllegalMove):
            check_task_move(final, late)


def test_a_dossier_in_hand_has_no_result_and_can_still_be_stopped() -> None:
    assert {"active", "supplement"} == IN_HAND
    assert all(DossierState.STOPPED in DOSSIER_MOVES[state] for state in IN_HAND)

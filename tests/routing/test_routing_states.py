"""What may become what, who may do what, and that the store keeps to it."""

from __future__ import annotations

from itertools import product

import pytest

from services.routing import store
from services.routing.domain.duties import may_do
from services.routing.domain.states import (
    DOSSIER_MOVES,
    TASK_MOVES,
    DossierState,
    IllegalMove,
    TaskState,
    check_dossier_move,
    check_task_move,
)
from tests.routing.world import CODE, World

LEGAL_TASK = {("open", "awaiting_payment"), ("open", "done"), ("awaiting_payment", "done")}
LEGAL_DOSSIER = {("active", "resolved"), ("resolved", "returned")}


@pytest.mark.parametrize(("before", "after"), list(product(TaskState, TaskState)))
def test_a_steps_moves(before: TaskState, after: TaskState) -> None:
    if (before, after) in LEGAL_TASK:
        check_task_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_task_move(before, after)


@pytest.mark.parametrize(("before", "after"), list(product(DossierState, DossierState)))
def test_a_dossiers_moves(before: DossierState, after: DossierState) -> None:
    if (before, after) in LEGAL_DOSSIER:
        check_dossier_move(before, after)
    else:
        with pytest.raises(IllegalMove):
            check_dossier_move(before, after)


def test_the_tables_are_closed() -> None:
    assert set(TASK_MOVES) == set(TaskState)
    assert set(DOSSIER_MOVES) == set(DossierState)
    assert not TASK_MOVES[TaskState.DONE]
    assert not DOSSIER_MOVES[DossierState.RETURNED]


@pytest.mark.parametrize(
    ("role", "does"),
    [
        ("clerk", {"clerk"}),
        ("officer", {"clerk", "officer"}),
        ("leader", {"clerk", "officer", "leader"}),
        ("agency", {"clerk", "officer", "leader"}),
        ("citizen", set()),
        ("operator", set()),
    ],
)
def test_who_may_do_a_step(role: str, does: set[str]) -> None:
    assert {duty for duty in ("clerk", "officer", "leader") if may_do([role], duty)} == does


def test_the_highest_of_several_roles_counts() -> None:
    assert may_do(["citizen", "clerk", "leader"], "leader")
    assert not may_do([], "clerk")


def test_of_two_who_complete_a_step_one_succeeds(land: World) -> None:
    task = land.open_task()
    with land.store.uow() as work:
        assert store.move_task(work.connection, task.id, TaskState.OPEN, TaskState.DONE, outcome="completed")
        assert not store.move_task(work.connection, task.id, TaskState.OPEN, TaskState.DONE, outcome="no_tax")
    assert land.tasks()[0].outcome == "completed"


def test_the_store_refuses_an_illegal_move(land: World) -> None:
    with pytest.raises(IllegalMove), land.store.uow() as work:
        store.move_dossier(work.connection, CODE, DossierState.RETURNED, DossierState.ACTIVE)
    assert land.dossier().state == "active"

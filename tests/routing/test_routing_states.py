"""The store allows only the changes of state in the table."""

from __future__ import annotations

import pytest

from services.routing.domain.states import DossierState, IllegalMove, TaskState
from services.routing.store import dossiers, tasks
from tests.routing.service_fixture import CODE, RoutingFixture


def test_of_two_who_complete_a_step_only_one_succeeds(land: RoutingFixture) -> None:
    task = land.open_task()
    with land.store.uow() as work:
        assert tasks.move(work.connection, task.id, TaskState.OPEN, TaskState.DONE, outcome="completed")
        assert not tasks.move(work.connection, task.id, TaskState.OPEN, TaskState.DONE, outcome="no_tax")
    assert land.tasks()[0].outcome == "completed"


def test_the_store_refuses_an_illegal_change_of_state(land: RoutingFixture) -> None:
    with pytest.raises(IllegalMove), land.store.uow() as work:
        dossiers.move(work.connection, CODE, DossierState.RETURNED, DossierState.ACTIVE)
    assert land.dossier().state == "active"

"""Time triggers: late dossiers are found, once, and one broken dossier stops nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, text
from sqlalchemy.event import listens_for

from services.routing import store, sweeps
from services.routing.sweeps import OVERDUE, find_overdue, sweep_failures
from services.routing.tables import tasks
from services.routing.worker import WORK
from tests.routing.world import CODE, PROMISED, World

OTHERS = [f"000.00.14.H57-251120-020{number}" for number in range(5)]


def test_the_worker_sweeps_every_thirty_seconds() -> None:
    assert WORK.sweeps == (OVERDUE,)
    assert (OVERDUE.name, OVERDUE.every) == ("overdue", timedelta(seconds=30))


def test_a_late_dossier_is_announced_once(land: World) -> None:
    land.go_to(PROMISED)
    assert find_overdue(land.context) == 0
    land.pass_(timedelta(minutes=1))
    assert find_overdue(land.context) == 1
    land.pass_(timedelta(days=1))
    assert find_overdue(land.context) == 0
    (said,) = land.emitted("dossier.overdue")
    assert said.data == {
        "dossier": CODE,
        "due_at": "2025-12-02T17:30:00+07:00",
        "overdue_at": "2025-12-02T17:31:00+07:00",
        "agency": "H12.31.01",
        "step": "transfer",
    }
    assert land.dossier().overdue_at == PROMISED + timedelta(minutes=1)


def test_a_dossier_found_late_by_the_sweep_is_not_said_late_again_at_its_end(land: World) -> None:
    land.go_to(PROMISED + timedelta(minutes=1))
    find_overdue(land.context)
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    assert land.said("dossier.overdue") == ["dossier.overdue"]
    assert land.emitted("dossier.resolved")[0].data["on_time"] is False


def test_a_paused_dossier_cannot_become_late_and_is_due_later_afterwards(land: World) -> None:
    land.complete("transfer")
    land.complete("assessment")
    land.go_to(PROMISED + timedelta(days=60))
    assert find_overdue(land.context) == 0
    land.complete("tax")
    assert find_overdue(land.context) == 0
    land.go_to(land.dossier().due_at + timedelta(seconds=1))
    assert find_overdue(land.context) == 1


def test_a_resolved_dossier_is_left_alone(land: World) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    land.go_to(PROMISED + timedelta(days=1))
    assert find_overdue(land.context) == 0
    assert land.dossier().overdue_at is None


@pytest.mark.parametrize("page", [1, 2, 200])
def test_a_broken_dossier_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(sweeps, "PAGE", page)
    world.publish()
    for code in OTHERS:
        world.receive(code)
    broken = OTHERS[0], OTHERS[2]
    with world.store.uow() as work:
        work.execute(delete(tasks).where(tasks.c.dossier.in_(broken)))
    world.go_to(PROMISED + timedelta(minutes=1))
    failures = sweep_failures.labels("routing", "overdue")
    before = failures._value.get()
    assert find_overdue(world.context) == 3
    assert failures._value.get() - before == 2
    assert find_overdue(world.context) == 0  # the broken ones are tried again, and still found broken
    assert failures._value.get() - before == 4
    for code in OTHERS:
        assert len(world.emitted("dossier.overdue", code=code)) == (0 if code in broken else 1)


@pytest.mark.parametrize("after", [None, store.DueDossier(PROMISED, CODE)], ids=["first page", "next page"])
def test_the_sweeps_query_reads_only_its_own_index(land: World, after: store.DueDossier | None) -> None:
    seen: list[tuple[str, Any]] = []
    with land.store.read() as connection:

        @listens_for(connection, "before_cursor_execute")
        def see(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            seen.append((statement, parameters))

        store.due_dossiers(connection, PROMISED, after, 10)
        ((query, parameters),) = seen
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_seqscan = off"))  # a table of one row is read whole otherwise
            plan = connection.exec_driver_sql(f"EXPLAIN {query}", parameters).scalars().all()
        else:
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", parameters)]
    assert any("ix_dossier_overdue" in line for line in plan), plan
    assert not any("sort" in line.lower() or "temp b-tree" in line.lower() for line in plan), plan

"""Time triggers: late dossiers are found, once, and one that is broken stops no other."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.event import listens_for

from services.routing.commands import sweeps
from services.routing.commands.sweeps import DOSSIERS, STEPS, check_dossiers, check_tasks, sweep_failures
from services.routing.metrics import OVERDUE
from services.routing.store.due_checks import DueCheck, dossiers_due_for_check, tasks_due_for_check
from services.routing.store.tables import dossiers as dossier_table
from services.routing.store.tables import procedure_versions
from services.routing.store.tables import tasks as task_table
from services.routing.worker import WORKER
from tests.routing.service_fixture import CODE, PROMISED, THURSDAY, World, at

NEVER = at("1900-01-01 08:00")
"""No calendar knows this day."""
OTHERS = [f"000.00.14.H57-251120-020{number}" for number in range(5)]


def test_how_often_the_worker_sweeps() -> None:
    assert WORKER.sweeps == (DOSSIERS, STEPS, OVERDUE)
    assert [(sweep.name, sweep.every) for sweep in WORKER.sweeps] == [
        ("dossiers", timedelta(seconds=30)),
        ("steps", timedelta(seconds=30)),
        ("overdue", timedelta(minutes=1)),
    ]


def test_a_late_dossier_is_announced_once(land: World) -> None:
    land.go_to(PROMISED)
    check_dossiers(land.context)
    assert land.said("dossier.overdue") == []
    land.pass_(timedelta(minutes=1))
    assert check_dossiers(land.context) == 1
    land.pass_(timedelta(days=1))
    assert check_dossiers(land.context) == 1  # the centre's leader is told
    land.pass_(timedelta(days=30))
    assert check_dossiers(land.context) == 0
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
    check_dossiers(land.context)
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
    assert check_dossiers(land.context) == 0
    land.complete("tax")
    assert check_dossiers(land.context) == 0
    land.go_to(land.dossier().due_at + timedelta(seconds=1))
    assert check_dossiers(land.context) == 1


def test_a_resolved_dossier_is_left_alone(land: World) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    land.go_to(PROMISED + timedelta(days=1))
    assert check_dossiers(land.context) == 0
    assert land.dossier().overdue_at is None


def break_procedure(world: World, version: int) -> None:
    """The definition that some dossiers pin can no longer be read."""
    broken = update(procedure_versions).where(procedure_versions.c.version == version)
    with world.store.uow() as work:
        work.execute(broken.values(definition="{}", digest="lost"))


@pytest.mark.parametrize("page", [1, 2, 200])
def test_a_broken_dossier_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(sweeps, "PAGE", page)
    world.publish()
    for code in OTHERS:
        world.receive(code)
    lost = OTHERS[1], OTHERS[3], OTHERS[4]  # more than a page of two
    with world.store.uow() as work:
        work.execute(update(dossier_table).where(dossier_table.c.code.in_(lost)).values(received_at=NEVER))
    world.go_to(PROMISED + timedelta(minutes=1))
    failures = sweep_failures.labels("routing", "dossiers")
    before = failures._value.get()
    assert check_dossiers(world.context) == len(OTHERS) - len(lost)
    assert failures._value.get() - before == len(lost)
    assert check_dossiers(world.context) == 0  # the broken ones are tried again, and still found broken
    assert failures._value.get() - before == 2 * len(lost)
    for code in OTHERS:
        assert len(world.emitted("dossier.overdue", code=code)) == (0 if code in lost else 1)


def test_a_broken_step_stops_no_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE", 1)
    world.publish()
    world.publish(version=2)
    for code in OTHERS:
        world.receive(code, procedure_version=2 if code == OTHERS[0] else 1)
    break_procedure(world, version=2)
    world.go_to(THURSDAY + timedelta(days=1))
    failures = sweep_failures.labels("routing", "steps")
    before = failures._value.get()
    check_tasks(world.context)
    assert failures._value.get() - before == 1
    assert [len(world.emitted("step.overdue", code=code)) for code in OTHERS] == [0, 1, 1, 1, 1]


def test_an_active_dossier_that_stands_nowhere_is_left_to_people(sqlite_land: World) -> None:
    with sqlite_land.store.uow() as work:
        work.execute(delete(task_table))
    sqlite_land.go_to(PROMISED + timedelta(minutes=1))
    failures = sweep_failures.labels("routing", "dossiers")
    before = failures._value.get()
    assert check_dossiers(sqlite_land.context) == 0
    assert failures._value.get() - before == 1


Pages = Callable[[Connection, datetime, DueCheck | None, int], list[DueCheck]]


@pytest.mark.parametrize("after", [None, DueCheck(PROMISED, CODE)], ids=["first page", "next page"])
@pytest.mark.parametrize(
    ("pages", "index"),
    [(dossiers_due_for_check, "ix_dossier_next_check"), (tasks_due_for_check, "ix_task_next_check")],
    ids=["dossiers", "steps"],
)
def test_a_sweeps_query_reads_only_its_own_index(land: World, pages: Pages, index: str, after: DueCheck | None) -> None:
    seen: list[tuple[str, Any]] = []
    with land.store.read() as connection:

        @listens_for(connection, "before_cursor_execute")
        def see(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            seen.append((statement, parameters))

        pages(connection, PROMISED, after, 10)
        ((query, parameters),) = seen
        if connection.dialect.name == "postgresql":
            for way in ("seqscan", "bitmapscan"):  # a table of one row is read whole otherwise
                connection.execute(text(f"SET LOCAL enable_{way} = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {query}", parameters).scalars().all()
        else:
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", parameters)]
    assert any(index in line for line in plan), plan
    assert not any("sort" in line.lower() or "temp b-tree" in line.lower() for line in plan), plan

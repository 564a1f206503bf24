"""Sweeps: late dossiers are found once, and a broken one does not stop the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, delete, text, update
from sqlalchemy.event import listens_for

from services.routing.commands import sweeps
from services.routing.commands.sweeps import (
    check_dossiers,
    check_tasks,
)
from services.routing.store.due_checks import DueCheck, dossiers_due_for_check, tasks_due_for_check
from services.routing.store.tables import dossiers as dossier_table
from services.routing.store.tables import procedure_versions
from services.routing.store.tables import tasks as task_table
from services.routing.worker import WORKER
from shared.observability.metrics import sweep_failures
from tests.routing.service_fixture import CODE, PROMISED, THURSDAY, RoutingFixture, at

NEVER = at("1900-01-01 08:00")
"""No calendar knows this day."""
OTHERS = [f"000.00.14.H57-251120-020{number}" for number in range(5)]


def test_how_often_the_worker_sweeps() -> None:
    assert [(sweep.name, sweep.every) for sweep in WORKER.sweeps] == [
        ("dossiers", timedelta(seconds=30)),
        ("steps", timedelta(seconds=30)),
        ("applications", timedelta(seconds=30)),
        ("apologies", timedelta(seconds=30)),
        ("calendar", timedelta(hours=1)),
        ("decided", timedelta(hours=1)),
        ("overdue", timedelta(minutes=1)),
        ("applications waiting", timedelta(minutes=1)),
        ("apologies missing", timedelta(minutes=1)),
        ("agency steps", timedelta(minutes=1)),
        ("agency answers", timedelta(minutes=1)),
        ("ends of keys", timedelta(minutes=1)),
        ("queues of agencies", timedelta(minutes=1)),
        ("keys of agencies", timedelta(hours=1)),
        ("wrong keys of agencies", timedelta(hours=1)),
        ("calendar data", timedelta(days=1)),
        ("webhooks", timedelta(seconds=5)),
        ("agency backlog", timedelta(minutes=1)),
        ("old agency events", timedelta(hours=1)),
    ]


def test_a_late_dossier_is_announced_once(land: RoutingFixture) -> None:
    land.advance_to(PROMISED)
    check_dossiers(land.context)
    assert land.event_names("dossier.overdue") == []
    land.advance(timedelta(minutes=1))
    assert check_dossiers(land.context) == 1
    land.advance(timedelta(days=1))
    assert check_dossiers(land.context) == 1  # escalated to the centre's leader
    land.advance(timedelta(days=30))
    assert check_dossiers(land.context) == 0
    (emitted,) = land.emitted("dossier.overdue")
    assert emitted.data == {
        "dossier": CODE,
        "due_at": "2025-12-02T17:30:00+07:00",
        "overdue_at": "2025-12-02T17:30:00+07:00",
        "agency": "H12.31.01",
        "step": "transfer",
    }
    assert land.dossier().overdue_at == PROMISED


def test_a_dossier_marked_overdue_by_the_sweep_is_not_announced_again_at_its_end(land: RoutingFixture) -> None:
    land.advance_to(PROMISED + timedelta(minutes=1))
    check_dossiers(land.context)
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    assert land.event_names("dossier.overdue") == ["dossier.overdue"]
    assert land.emitted("dossier.resolved")[0].data["on_time"] is False


def test_a_paused_dossier_cannot_become_late_and_is_due_later_afterwards(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment")
    land.advance_to(PROMISED + timedelta(days=60))
    assert check_dossiers(land.context) == 0
    land.complete("tax")
    assert check_dossiers(land.context) == 0
    land.advance_to(land.dossier().due_at + timedelta(seconds=1))
    assert check_dossiers(land.context) == 1


def test_a_resolved_dossier_is_left_alone(land: RoutingFixture) -> None:
    land.complete("transfer")
    land.complete("assessment", "no_tax")
    for step in ("printing", "checking", "signing", "hand-over", "receive-result"):
        land.complete(step)
    land.advance_to(PROMISED + timedelta(days=1))
    assert check_dossiers(land.context) == 0
    assert land.dossier().overdue_at is None


def break_procedure(service: RoutingFixture, version: int) -> None:
    """The definition that some dossiers pin can no longer be read."""
    broken = update(procedure_versions).where(procedure_versions.c.version == version)
    with service.store.uow() as work:
        work.execute(broken.values(definition="{}", digest="lost"))


@pytest.mark.parametrize("page", [1, 2, 200])
def test_a_broken_dossier_stops_no_other(service: RoutingFixture, monkeypatch: pytest.MonkeyPatch, page: int) -> None:
    monkeypatch.setattr(sweeps, "PAGE", page)
    service.publish()
    for code in OTHERS:
        service.receive(code)
    lost = OTHERS[1], OTHERS[3], OTHERS[4]  # more than a page of two
    with service.store.uow() as work:
        work.execute(update(dossier_table).where(dossier_table.c.code.in_(lost)).values(received_at=NEVER))
    service.advance_to(PROMISED + timedelta(minutes=1))
    failures = sweep_failures.labels("routing", "dossiers")
    before = failures._value.get()
    assert check_dossiers(service.context) == len(OTHERS) - len(lost)
    assert failures._value.get() - before == len(lost)
    assert check_dossiers(service.context) == 0  # the broken ones are tried again, and still found broken
    assert failures._value.get() - before == 2 * len(lost)
    for code in OTHERS:
        assert len(service.emitted("dossier.overdue", code=code)) == (0 if code in lost else 1)


def test_a_broken_step_stops_no_other(service: RoutingFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeps, "PAGE", 1)
    service.publish()
    service.publish(version=2)
    for code in OTHERS:
        service.receive(code, procedure_version=2 if code == OTHERS[0] else 1)
    break_procedure(service, version=2)
    service.advance_to(THURSDAY + timedelta(days=1))
    failures = sweep_failures.labels("routing", "steps")
    before = failures._value.get()
    check_tasks(service.context)
    assert failures._value.get() - before == 1
    assert [len(service.emitted("step.overdue", code=code)) for code in OTHERS] == [0, 1, 1, 1, 1]


def test_an_active_dossier_without_an_open_step_is_counted_as_a_failure(sqlite_land: RoutingFixture) -> None:
    with sqlite_land.store.uow() as work:
        work.execute(delete(task_table))
    sqlite_land.advance_to(PROMISED + timedelta(minutes=1))
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
def test_a_sweep_query_uses_only_its_own_index(
    land: RoutingFixture, pages: Pages, index: str, after: DueCheck | None
) -> None:
    seen: list[tuple[str, Any]] = []
    with land.store.read() as connection:

        @listens_for(connection, "before_cursor_execute")
        def see(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
            seen.append((statement, parameters))

        pages(connection, PROMISED, after, 10)
        ((query, parameters),) = seen
        if connection.dialect.name == "postgresql":
            for scan in ("seqscan", "bitmapscan"):  # otherwise a table of one row is read whole
                connection.execute(text(f"SET LOCAL enable_{scan} = off"))
            plan = connection.exec_driver_sql(f"EXPLAIN {query}", parameters).scalars().all()
        else:
            plan = [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", parameters)]
    assert any(index in line for line in plan), plan
    assert not any("sort" in line.lower() or "temp b-tree" in line.lower() for line in plan), plan

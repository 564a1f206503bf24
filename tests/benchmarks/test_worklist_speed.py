"""Worklists of a large office: times of the tile counts and of a page, and that closed dossiers slow down neither."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from rich.console import Console
from sqlalchemy import text

from services.registry import find_service
from services.routing.queries.work_queues import all_queues
from services.routing.store import worklists
from services.routing.store.worklists import Viewer
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.runtime.clock import VIETNAM
from tests.support.postgres import PostgresServer

pytestmark = [pytest.mark.bench, pytest.mark.timeout(1800)]

FEW, MANY = 50_000, 2_500_000
UNITS = 250
OPEN_A_UNIT = 200
LARGE_UNIT_OPEN = 5_000
ROUNDS = 400
NOW = datetime(2025, 12, 1, 9, 0, tzinfo=VIETNAM)

_PROCEDURE = "INSERT INTO procedure_version (code, version, digest, definition) VALUES ('1.013831', 1, 'x', '{}')"
_DOSSIERS = """
INSERT INTO dossier (code, root, procedure, version, "case", chosen, field, receiving_agency, handling_agency, regulation,
    remote, received_at, promised_at, due_at, index_due_at, state, paused, supplements, escalation,
    control_sheet_entries, control_sheet_hash, next_check_at)
SELECT prefix || n, prefix || n, '1.013831', 1, 'transfer', '[]', 'land', unit, unit, 'nd118-2025',
    false, start, start + span, start + span, start + span, state, false, 0, 0, 3, repeat('0', 64),
    CASE WHEN state = 'active' THEN start + interval '7 days' END
FROM (SELECT n, CAST(:prefix AS varchar) AS prefix, CAST(:state AS varchar) AS state, 'U' || (n % :units) AS unit,
    :start - (n % 180) * interval '1 day' AS start, interval '8 days' AS span
    FROM generate_series(1, :count) AS n) AS made
"""
_TASKS = """
INSERT INTO task (id, dossier, root, kind, step, name, agency, official_role, state, counted, from_agency, desk,
    assigned_at, accepted_at, official, due_at, due_soon_at, completed_at, completed_by, outcome, on_time, escalation)
SELECT lpad(:offset + n || '', 12, '0') || prefix || part, prefix || n, prefix || n, 'step', 'step' || part,
    'Thẩm định hồ sơ', 'U' || ((n + part) % :units), CASE part WHEN 1 THEN 'officer' ELSE 'leader' END, state, true,
    'U' || (n % :units), 'U' || (n % :units), at, at, CASE WHEN n % 3 = 0 THEN 'official-' || n % 40 END, at + interval '1 day',
    CASE WHEN n % 5 = 0 THEN at END, CASE WHEN state = 'done' THEN at + interval '5 hours' END, 'official-7', 'completed',
    true, CASE WHEN n % 50 = 0 THEN 1 ELSE 0 END
FROM (SELECT n, part, CAST(:prefix AS varchar) AS prefix, CAST(:state AS varchar) AS state,
    :start - (n % 180) * interval '1 day' + (n % 600) * interval '1 minute' AS at
    FROM generate_series(1, :count) AS n, generate_series(1, :parts) AS part) AS made
"""


def fill(
    store: Store, prefix: str, state: str, task_state: str, count: int, units: int, parts: int, start: datetime
) -> None:
    """Creates dossiers with their steps, distributed over units and days."""
    common = {"prefix": prefix, "count": count, "units": units, "start": start}
    with store.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text(_DOSSIERS), {**common, "state": state})
        offset = 10_000_000 if task_state == "open" else 0
        connection.execute(text(_TASKS), {**common, "state": task_state, "parts": parts, "offset": offset})


def viewer(unit: str) -> Viewer:
    """A leader of a unit."""
    own = frozenset({unit})
    return Viewer("official-3", frozenset({"official-3"}), own, own, own, own, own, NOW)


def times(act: Callable[[str], object], units: list[str]) -> tuple[float, float]:
    """Median and 99th percentile of an action over some units, in milliseconds, after one warm-up for each unit."""
    for unit in units:
        act(unit)  # warm-up: the database's cache is still empty
    taken = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        act(units[number % len(units)])
        taken.append((time.perf_counter() - started) * 1000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.99)]


def measured(store: Store) -> dict[str, tuple[float, float]]:
    """Times of tiles and pages, for ordinary units and for the largest one."""
    ordinary = [f"U{number}" for number in range(1, UNITS)]

    def tiles(unit: str) -> None:
        with store.read() as connection:
            worklists.counts(connection, all_queues(), viewer(unit))

    def page(unit: str) -> None:
        unit_queue = next(queue for queue in all_queues() if queue.id == "unit")
        with store.read() as connection:
            worklists.page(connection, unit_queue, viewer(unit), "", None, 51)

    return {
        "tiles": times(tiles, ordinary),
        "page": times(page, ordinary),
        "tiles, largest unit": times(tiles, ["LARGE"]),
        "page, largest unit": times(page, ["LARGE"]),
    }


def test_worklists_do_not_grow_with_closed_dossiers(postgres: PostgresServer) -> None:
    store = Store(postgres.create_database(), "routing", pool=2)
    migrate(store.engine, find_service("routing").migrations().location)
    with store.engine.begin() as connection:
        connection.execute(text(_PROCEDURE))
    fill(store, "O", "active", "open", UNITS * OPEN_A_UNIT, UNITS, 1, NOW - timedelta(days=1))
    fill(store, "L", "active", "open", LARGE_UNIT_OPEN, 1, 1, NOW - timedelta(days=1))
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE task SET agency = 'LARGE' WHERE dossier LIKE 'L%'"))
    found = {}
    closed = 0
    for total in (FEW, MANY):
        fill(store, f"C{total}-", "returned", "done", total - closed, UNITS, 2, NOW - timedelta(days=20))
        closed = total
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SET statement_timeout = 0"))
            connection.execute(text("VACUUM ANALYZE"))
        found[total] = measured(store)
    console = Console(width=120)
    for name, (median, worst) in found[MANY].items():
        before = found[FEW][name]
        console.print(
            f"worklist {name}: {MANY:,} closed dossiers p50 {median:.1f} ms, p99 {worst:.1f} ms (goal 50); "
            f"{FEW:,}: p50 {before[0]:.1f}, p99 {before[1]:.1f}; ratio of p50 {median / before[0]:.2f}"
        )
    store.close()

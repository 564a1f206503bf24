"""Numbers and lists of a province: times at 2.5 million dossiers and at 25,000, and how fast the projection applies events."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Connection, text

from services.operations import stats as operations
from services.registry import find_service
from services.stats.facts.subjects import prepare
from services.stats.handlers import HANDLERS
from services.stats.measures.cursors import written_cursor
from services.stats.measures.domain import Period
from services.stats.measures.lists import list_codes
from services.stats.measures.queries import Scope, count_measures
from services.stats.measures.series import count_by
from services.stats.measures.summary import summarise
from services.stats.totals.tables import DOSSIERS, TOTALS
from services.stats.totals.writing import FOLD_FROM
from shared.messaging.apply import Applier, Handler, Prepare
from shared.messaging.event import Event
from shared.messaging.worker import BATCH
from shared.persistence.migrations import migrate
from shared.persistence.store import Store
from shared.runtime.clock import VIETNAM
from tests.benchmarks.stats_fill import write_totals
from tests.benchmarks.test_bus_speed import count_one
from tests.support.events import deliveries, event
from tests.support.postgres import PostgresServer
from tests.support.stores import bus_store, effects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(7200)]

FEW, MANY = 25_000, int(os.environ.get("MOTCUA_BENCH_DOSSIERS", "2500000"))
DAYS, AGENCIES, PROCEDURES, FIELDS, DEPARTMENTS = 184, 300, 120, 12, 20
START = date(2025, 6, 2)
NOW = datetime.combine(START + timedelta(days=DAYS), datetime.min.time(), VIETNAM) - timedelta(minutes=1)
ROUNDS = 200
GOAL_MS, GOAL_RATIO, GOAL_PROJECTION = 50.0, 1.3, 0.5

_DOSSIERS = """
INSERT INTO dossier (code, agency, handling_agency, field, procedure, "case", channel, regulation, fee, received_at,
    promised_at, due_at, overdue_at, late_at, resolved_at, outcome, on_time, index_on_time, early, supplement_requested_at,
    supplemented_at, stopped_at, stop_cause, stopped_on_time, returned_at, return_method, published_at, handling_at, paid_at,
    ended_at)
SELECT code, agency, handling, 'field' || procedure % :fields, 'procedure' || procedure, 'case', channel, 'nd118-2025', 0,
    received, due, due, CASE WHEN late AND now > due THEN due END,
    CASE WHEN late AND now > due THEN due END,
    CASE WHEN NOT stopped AND ended < now THEN ended END, CASE WHEN NOT stopped AND ended < now THEN 'completed' END,
    CASE WHEN NOT stopped AND ended < now THEN NOT late END, CASE WHEN NOT stopped AND ended < now THEN NOT late END,
    CASE WHEN NOT stopped AND ended < now THEN NOT late AND dice % 2 = 0 END,
    CASE WHEN dice % 10 = 3 THEN received + interval '1 day' END,
    CASE WHEN dice % 10 = 3 AND dice % 7 > 0 THEN received + interval '3 days' END,
    CASE WHEN stopped AND ended < now THEN ended END, CASE WHEN stopped AND ended < now THEN 'withdrawn' END,
    CASE WHEN stopped AND ended < now THEN NOT late END,
    CASE WHEN NOT stopped AND ended + interval '1 day' < now THEN ended + interval '1 day' END,
    CASE WHEN NOT stopped AND ended + interval '1 day' < now THEN
        (ARRAY['counter', 'electronic', 'post'])[1 + dice % 3] END,
    CASE WHEN dice % 4 = 0 AND NOT stopped AND ended < now THEN ended END,
    received + interval '1 hour', CASE WHEN dice % 3 = 0 THEN received END,
    CASE WHEN ended < now THEN ended ELSE '9999-01-01T00:00:00Z'::timestamptz END
FROM (SELECT 'D' || lpad(n::text, 9, '0') AS code, 'A' || lpad((a % :agencies)::text, 3, '0') AS agency,
        CASE WHEN p % 3 = 0 THEN 'H' || a % :departments ELSE 'A' || lpad((a % :agencies)::text, 3, '0') END AS handling,
        p AS procedure, (ARRAY['counter', 'counter', 'online', 'online', 'post'])[1 + dice % 5] AS channel, received,
        received + interval '10 days' AS due, received + ends * interval '1 hour' AS ended, ends > 240 AS late,
        dice % 50 = 1 AS stopped, dice, CAST(:now AS timestamptz) AS now
    FROM (SELECT n, abs(hashint4(n)) AS a, abs(hashint4(n + 7000000)) AS dice,
            floor(:procedures * power(abs(hashint4(n + 90000000)) % 100000 / 100000.0, 2))::int AS p,
            24 + abs(hashint4(n + 50000000)) % 223 AS ends,
            CAST(:start AS timestamptz) + (abs(hashint4(n + 30000000)) % :days) * interval '1 day'
                + (7 + abs(hashint4(n + 40000000)) % 10) * interval '1 hour' AS received
        FROM generate_series(CAST(:first AS integer), CAST(:last AS integer)) AS n) AS drawn) AS made
"""
_STEPS = """
INSERT INTO step (task, dossier, step, agency, outcome, counted, assigned_at, completed_at, on_time)
SELECT code || '-1', code, 'decide', handling_agency, 'done', true, received_at, resolved_at, on_time FROM dossier
WHERE resolved_at IS NOT NULL AND code BETWEEN :low AND :high
"""
_PAYMENTS = """
INSERT INTO payment (payment, dossier, amount, online, paid_at)
SELECT code || '-p', code, 50000, true, paid_at FROM dossier WHERE paid_at IS NOT NULL AND code BETWEEN :low AND :high
"""


@pytest.fixture(scope="module")
def database(postgres: PostgresServer) -> Callable[[], str]:
    """Makes empty databases."""
    return postgres.create_database


def fill(store: Store, first: int, last: int) -> None:
    """Adds dossiers, a step and for some a payment of each, and the totals as the product counts them from the facts."""
    with store.engine.begin() as connection:
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        values: dict[str, object] = {
            "first": first,
            "last": last,
            "agencies": AGENCIES,
            "departments": DEPARTMENTS,
            "fields": FIELDS,
        }
        values |= {"procedures": PROCEDURES, "days": DAYS, "now": NOW}
        midnight = datetime.combine(START, datetime.min.time(), VIETNAM)
        connection.execute(text(_DOSSIERS), values | {"start": midnight})
        for statement in (_STEPS, _PAYMENTS):
            connection.execute(text(statement), {"low": f"D{first:09}", "high": f"D{last:09}"})
    write_totals(store)
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))


def _leave_unfolded(store: Store, first: int) -> None:
    """Applies events of some more dossiers, and leaves about as many differences unfolded as there ever are."""
    applier, waiting = Applier(store, HANDLERS, prepare=prepare), 0
    events = iter(stream(3000, first))
    while waiting < FOLD_FROM * 0.85:
        applier.apply(deliveries(*islice(events, BATCH)))
        with store.read() as connection:
            waiting = connection.execute(text(f"SELECT count(*) FROM {DOSSIERS.changes.name}")).scalar_one()


ALL = frozenset([*(f"A{number:03}" for number in range(AGENCIES)), *(f"H{number}" for number in range(DEPARTMENTS))])
UNIT = frozenset(f"A{number:03}" for number in range(40, 48))
HALF_YEAR = Period(START, START + timedelta(days=DAYS - 1))
MONTH = Period(START + timedelta(days=60), START + timedelta(days=90))
DAY = Period(START + timedelta(days=100), START + timedelta(days=100))


def scopes() -> dict[str, Scope]:
    """What is asked for."""
    return {
        "half a year, operator": Scope(HALF_YEAR, NOW, {}),
        "half a year, leader of the province": Scope(HALF_YEAR, NOW, {}, ALL),
        "half a year, leader of a unit": Scope(HALF_YEAR, NOW, {}, UNIT),
        "half a year, a procedure": Scope(HALF_YEAR, NOW, {"procedure": "procedure7"}),
        "one day": Scope(DAY, NOW, {}),
        "an agency's month": Scope(MONTH, NOW, {"agency": "A123"}),
    }


def questions() -> dict[str, Callable[[Connection], object]]:
    """Name → what is measured."""
    found: dict[str, Callable[[Connection], object]] = {}
    for name, scope in scopes().items():
        found[f"measures, {name}"] = lambda connection, scope=scope: count_measures(connection, scope)  # type: ignore[misc]
        if name in ("half a year, operator", "one day", "an agency's month"):
            found[f"summary, {name}"] = lambda connection, scope=scope: summarise(connection, scope)  # type: ignore[misc]
    half_year, unit = scopes()["half a year, operator"], scopes()["half a year, leader of a unit"]
    for by in ("day", "month", "agency", "field", "procedure"):
        found[f"series by {by}, operator"] = lambda connection, by=by: count_by(connection, half_year, by)  # type: ignore[misc]
    for by in ("day", "agency", "field"):
        found[f"series by {by}, leader of a unit"] = lambda connection, by=by: count_by(connection, unit, by)  # type: ignore[misc]
    return found


def lists(connection: Connection) -> dict[str, Callable[[Connection], object]]:
    """Name → the page that is measured: the first, and one far on."""
    half_year, unit = scopes()["half a year, operator"], scopes()["half a year, leader of a unit"]
    rare = Scope(HALF_YEAR, NOW, {"procedure": "procedure119", "channel": "post"})
    past = Scope(Period(START, START + timedelta(days=60)), NOW, {})
    found: dict[str, Callable[[Connection], object]] = {}
    for name, measure, scope, deep in (
        ("received, operator", "received", half_year, "2025-10-01"),
        ("received, leader of a unit", "received", unit, "2025-10-01"),
        ("stopped late, operator", "stopped_late", half_year, "2025-10-01"),
        ("received, a rare procedure by post", "received", rare, "2025-10-01"),
        ("in progress, operator", "in_progress", half_year, "A250"),
        ("in progress two months after the start", "in_progress", past, "A250"),
        ("overdue now, leader of a unit", "in_progress_overdue", unit, "A045"),
        ("in progress, a rare procedure by post", "in_progress", rare, "A250"),
    ):
        position = (deep, "A150", "") if deep.startswith("2") else ("", deep, "")
        for place, after in (("first page", ""), ("deep page", written_cursor(*position))):

            def page(
                connection: Connection, measure: str = measure, scope: Scope = scope, after: str = after
            ) -> object:
                return list_codes(connection, measure, scope, after, 100)

            found[f"list {name}, {place}"] = page
    return found


def measured(store: Store) -> dict[str, tuple[float, float]]:
    """Name → p50 and p99 in milliseconds."""
    found = {}
    with store.read() as connection:
        for name, ask in (questions() | lists(connection)).items():
            for _ in range(6):  # the driver prepares a statement at its sixth use
                ask(connection)
            slow = time.perf_counter()
            ask(connection)
            rounds = ROUNDS if time.perf_counter() - slow < 0.1 else 10
            times = []
            for _ in range(rounds):
                begun = time.perf_counter()
                ask(connection)
                times.append((time.perf_counter() - begun) * 1000)
            found[name] = (statistics.median(times), sorted(times)[max(int(rounds * 0.99) - 1, 0)])
    return found


def test_numbers_do_not_grow_with_dossiers(database: Callable[[], str]) -> None:
    store = Store(database(), "stats", pool=2)
    migrate(store.engine, find_service("stats").migrations().location)
    console, found, known = Console(width=140), {}, 0
    for count in (FEW, MANY):
        begun = time.perf_counter()
        fill(store, known + 1, count)
        known = count
        console.print(f"{count:,} dossiers and their totals in {time.perf_counter() - begun:.0f} s")
        if count == FEW:
            assert operations.verify_totals(store) == []
        _leave_unfolded(store, count)
        found[count] = measured(store)
    with store.read() as connection:
        for table in ("dossier", *(total.name for total in TOTALS)):
            size = connection.execute(text(f"SELECT pg_total_relation_size('{table}')")).scalar_one()
            console.print(f"{table}: {size / 1e6:,.0f} MB")
    for name, (median, worst) in found[MANY].items():
        before = found[FEW][name]
        good = worst <= GOAL_MS and (median <= before[0] * GOAL_RATIO or median < 5)
        console.print(
            f"{'' if good else 'ABOVE '}{name}: {MANY:,} p50 {median:.1f} ms, p99 {worst:.1f} ms (goal {GOAL_MS:.0f}); "
            f"{FEW:,}: p50 {before[0]:.1f}, p99 {before[1]:.1f}; ratio of p50 {median / before[0]:.2f} (goal {GOAL_RATIO})"
        )
    store.close()


def stream(dossiers: int, first: int = 0) -> list[Event]:
    """The events of dossiers in the order in which they would come: all receipts of some hundred, then their next steps."""
    found = []
    for begin in range(first, first + dossiers, 300):
        for step in range(6):
            for number in range(begin, min(begin + 300, first + dossiers)):
                found.append(_event(number, step))
    return found


def _event(number: int, step: int) -> Event:
    code = f"D{number:07}"
    agency = f"A{number % AGENCIES:03}"
    procedure = number * number % PROCEDURES
    at = datetime.combine(START, datetime.min.time(), VIETNAM) + timedelta(days=number // 3000 % DAYS + step, hours=8)
    about = {"dossier": code, "procedure": f"procedure{procedure}", "field": f"field{procedure % FIELDS}"}
    if step == 0:
        promised = at + timedelta(days=10)
        times = {"received_at": at.isoformat(), "promised_at": promised.isoformat()}
        return event("dossier.received", 1, at, None, **about, receiving_agency=agency, **times)
    if step == 1:
        return event(
            "step.assigned", 1, at, dossier=code, task=f"{code}-1", assigned_at=at.isoformat(), handling_agency=agency
        )
    if step == 2:
        return event("fee.paid", 2, at, dossier=code, payment=f"{code}-p", paid_at=at.isoformat())
    if step == 3:
        times = {"assigned_at": at.isoformat(), "completed_at": at.isoformat()}
        return event("step.completed", 2, at, dossier=code, task=f"{code}-1", agency=agency, **times)
    if step == 4:
        return event("dossier.resolved", 3, at, dossier=code, agency=agency, resolved_at=at.isoformat())
    return event("dossier.returned", 4, at, None, **about, receiving_agency=agency, returned_at=at.isoformat())


def events_per_second(
    store: Store, handlers: dict[str, Handler], prepare: Prepare | None, events: list[Event]
) -> float:
    """The speed of the worker: batches as the transport would give them, each committed."""
    applier = Applier(store, handlers, prepare=prepare)
    batches = [deliveries(*events[begin : begin + BATCH]) for begin in range(0, len(events), BATCH)]
    for batch in batches[:3]:
        assert applier.apply(batch).applied == len(batch)
    begun = time.perf_counter()
    for batch in batches[3:]:
        assert applier.apply(batch).applied == len(batch)
    return sum(map(len, batches[3:])) / (time.perf_counter() - begun)


def test_the_projection_is_at_least_half_as_fast_as_the_worker(database: Callable[[], str], tmp_path: Path) -> None:
    dossiers = 3000
    worker = bus_store(database(), "stats")
    with worker.uow() as work:
        rows = [{"event_id": f"D{n:07}", "key": "", "sequence": 0, "times": 0, "place": 0} for n in range(dossiers)]
        work.execute(effects.insert(), rows)
    plain = [_event(number, 0) for number in range(dossiers)]
    bare = events_per_second(worker, {"dossier.received": count_one}, None, plain)
    worker.close()
    store = Store(database(), "stats", pool=2)
    migrate(store.engine, find_service("stats").migrations().location)
    speed = events_per_second(store, HANDLERS, prepare, stream(dossiers))
    assert operations.verify_totals(store) == []
    store.close()
    Console(width=140).print(
        f"projection {speed:,.0f} events/s, worker {bare:,.0f}: ratio {speed / bare:.2f} (goal {GOAL_PROJECTION})"
    )

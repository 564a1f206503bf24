"""How much 1, 2 and 4 web processes accept, and 1, 2 and 4 worker processes apply, on this machine. Printed, never asserted."""

from __future__ import annotations

import multiprocessing
import os
import time
import uuid
from collections.abc import Sequence
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import func, select

from shared.contracts import REGISTRY
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Consumer
from shared.messaging.rabbitmq import RabbitMqBus
from shared.messaging.topology import Generation
from shared.messaging.worker import Worker
from tests.benchmarks.load import post
from tests.benchmarks.test_bus_speed import EVENTS, KEYS, TOPOLOGY, count_one
from tests.benchmarks.test_intake_speed import accepted, desks, intake
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.stores import bus_store, effects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

PROCESSES = (1, 2, 4)
SECONDS = 6
ROUNDS = 3
STANDARD_DAY = 8 * 3600


def show(what: str, found: dict[int, float]) -> None:
    """Prints one row of the table."""
    cores = os.cpu_count()
    each = "  ".join(f"{count}: {rate:,.0f}/s (×{rate / found[1]:.2f})" for count, rate in found.items())
    Console().print(f"{what} by number of processes, load and servers on the same {cores} cores: {each}")


def test_web_processes(postgres: PostgresServer, tmp_path: Path) -> None:
    found = {}
    for count in PROCESSES:
        url, folder = postgres.create_database(), tmp_path / str(count)
        folder.mkdir()
        with intake(url, folder, count) as (address, environ):
            bodies, tokens = desks(environ)
            rounds = [
                post(address, "/intake/api/dossiers", bodies, tokens, folder, f"web{count}-{number}", SECONDS)
                for number in range(ROUNDS)
            ]
        assert sum(load.refused for load in rounds) == 0
        stored, different, used = accepted(url)
        assert stored == different == used > 0
        found[count] = max(load.per_second for load in rounds)
        postgres.drop_database(url)
    show("accepted filings", found)
    day = found[1] * STANDARD_DAY
    Console().print(
        f"one web process for eight hours: {day:,.0f} filings, {day / 20_000:,.0f} times a metropolis of 20,000 a day"
    )


def test_worker_processes(rabbit: RabbitServer, postgres: PostgresServer) -> None:
    found = {}
    for count in PROCESSES:
        rates = []
        for _ in range(ROUNDS):
            vhost, database = rabbit.create_vhost(), postgres.create_database()
            rates.append(EVENTS / _apply(count, vhost, database))
            rabbit.delete_vhost(vhost)
            postgres.drop_database(database)
        found[count] = max(rates)
    show("applied events (one UPDATE, inbox, outbox)", found)


def _apply(count: int, vhost: str, database: str) -> float:
    """Seconds in which so many processes, each with its partition, apply all events; from one queue if it is one process."""
    bus, store = RabbitMqBus(vhost, "bench"), bus_store(database, "stats")
    bus.declare(TOPOLOGY)
    generation = Generation("stats", 1, count)
    if count > 1:
        bus.partitions("stats").route(lambda: [Generation("stats"), generation], lambda _: None)
    with store.uow() as unit:
        rows = [{"event_id": f"D{n}", "key": "", "sequence": 0, "times": 0, "place": 0} for n in range(KEYS)]
        unit.execute(effects.insert(), rows)
    _publish(bus)
    store.close()
    context = multiprocessing.get_context("spawn")
    done, ready = context.Value("i", 0), context.Barrier(count + 1)
    processes = [
        context.Process(target=_work, args=(vhost, database, count, index, done, ready)) for index in range(count)
    ]
    for process in processes:
        process.start()
    ready.wait(60)
    started = time.perf_counter()
    while done.value < EVENTS:
        time.sleep(0.002)
    seconds = time.perf_counter() - started
    for process in processes:
        process.join(60)
    with store.read() as connection:
        assert connection.execute(select(func.sum(effects.c.times))).scalar_one() == EVENTS
    store.close()
    return seconds


def _publish(bus: RabbitMqBus) -> None:
    entry = REGISTRY.by_name["dossier.received"]
    received_at = entry.schema.load(entry.example)["received_at"]
    publisher = bus.publisher()
    for begin in range(0, EVENTS, 1000):
        rows = []
        for n in range(begin, begin + 1000):
            key = f"D{n % KEYS}"
            data = dict(entry.example) | {"dossier": key}
            event = Event(uuid.uuid4().hex, "/motcua/intake", entry.type, received_at, key, n // KEYS + 1, data)
            route = ("motcua.stats", "")
            rows.append(OutboxRow(n, event.id, event.type, key, event.to_json().decode(), "", route))
        assert len(publisher.publish(rows).confirmed) == len(rows)
    publisher.close()


def _work(vhost: str, database: str, count: int, index: int, done: Synchronized[int], ready: Barrier) -> None:
    """One worker process: its partition, until all events are applied by anybody."""
    bus, store = RabbitMqBus(vhost, "bench"), bus_store(database, "stats")
    generation = Generation("stats", 1, count)
    queues: Sequence[str] = generation.queue_names[index : index + 1] if count > 1 else ()
    applier = Applier(store, {"dossier.received": count_one})

    def connect() -> Consumer:
        return bus.consumer("stats", TOPOLOGY, generation if queues else None, queues)

    with store.read() as connection:
        connection.execute(select(func.count()).select_from(effects))
    worker = Worker("stats", bus, TOPOLOGY, applier.apply, connect)
    ready.wait(60)
    while done.value < EVENTS:
        step = worker.step()
        with done.get_lock():
            done.value += step
    worker.close()
    store.close()

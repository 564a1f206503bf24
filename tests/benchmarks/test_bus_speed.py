"""Relay and worker compared with raw pika and psycopg, in the same run. A slow result is printed, it does not fail."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable

import pytest
from rich.console import Console
from sqlalchemy import bindparam, func, select, update

from shared.contracts import REGISTRY, platform_topology
from shared.messaging.apply import Applier
from shared.messaging.event import Event
from shared.messaging.lease import Lease, open_locks
from shared.messaging.outbox import backlog
from shared.messaging.relay import Relay
from shared.messaging.tables import outbox
from shared.messaging.transports import open_bus
from shared.messaging.worker import Worker
from shared.persistence.store import Store
from shared.persistence.unit_of_work import UnitOfWork
from tests.benchmarks.raw import best, consume_and_insert, plain_dsn, publish_pipelined
from tests.support.postgres import PostgresServer
from tests.support.rabbitmq import RabbitServer
from tests.support.stores import bus_store, effects

pytestmark = [pytest.mark.bench, pytest.mark.timeout(600)]

EVENTS = 20_000
KEYS = 500
RUNS = 3
TOPOLOGY = platform_topology()


def show(what: str, ours: float, limit: float, goal: float) -> None:
    Console().print(
        f"{what}: {EVENTS / ours:,.0f}/s, limit {EVENTS / limit:,.0f}/s, ratio {limit / ours:.2f} (goal ≥ {goal})"
    )


def fill_outbox(store: Store, name: str) -> None:
    entry = REGISTRY.by_name[name]
    data = entry.schema.load(entry.example)
    for start in range(0, EVENTS, 1000):
        with store.uow() as unit:
            for number in range(start, start + 1000):
                unit.emit(name, {**data, "dossier": f"D{number % KEYS}"})


def bodies(store: Store) -> list[bytes]:
    with store.read() as connection:
        return [body.encode() for body in connection.execute(select(outbox.c.body).order_by(outbox.c.id)).scalars()]


def relay_all(store: Store, url: str) -> float:
    bus = open_bus(url, "bench")
    bus.declare(TOPOLOGY)
    relay = Relay(store, bus, Lease(open_locks(store.engine, "bench", 60.0), "relay"))
    relay.step()  # connects
    left = EVENTS - 1000
    started = time.perf_counter()
    while left:
        left -= relay.step()
    seconds = (time.perf_counter() - started) * EVENTS / (EVENTS - 1000)
    relay.close()
    with store.read() as connection:
        assert backlog(connection)[0] == 0
    return seconds


COUNT = update(effects).where(effects.c.event_id == bindparam("of")).values(times=effects.c.times + 1)


def count_one(received: Event, work: UnitOfWork) -> None:
    """The handler of the speed goal: one UPDATE and one event."""
    work.defer(COUNT, {"of": received.key})
    work.emit("rating.given", RATING | {"dossier": received.key})


RATING = REGISTRY.by_name["rating.given"].schema.load(REGISTRY.by_name["rating.given"].example)


def apply_all(store: Store, url: str) -> float:
    bus = open_bus(url, "bench")
    worker = Worker("stats", bus, TOPOLOGY, Applier(store, {"dossier.received": count_one}).apply)
    done = 0
    started = time.perf_counter()
    while done < EVENTS:
        done += worker.step()
    seconds = time.perf_counter() - started
    worker.close()
    with store.read() as connection:
        assert connection.execute(select(func.sum(effects.c.times))).scalar_one() == EVENTS
        assert connection.execute(select(func.count()).select_from(outbox)).scalar_one() == EVENTS
    return seconds


def on_new_servers(
    rabbit: RabbitServer, postgres: PostgresServer, measure: Callable[[str, str], float]
) -> Callable[[], float]:
    """A measurement that gets a new virtual host and a new database each time."""

    def run() -> float:
        vhost, database = rabbit.create_vhost(), postgres.create_database()
        try:
            return measure(vhost, database)
        finally:
            rabbit.delete_vhost(vhost)
            postgres.drop_database(database)

    return run


def raw_queue(url: str) -> str:
    """The queue of stats, which gets all messages of the benchmark."""
    open_bus(url, "bench").declare(TOPOLOGY)
    return "motcua.stats"


def test_relay(rabbit: RabbitServer, postgres: PostgresServer) -> None:
    def ours(vhost: str, database: str) -> float:
        store = bus_store(database, "intake")
        fill_outbox(store, "rating.given")  # one subscriber, because the raw publisher has one queue
        seconds = relay_all(store, vhost)
        store.close()
        return seconds

    def raw(vhost: str, database: str) -> float:
        store = bus_store(database, "intake")
        fill_outbox(store, "rating.given")
        seconds = publish_pipelined(vhost, raw_queue(vhost), bodies(store))
        store.close()
        return seconds

    limit, got = best(RUNS, on_new_servers(rabbit, postgres, raw)), best(RUNS, on_new_servers(rabbit, postgres, ours))
    show("relay, events published and confirmed", got, limit, 0.5)


def test_worker(rabbit: RabbitServer, postgres: PostgresServer) -> None:
    entry = REGISTRY.by_name["dossier.received"]
    events = [
        Event(
            uuid.uuid4().hex,
            "/motcua/intake",
            entry.type,
            entry.schema.load(entry.example)["received_at"],
            f"D{n % KEYS}",
            n // KEYS + 1,
            entry.example | {"dossier": f"D{n % KEYS}"},
        ).to_json()
        for n in range(EVENTS)
    ]

    def ours(vhost: str, database: str) -> float:
        store = bus_store(database, "stats")
        with store.uow() as unit:
            unit.execute(
                effects.insert(),
                [{"event_id": f"D{n}", "key": "", "sequence": 0, "times": 0, "place": 0} for n in range(KEYS)],
            )
        publish_pipelined(vhost, raw_queue(vhost), events)
        seconds = apply_all(store, vhost)
        store.close()
        return seconds

    def raw(vhost: str, database: str) -> float:
        queue = raw_queue(vhost)
        publish_pipelined(vhost, queue, events)
        return consume_and_insert(vhost, queue, EVENTS, plain_dsn(database))

    limit, got = best(RUNS, on_new_servers(rabbit, postgres, raw)), best(RUNS, on_new_servers(rabbit, postgres, ours))
    show("worker, events applied (UPDATE, inbox, outbox)", got, limit, 0.4)

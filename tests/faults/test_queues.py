"""Queues that are full and events that cannot be understood: refused, kept, shown, and taken up again by a person's word."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from sqlalchemy import delete, insert, select

from services.routing.store import tables as routing
from shared.catalogue import load_builtin
from shared.contracts import REGISTRY, platform_topology
from shared.messaging import outbox, retry_queue
from shared.messaging.event import Event, new_id
from shared.messaging.lease import Lease
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, PublishResult
from shared.messaging.relay import Relay
from shared.messaging.topology import Subscription, Topology
from shared.messaging.transports import open_bus
from shared.runtime.clock import Clock
from tests.faults.courier_fixture import file, finish
from tests.faults.delivery_audit import leftovers
from tests.faults.load_and_kill import balanced
from tests.support.platform import APART, COMPACT, Backends, Running, fresh_backends
from tests.support.postgres import PostgresServer
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of
from tests.support.stores import HandClock, bus_store


@pytest.fixture
def servers(tmp_path: Path, postgres: PostgresServer, rabbit: RabbitServer) -> Iterator[Backends]:
    """Fresh databases and a fresh virtual host."""
    with fresh_backends(tmp_path, postgres, rabbit) as made:
        yield made


@pytest.mark.timeout(240)
def test_what_a_full_queue_refuses_stays_in_the_outbox(tmp_path: Path, servers: Backends, rabbit: RabbitServer) -> None:
    policy = f"policies/{quote(vhost_of(servers.bus_url), safe='')}/small"
    with Running(tmp_path, servers, APART) as platform:
        wait_until(platform.all_at_work, what="all at work")
        platform.hold_down("worker")
        limit = {"pattern": "^motcua.stats$", "definition": {"max-length": 2}, "apply-to": "queues"}
        rabbit.api("PUT", policy, json=limit)
        wait_until(
            lambda: "max-length" in rabbit.ctl("list_policies", "-p", vhost_of(servers.bus_url)), what="the policy"
        )
        travellers = file(platform, 3)  # the counter goes on
        wait_until(lambda: waiting(platform)["queue motcua.stats"] >= 2, what="the queue full")
        travellers += file(
            platform, 6, begin=3
        )  # a queue that fills up still takes what is on its way; a full one refuses
        wait_until(lambda: waiting(platform)["queue motcua.routing"] >= 9, what="what the neighbours get")
        wait_until(lambda: waiting(platform)["intake outbox"] < 12, what="those that are not refused gone")
        assert waiting(platform)["intake outbox"] > 0
        rabbit.api("DELETE", policy)
        platform.let_up("worker")
        balanced(platform, finish(platform, travellers))


class Refusing:
    """A carrier that takes nothing, and counts how often it is asked."""

    def __init__(self) -> None:
        self.asked = 0

    def publisher(self) -> Refusing:
        """Itself."""
        return self

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Refuses all."""
        self.asked += 1
        return PublishResult(refused=[row.id for row in rows])

    def close(self) -> None:
        """Nothing is open."""


def test_a_refused_event_is_not_sent_again_and_again_without_pause(tmp_path: Path) -> None:
    # each attempt would put one more copy into the queues that do take the event
    store = bus_store(f"sqlite:///{tmp_path}/intake.db", "intake")
    entry, hand, bus = REGISTRY.by_name["dossier.received"], HandClock(), Refusing()
    with store.uow() as work:
        work.emit(entry.name, entry.schema.load(entry.example))
    relay = Relay(store, cast(Bus, bus), Lease(store, "relay", "one", 3.0), monotonic=hand)
    for _ in range(100):
        assert relay.step() == 0
    assert bus.asked == 1
    for _ in range(600):
        hand.pass_(1.0)
        assert relay.step() == 0
    assert 60 <= bus.asked <= 70  # ten minutes later: every ten seconds, after some quicker attempts
    with store.read() as connection:
        assert outbox.backlog(connection)[0] == 1
    relay.close()
    store.close()


def waiting(platform: Running) -> dict[str, int]:
    return leftovers(platform.stores, platform.settings)


def publish(platform: Running, event: Event) -> None:
    """Puts an event on the bus as some service's relay would."""
    publisher = open_bus(platform.backends.bus_url, "test").publisher()
    fate = publisher.publish([OutboxRow(1, event.id, event.type, event.key, event.to_json().decode(), event.topic)])
    publisher.close()
    assert fate.confirmed == [1]


@pytest.mark.timeout(240)
def test_an_unknown_major_version_is_parked_for_a_person_and_stops_nobody(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, COMPACT) as platform:
        wait_until(platform.all_at_work, what="all at work")
        topics = (*platform_topology().of("stats").topics, "dossier.received.v2")
        open_bus(either.bus_url, "newer").declare(Topology((Subscription("stats", topics),)))
        example = REGISTRY.by_name["dossier.received"].example
        newer = Event(new_id(), "/motcua/intake", "vn.motcua.dossier.received.v2", Clock().now(), "D-2", 1, example)
        publish(platform, newer)
        wait_until(lambda: waiting(platform)["stats parked"] == 1, what="the event parked")
        assert newer.type in platform.cli("parked", "list").replace("\n", "")
        with platform.stores["stats"].read() as connection:
            (row,) = retry_queue.parked(connection)
        shown = platform.cli("parked", "show", "stats", str(row.id), "--data")
        assert "not known to this version" in shown
        assert json.dumps(example["procedure_name"], ensure_ascii=False) in shown
        stories = finish(platform, file(platform, 2))  # everybody else goes on
        assert "1 replayed" in platform.cli("parked", "replay", "stats", str(row.id))
        wait_until(lambda: waiting(platform)["stats parked"] == 1, what="the event parked again")
        assert "1 discarded" in platform.cli("parked", "discard", "stats", str(row.id), "--yes")
        balanced(platform, stories)


@pytest.mark.timeout(240)
def test_a_parked_event_takes_effect_when_it_is_replayed_after_the_mending(tmp_path: Path) -> None:
    procedure = next(one for one in load_builtin() if one.code == "2.000815")
    with fresh_backends(tmp_path) as files, Running(tmp_path, files, COMPACT) as platform:
        store, table = platform.stores["routing"], routing.procedure_versions
        wait_until(lambda: not any(waiting(platform).values()), what="all procedures known")
        wrong = {"code": procedure.code, "version": 2, "digest": "of something else", "definition": "{}"}
        with store.uow() as work:
            work.execute(insert(table).values(wrong))
        changed = procedure.as_dict() | {"name": f"{procedure.name} (bản mới)"}
        catalogue = tmp_path / "changed.json"
        catalogue.write_text(json.dumps({"procedures": [changed]}, ensure_ascii=False), encoding="utf-8")
        platform.cli("import", "procedures", str(catalogue))
        wait_until(lambda: waiting(platform)["routing parked"] == 1, what="the new version parked")
        assert "procedure.published" in platform.cli("parked", "list", "routing").replace("\n", "")
        with store.uow() as work:
            work.execute(delete(table).where(table.c.digest == wrong["digest"]))
        assert "1 replayed" in platform.cli("parked", "replay", "routing", "--all")
        wait_until(lambda: not any(waiting(platform).values()), what="the event applied")
        with store.read() as connection:
            known = select(table.c.definition).where(table.c.code == procedure.code, table.c.version == 2)
            assert json.loads(connection.execute(known).scalar_one())["name"] == changed["name"]
        balanced(platform, finish(platform, file(platform, 2)))

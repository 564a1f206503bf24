"""Full queues and events that cannot be applied: refused events stay in the outbox, parked ones are shown and replayed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from typing import cast
from urllib.parse import quote

import pytest
from sqlalchemy import delete, insert, select

from services.routing.store import tables as routing
from shared.catalogue import load_builtin
from shared.contracts import REGISTRY, platform_topology
from shared.messaging import outbox, parked_events
from shared.messaging.event import Event, new_id
from shared.messaging.lease import Lease, open_locks
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import Bus, PublishResult
from shared.messaging.relay import Relay
from shared.messaging.tables import retry_queue as retry_table
from shared.messaging.topology import Subscription, Topology
from shared.messaging.transports import open_bus
from shared.runtime.clock import Clock
from tests.faults.courier_fixture import file, finish
from tests.faults.delivery_audit import pending_work
from tests.faults.load_and_kill import assert_balanced
from tests.support.backends import Backends, fresh_backends
from tests.support.platform import APART, COMPACT, Running
from tests.support.prepared import PreparedDatabases
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of
from tests.support.stores import HandClock, bus_store


@pytest.fixture
def servers(tmp_path: Path, prepared_databases: PreparedDatabases, rabbit: RabbitServer) -> Iterator[Backends]:
    """New databases and a new virtual host."""
    with fresh_backends(tmp_path, prepared_databases, rabbit) as made:
        yield made


@pytest.mark.timeout(240)
def test_events_that_a_full_queue_refuses_stay_in_the_outbox(
    tmp_path: Path, servers: Backends, rabbit: RabbitServer
) -> None:
    policy = f"policies/{quote(vhost_of(servers.bus_url), safe='')}/small"
    with Running(tmp_path, servers, APART) as platform:
        wait_until(platform.all_at_work, what="all at work")
        platform.hold_down("worker")
        limit = {"pattern": "^motcua.stats$", "definition": {"max-length": 2}, "apply-to": "queues"}
        rabbit.api("PUT", policy, json=limit)
        wait_until(
            lambda: "max-length" in rabbit.ctl("list_policies", "-p", vhost_of(servers.bus_url)), what="the policy"
        )
        dossiers = file(platform, 3)  # filing still works
        wait_until(lambda: waiting(platform)["queue motcua.stats"] >= 2, what="the queue full")
        dossiers += file(
            platform, 6, begin=3
        )  # a full queue refuses, though it took more than its limit while it filled up
        wait_until(lambda: waiting(platform)["queue motcua.routing"] >= 9, what="the events in the other queues")
        refused = 2 * len(
            dossiers
        )  # what stats listens to of each filing; the contact data of its applicant are for notify
        wait_until(
            lambda: waiting(platform)["intake outbox"] <= refused,
            what="the events that are not refused to leave the outbox",
        )
        assert waiting(platform)["intake outbox"] > 0
        rabbit.api("DELETE", policy)
        platform.let_up("worker")
        assert_balanced(platform, finish(platform, dossiers))


class RefusingBus:
    """A transport that refuses everything, counts the attempts, and records when it was asked to replace unusable queues."""

    def __init__(self, clock: HandClock) -> None:
        self.clock = clock
        self.attempts = 0
        self.replaced: list[tuple[float, tuple[str, ...]]] = []

    def publisher(self) -> RefusingBus:
        """Itself."""
        return self

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Refuses all."""
        self.attempts += 1
        return PublishResult(refused=[row.id for row in rows])

    def replace_unusable(self, topology: Topology) -> list[str]:
        """Finds none."""
        self.replaced.append((self.clock(), topology.agencies))
        return []

    def close(self) -> None:
        """Nothing is open."""


def test_the_relay_pauses_after_a_refusal(tmp_path: Path) -> None:
    # each attempt adds one more copy to the queues that do take the event
    store = bus_store(f"sqlite:///{tmp_path}/intake.db", "intake")
    entry, hand = REGISTRY.by_name["dossier.received"], HandClock()
    bus, start = RefusingBus(hand), hand()
    with store.uow() as work:
        work.emit(entry.name, entry.schema.load(entry.example))
    relay = Relay(store, cast(Bus, bus), Lease(open_locks(store.engine, "one", 3.0), "relay"), monotonic=hand)
    for _ in range(100):
        assert relay.step() == 0
    assert bus.attempts == 1
    for _ in range(600):
        hand.pass_(1.0)
        assert relay.step() == 0
    assert 60 <= bus.attempts <= 70  # ten minutes later: every ten seconds, after some quicker attempts
    moments = [moment for moment, _ in bus.replaced]
    assert 30 <= moments[0] - start <= 50
    assert all(30 <= later - earlier <= 50 for earlier, later in pairwise(moments))
    with store.read() as connection:
        assert outbox.backlog(connection)[0] == 1
    relay.close()
    store.close()


def waiting(platform: Running) -> dict[str, int]:
    return pending_work(platform.stores, platform.settings)


def publish(platform: Running, event: Event) -> None:
    """Publishes an event as a service's relay does."""
    publisher = open_bus(platform.backends.bus_url, "test").publisher()
    result = publisher.publish([OutboxRow(1, event.id, event.type, event.key, event.to_json().decode(), event.topic)])
    publisher.close()
    assert result.confirmed == [1]


@pytest.mark.timeout(240)
def test_an_unknown_major_version_is_parked_and_blocks_nothing(either: Backends, tmp_path: Path) -> None:
    with Running(tmp_path, either, COMPACT) as platform:
        stories = finish(
            platform, file(platform, 1)
        )  # so stats has declared its queue, and does not take the binding away
        topics = (*platform_topology().of("stats").topics, "dossier.received.v2")
        open_bus(either.bus_url, "newer").declare(Topology((Subscription("stats", topics),)))
        example = REGISTRY.by_name["dossier.received"].example
        newer = Event(new_id(), "/motcua/intake", "vn.motcua.dossier.received.v2", Clock().now(), "D-2", 1, example)
        publish(platform, newer)
        wait_until(lambda: waiting(platform)["stats parked"] == 1, what="the event parked")
        assert newer.type in platform.cli("parked", "list").replace("\n", "")
        with platform.stores["stats"].read() as connection:
            (row,) = parked_events.oldest(connection)
        shown = platform.cli("parked", "show", "stats", str(row.id), "--data")
        assert "not known to this version" in shown
        assert json.dumps(example["procedure_name"], ensure_ascii=False) in shown
        stories += finish(platform, file(platform, 2, begin=1))  # other events are applied
        assert "1 replayed" in platform.cli("parked", "replay", "stats", str(row.id))
        wait_until(lambda: waiting(platform)["stats parked"] == 1, what="the event parked again")
        assert "1 discarded" in platform.cli("parked", "discard", "stats", str(row.id), "--yes")
        assert_balanced(platform, stories)


@pytest.mark.timeout(240)
def test_a_parked_event_is_applied_when_it_is_replayed_after_the_repair(tmp_path: Path) -> None:
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
        wait_until(lambda: waiting(platform)["intake parked"] == 1, what="intake told of the conflict")
        with platform.stores["intake"].read() as connection:
            told = connection.execute(select(retry_table.c.id)).scalar_one()
        assert "store.conflicted" in platform.cli("parked", "list", "intake").replace("\n", "")
        platform.cli("parked", "discard", "intake", str(told), "--yes")
        wait_until(lambda: not any(waiting(platform).values()), what="the event applied")
        with store.read() as connection:
            known = select(table.c.definition).where(table.c.code == procedure.code, table.c.version == 2)
            assert json.loads(connection.execute(known).scalar_one())["name"] == changed["name"]
        assert_balanced(platform, finish(platform, file(platform, 2)))

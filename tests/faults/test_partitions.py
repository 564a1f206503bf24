"""The number of partitions changes under load, while workers and the command are killed: nothing is lost, double or out of order."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from shared.contracts import platform_topology
from shared.messaging.partitions.change import PartitionChange
from shared.messaging.tables import retry_queue
from tests.faults.partition_office import SERVICE, PartitionOffice
from tests.faults.partition_worker import FAILING
from tests.support.postgres import PostgresServer
from tests.support.processes import wait_until
from tests.support.rabbitmq import RabbitServer, vhost_of

ROUNDS = int(os.environ.get("CHAOS_ROUNDS", "20"))
SEED = int(os.environ.get("CHAOS_SEED", "2026"))
MOMENTS = (0.0, 3.0)
"""Seconds from the beginning of a change to the broker's end: new queues are saved only after a while."""


def queues_at(rabbit: RabbitServer, url: str) -> set[str]:
    """The names of the service's queues."""
    found = {queue["name"] for queue in rabbit.api("GET", f"queues/{vhost_of(url)}")}
    return {name for name in found if name.startswith(f"motcua.{SERVICE}")}


@pytest.mark.timeout(300)
def test_partitions_change_under_load_while_workers_and_the_command_are_killed(
    tmp_path: Path, rabbit: RabbitServer, rabbit_url: str, pg_url: str
) -> None:
    office = PartitionOffice(tmp_path, rabbit_url, pg_url, ("one", "two", "three"))
    status, said = office.command("bus", "partitions", SERVICE, "4")
    assert status == 1
    assert "no worker of stats is running" in said
    assert office.present().settled
    with office:
        with office.begin(4) as killed:
            wait_until(lambda: office.present().changing, what="the change to have begun")
            killed.kill9()
        office.kill_and_start("two")
        status, said = office.command("bus", "partitions", SERVICE, "4")
        assert status == 0, said
        assert len(office.present().consumed.queue_names) == 4
        so_far = sum(map(len, office.applied().values()))
        wait_until(lambda: len(office.shares(so_far)) >= 2, 60, what="several workers at work at the same time")

        with office.begin(2) as command:
            wait_until(lambda: office.present().changing, what="the change to have begun")
            status, said = office.command("bus", "partitions", SERVICE, "3")
            assert (status, "being changed to 2 partitions" in said) in ((1, True), (0, False)), said
            office.kill_and_start("one")
            wait_until(lambda: not command.running, 120, what="the command to end")
        wait_until(lambda: not office.present().changing, 60, what="no change")
        office.kill_and_start("three")
        status, said = office.command("bus", "partitions", SERVICE, "1")
        assert status == 0, said
        office.finish()

        wait_until(lambda: office.present().settled, 60, what="the old queues to be deleted")
        fixed = {f"motcua.{SERVICE}", f"motcua.{SERVICE}.dead", f"motcua.{SERVICE}.workers"}
        expected = {*fixed, *office.present().newest.queue_names}
        assert queues_at(rabbit, rabbit_url) == expected
        office.bus.declare(platform_topology())  # as the relay of another service does
        assert office.bus.repair(SERVICE, platform_topology()) == []
        change = PartitionChange(office.store, office.bus.partitions(SERVICE))
        assert [change.step() for _ in range(3)] == [[], [], []]
        assert queues_at(rabbit, rabbit_url) == expected
        assert sum(state.waiting for state in office.bus.partitions(SERVICE).look(sorted(expected))) == 0
        with office.store.read() as connection:
            waiting = select(retry_queue.c.event_id).where(retry_queue.c.key == FAILING).order_by(retry_queue.c.id)
            assert list(connection.execute(waiting).scalars()) == office.sent[FAILING]


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_partitions_change_again_and_again_while_everything_is_killed(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    with PostgresServer() as postgres, RabbitServer() as rabbit:
        url, database = rabbit.create_vhost(), postgres.create_database()
        with PartitionOffice(tmp_path, url, database, ("a", "b", "c", "d")) as office:
            for round_ in range(ROUNDS):
                change_and_kill(office, chance, rabbit if round_ % 2 == 0 else None)
                wait_until(lambda: not office.present().changing, 180, what="the change to end")
                if round_ % 4 == 3:
                    rabbit.kill9()
                    rabbit.start()
            office.finish()


def change_and_kill(office: PartitionOffice, chance: random.Random, broker: RabbitServer | None) -> None:
    """Begins a change, and kills workers, the broker if one is given, and perhaps the command in the middle of it."""
    wait_until(lambda: office.consumers() > 0, 60, what="a worker")
    number = chance.choice([n for n in (1, 2, 3, 4, 8) if n != office.present().newest.partitions])
    with office.begin(number) as command:
        wait_until(lambda: office.present().changing or not command.running, 60, what="the change to have begun")
        if chance.random() < 0.5:
            command.kill9()
        if broker is not None:
            time.sleep(chance.uniform(*MOMENTS))
            broker.kill9()
            broker.start()
        for _ in range(chance.randint(0, 2)):
            office.kill_any(chance)
        wait_until(lambda: not (command.running and office.present().changing), 180, what="the change to end")

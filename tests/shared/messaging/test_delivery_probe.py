"""A service notices that nothing is delivered to it, and tells that from a bus that is away and from a long queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from shared.messaging.delivery_probe import BUSY_CHECKS, CHECKS, DeliveryProbe
from shared.messaging.outbox import OutboxRow
from shared.messaging.tables import inbox
from tests.shared.messaging.reconciliation_support import Node
from tests.support.processes import wait_until
from tests.support.sabotage import Sabotage
from tests.support.stores import HandClock


@pytest.fixture
def node(bus_url: str, tmp_path: Path) -> Iterator[Node]:
    made = Node("rating", f"sqlite:///{tmp_path}/rating.db", bus_url, HandClock())
    yield made
    made.close()


def probe_of(node: Node, handled: Callable[[], int] = lambda: 0) -> DeliveryProbe:
    def send(row: Mapping[str, Any]) -> bool:
        publisher = node.bus.publisher()
        wanted = OutboxRow(0, row["event_id"], row["type"], row["key"], row["body"], "", ("", "motcua.rating"))
        confirmed = publisher.publish([wanted]).confirmed
        publisher.close()
        return bool(confirmed)

    return DeliveryProbe(node.store, lambda: node.bus.depth("motcua.rating"), send, handled)


def test_a_message_that_arrives_leaves_nothing_behind(node: Node) -> None:
    probe = probe_of(node)
    for _ in range(3):
        assert not probe.step()
        wait_until(node.consume, what="its own message")
        assert not probe.step()
        with node.store.read() as connection:
            assert connection.execute(select(func.count()).select_from(inbox)).scalar_one() == 0


def test_a_message_that_waits_in_the_queue_says_nothing(node: Node) -> None:
    probe = probe_of(node)
    probe.step()
    assert not any(probe.step() for _ in range(CHECKS + 3))


def test_what_is_sent_before_the_queue_is_made_counts_as_nothing_sent(node: Node, bus_url: str) -> None:
    Sabotage(bus_url).delete_queue("rating")
    probe = probe_of(node)
    assert not any(probe.step() for _ in range(CHECKS + 3))
    node.bus.declare(node.topology)
    probe.step()
    wait_until(node.consume, what="its own message")
    assert not probe.step()


def test_a_lost_message_is_noticed_at_the_second_look_and_another_is_sent(node: Node, bus_url: str) -> None:
    probe = probe_of(node)
    probe.step()
    Sabotage(bus_url).make_queue_anew("rating")
    assert [probe.step() for _ in range(CHECKS)] == [False] * (CHECKS - 1) + [True]
    probe.step()
    wait_until(node.consume, what="its own message")
    assert not probe.step()


def test_while_others_are_handled_it_may_stand_behind_them_but_not_for_ever(node: Node, bus_url: str) -> None:
    handled = iter(range(1000))
    probe = probe_of(node, lambda: next(handled))
    probe.step()
    Sabotage(bus_url).make_queue_anew("rating")
    assert [probe.step() for _ in range(BUSY_CHECKS)] == [False] * (BUSY_CHECKS - 1) + [True]


@pytest.mark.parametrize("bus_url", ["rabbitmq"], indirect=True)
@pytest.mark.parametrize("taken_before", [0, 3])
def test_a_consumer_that_the_broker_has_forgotten_is_opened_anew(node: Node, bus_url: str, taken_before: int) -> None:
    probe = probe_of(node)
    node.consume()  # connects
    for _ in range(taken_before):
        probe.step()
        wait_until(node.consume, what="its own message")
        probe.step()
    Sabotage(bus_url).make_queue_anew("rating")
    probe.step()
    assert node.consume() == 0, "nobody has told the consumer, and the message went to it"
    assert node.bus.depth("motcua.rating") == 0
    assert [probe.step() for _ in range(CHECKS)] == [False] * (CHECKS - 1) + [True]
    node.worker.reopen()
    wait_until(node.consume, what="its own message")

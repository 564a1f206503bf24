"""It is known when everything that was published is applied, also what followed from it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.messaging.event import Event
from shared.messaging.propagation import Propagation, parked
from shared.messaging.topology import topology
from shared.persistence.unit_of_work import UnitOfWork
from tests.shared.messaging.reconciliation_support import Node
from tests.support.processes import wait_until
from tests.support.stores import HandClock

EVENT, FOLLOWING = "dossier.received", "dossier.resolved"


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def nodes(bus_url: str, tmp_path: Path, hand: HandClock) -> Iterator[dict[str, Node]]:
    made = {
        name: Node(name, f"sqlite:///{tmp_path}/{name}.db", bus_url, hand) for name in ("intake", "routing", "stats")
    }
    yield made
    for node in made.values():
        node.close()


def propagation_of(nodes: dict[str, Node]) -> Propagation:
    subscriptions = {"intake": (), "routing": (EVENT,), "stats": (EVENT, FOLLOWING)}
    return Propagation({name: node.store for name, node in nodes.items()}, topology(subscriptions))


def consumed(node: Node) -> None:
    wait_until(node.consume, what=f"an event for {node.name}")


def test_each_subscriber_must_have_applied_each_event(nodes: dict[str, Node]) -> None:
    propagation = propagation_of(nodes)
    assert propagation.finished()
    nodes["intake"].emit(EVENT, ["1", "2"])
    assert not propagation.finished(), "it waits in the outbox"
    nodes["intake"].publish()
    assert not propagation.finished()
    consumed(nodes["routing"])
    assert not propagation.finished()
    assert propagation.unapplied() == ["/motcua/intake to stats: 2"]
    consumed(nodes["stats"])
    assert propagation.finished()
    assert propagation.unapplied() == []


def test_what_follows_from_an_event_is_waited_for_too(nodes: dict[str, Node]) -> None:
    propagation = propagation_of(nodes)
    nodes["intake"].emit(EVENT, ["1"])
    nodes["intake"].publish()
    consumed(nodes["stats"])
    consumed(nodes["routing"])
    nodes["routing"].emit(FOLLOWING, ["1"])
    assert not propagation.finished(), "what followed is in the outbox"
    nodes["routing"].publish()
    assert not propagation.finished()
    consumed(nodes["stats"])
    assert propagation.finished()


def test_an_event_that_is_tried_again_is_not_applied_and_one_that_is_parked_is_named(
    nodes: dict[str, Node], hand: HandClock
) -> None:
    def never(_event: Event, _work: UnitOfWork) -> None:
        raise LookupError("the dossier is unknown")

    propagation = propagation_of(nodes)
    nodes["stats"].applier.handlers = {EVENT: never}
    nodes["intake"].emit(EVENT, ["1"])
    nodes["intake"].publish()
    consumed(nodes["routing"])
    consumed(nodes["stats"])
    assert nodes["stats"].waiting == {"waiting": 1, "parked": 0}
    assert not propagation.finished()
    assert parked({"stats": nodes["stats"].store}) == []
    for _ in range(10):
        hand.seconds += 86_400
        nodes["stats"].applier.retry_due()
    assert propagation.finished()
    assert len(found := parked({"stats": nodes["stats"].store})) == 1
    assert "the dossier is unknown" in found[0]

"""Names and properties of exchanges and queues, without a broker."""

from __future__ import annotations

from typing import Any

import pytest
from kombu import Exchange, Queue

from shared.messaging import entities
from shared.messaging.entities import DELIVERY_LIMIT, EVENTS
from shared.messaging.topology import Subscription, topology


def attributes(entity: Exchange | Queue) -> dict[str, Any]:
    """Everything that kombu declares for an entity."""
    return dict(entity.as_dict())


def test_a_topology_has_one_subscription_for_each_service():
    platform = topology({"routing": ["dossier.filed", "fee.paid"], "intake": ["step.completed"]})
    assert [(sub.service, sub.topics) for sub in platform.subscriptions] == [
        ("intake", ("step.completed.v1",)),
        ("routing", ("dossier.filed.v1", "fee.paid.v1")),
    ]
    assert platform.of("routing").queue_names == ("motcua.routing",)


def test_an_unpartitioned_service_has_one_queue_bound_to_its_topics():
    [queue] = entities.queues(Subscription("routing", ("dossier.filed.v1", "fee.paid.v1")))
    assert queue.name == "motcua.routing"
    assert {(binding.exchange.name, binding.routing_key) for binding in queue.bindings} == {
        (EVENTS.name, "dossier.filed.v1"),
        (EVENTS.name, "fee.paid.v1"),
    }


@pytest.mark.parametrize("partitions", [1, 4])
def test_queues_are_replicated_and_ordered_and_dead_letter_safely(partitions: int):
    subscription = Subscription("routing", ("dossier.filed.v1",), partitions)
    assert len(entities.queues(subscription)) == partitions
    for queue in map(attributes, entities.queues(subscription)):
        arguments = queue["queue_arguments"]
        assert queue["durable"]
        assert arguments["x-queue-type"] == "quorum"
        assert arguments["x-single-active-consumer"] is True
        assert arguments["x-delivery-limit"] == DELIVERY_LIMIT
        dead = entities.dead_letter_queue(subscription)
        assert arguments["x-dead-letter-exchange"] == dead.exchange.name
        assert arguments["x-dead-letter-routing-key"] == dead.routing_key
        # without either of these RabbitMQ silently falls back to at-most-once
        assert arguments["x-dead-letter-strategy"] == "at-least-once"
        assert arguments["x-overflow"] == "reject-publish"


def test_a_partitioned_service_distributes_its_keys_over_its_queues():
    subscription = Subscription("routing", ("dossier.filed.v1",), 3)
    queues = entities.queues(subscription)
    assert [queue.name for queue in queues] == list(subscription.queue_names)
    assert subscription.queue_names == ("motcua.routing.0", "motcua.routing.1", "motcua.routing.2")
    assert {queue.exchange.name for queue in queues} == {"motcua.routing"}
    assert len({queue.routing_key for queue in queues}) == 1  # equal weights
    assert entities.hash_exchange(subscription).type == "x-consistent-hash"
    assert attributes(entities.hash_exchange(subscription))["arguments"] == {"hash-header": "partitionkey"}


@pytest.mark.parametrize("partitions", [1, 3])
def test_a_service_that_handles_agency_events_gets_all_and_binds_no_topic_for_them(partitions: int):
    platform = topology({"routing": ["fee.paid", "agency.step.completed"], "stats": ["fee.paid"]}, partitions, ["H12"])
    assert platform.of("routing") == Subscription("routing", ("fee.paid.v1",), partitions, receives_agency_events=True)
    assert not platform.of("stats").receives_agency_events
    assert platform.agencies == ("H12",)


def test_a_service_that_gets_agency_events_is_bound_to_their_exchange():
    [queue] = entities.queues(Subscription("routing", ("fee.paid.v1",), receives_agency_events=True))
    assert {(binding.exchange.name, binding.routing_key) for binding in queue.bindings} == {
        ("motcua.events", "fee.paid.v1"),
        ("motcua.agencies", "agency.#"),
    }


def test_an_agencys_queue_is_bound_by_its_name_alone_and_dead_letters_safely():
    queue, dead = entities.agency_queue("H12.14"), entities.agency_dead_letter_queue("H12.14")
    made = attributes(queue)
    assert (queue.name, queue.exchange.name, queue.routing_key) == ("agency.H12.14", "motcua.events", "agency.H12.14")
    assert made["bindings"] in (None, [])
    service = attributes(entities.queues(Subscription("routing", ()))[0])["queue_arguments"]
    differing = {name for name in service if service[name] != made["queue_arguments"][name]}
    assert differing == {"x-dead-letter-routing-key"}
    assert made["queue_arguments"]["x-dead-letter-routing-key"] == dead.routing_key
    assert not dead.name.startswith("agency."), "an agency might have the code H12.14.dead"

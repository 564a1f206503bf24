"""Names and properties of exchanges and queues, without a broker."""

from __future__ import annotations

from collections import Counter
from typing import Any

from kombu import Exchange, Queue

from shared.messaging import entities
from shared.messaging.entities import AGENCY_DELIVERY_LIMIT, DELIVERY_LIMIT
from shared.messaging.topology import Generation, Subscription, slot_of, slot_topic, topology


def attributes(entity: Exchange | Queue) -> dict[str, Any]:
    """Everything that kombu declares for an entity."""
    return dict(entity.as_dict())


def test_a_topology_has_one_subscription_for_each_service():
    platform = topology({"routing": ["dossier.filed", "fee.paid"], "intake": ["step.completed"]})
    assert [(sub.service, sub.topics) for sub in platform.subscriptions] == [
        ("intake", ("step.completed.v1",)),
        ("routing", ("dossier.filed.v1", "fee.paid.v1")),
    ]
    assert platform.of("routing").queue_name == "motcua.routing"


def test_everything_for_a_service_enters_by_one_exchange_and_reaches_its_queue_if_there_are_no_partitions():
    subscription = Subscription("routing", ("dossier.filed.v1", "fee.paid.v1"))
    entry, queue = entities.entry_exchange(subscription), entities.service_queue(subscription)
    assert subscription.direct_route == (entry.name, "")
    assert attributes(entry)["arguments"] == {"alternate-exchange": entities.undivided_exchange(subscription).name}
    assert (queue.name, queue.exchange.name) == ("motcua.routing", entities.undivided_exchange(subscription).name)


def test_queues_are_replicated_and_ordered_and_dead_letter_safely():
    subscription = Subscription("routing", ("dossier.filed.v1",))
    found = [entities.service_queue(subscription), *entities.partition_queues(Generation("routing", 1, 4))]
    assert len(found) == 5
    for queue in map(attributes, found):
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


def test_a_generation_distributes_the_slots_over_queues_of_its_own():
    generation = Generation("routing", 2, 3)
    queues = entities.partition_queues(generation)
    assert [queue.name for queue in queues] == list(generation.queue_names)
    assert generation.queue_names == ("motcua.routing.2.0", "motcua.routing.2.1", "motcua.routing.2.2")
    assert Counter(generation.slot_queues.values()) == dict(zip(generation.queue_names, (22, 21, 21), strict=True))
    assert {slot_topic(slot_of(f"H01-{number}")) for number in range(1000)} == set(generation.slot_queues)


def test_a_service_that_handles_agency_events_gets_all_and_binds_no_topic_for_them():
    platform = topology({"routing": ["fee.paid", "agency.step.completed"], "stats": ["fee.paid"]}, ["H12"])
    assert platform.of("routing") == Subscription("routing", ("fee.paid.v1",), receives_agency_events=True)
    assert not platform.of("stats").receives_agency_events
    assert platform.agencies == ("H12",)


def test_an_agencys_queue_is_bound_by_its_name_alone_and_dead_letters_safely():
    queue, dead = entities.agency_queue("H12.14"), entities.agency_dead_letter_queue("H12.14")
    made = attributes(queue)
    assert (queue.name, queue.exchange.name, queue.routing_key) == ("agency.H12.14", "motcua.events", "agency.H12.14")
    assert made["bindings"] in (None, [])
    service = attributes(entities.service_queue(Subscription("routing", ())))["queue_arguments"]
    differing = {name for name in service if service[name] != made["queue_arguments"][name]}
    assert differing == {"x-dead-letter-routing-key", "x-delivery-limit"}
    assert made["queue_arguments"]["x-delivery-limit"] == AGENCY_DELIVERY_LIMIT
    assert made["queue_arguments"]["x-dead-letter-routing-key"] == dead.routing_key
    assert not dead.name.startswith("agency."), "an agency might have the code H12.14.dead"

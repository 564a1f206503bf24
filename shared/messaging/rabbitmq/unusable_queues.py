"""Finds queues that exist but cannot be used, and makes them anew.

A node that is killed shortly after a quorum queue was declared may come back without the queue's data: it lists the queue, refuses
whatever is published to it, and ends every connection that wants to consume from it, for ever. Declaring it again changes nothing;
only deleting it does. Its messages are gone in any case; reconciliation has them sent again.

One process at a time does this. When two delete a queue while a third declares it, the broker may end with a queue that runs and is in no
list, so that nobody can declare it any more (github.com/rabbitmq/rabbitmq-server/issues/17457).
"""

from __future__ import annotations

import time

from amqp.exceptions import InternalError, NotFound, ResourceLocked

from shared.messaging import entities
from shared.messaging.rabbitmq.admin import connected, declare
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.partitions import declare_generation
from shared.messaging.topology import SETTLE_SECONDS, Generation, Topology

AT_ONCE = 2.0
"""Seconds within which the broker refuses a queue that has no process. For one whose processes merely do not answer it waits a minute."""
LOCK = "motcua.replacement"
"""An exclusive queue: it exists as long as the connection that declared it, and no other connection can declare it."""


def replace_unusable(
    endpoint: Endpoint, name: str, topology: Topology, generation: Generation | None = None
) -> list[str]:
    """Deletes the unusable queues of a topology and declares them again.

    Args:
        endpoint: the broker.
        name: of the connections, shown to the broker's administrators.
        topology: whose queues are examined, those of dead letters included.
        generation: partitions whose queues are examined too.

    Returns:
        the names of the queues that were unusable; none while another process examines them.

    Raises:
        BusUnavailable: the broker cannot be reached or refuses.
    """
    with connected(endpoint, name) as connection, connection.channel() as channel:
        try:
            channel.queue_declare(LOCK, exclusive=True)
        except ResourceLocked:
            return []
        names = [*_queue_names(topology), *(generation.queue_names if generation and generation.number else ())]
        unusable = [queue for queue in names if _is_unusable(endpoint, name, queue)]
        for queue in unusable:
            channel.queue_delete(queue)
        if unusable:
            time.sleep(SETTLE_SECONDS)
            declare(endpoint, name, topology)
            if generation is not None:
                declare_generation(channel, generation)
    return unusable


def _queue_names(topology: Topology) -> list[str]:
    names = [
        queue
        for own in topology.subscriptions
        for queue in (own.queue_name, own.presence_queue_name, own.dead_letter_queue_name)
    ]
    for code in topology.agencies:
        names += [entities.agency_queue(code).name, entities.agency_dead_letter_queue(code).name]
    return names


def _is_unusable(endpoint: Endpoint, name: str, queue: str) -> bool:
    """Whether the broker fails to consume from a queue.

    An unusable queue seems empty and without consumers. Others are not tried, since a trial could get a message of theirs. Each trial has
    its own connection, because such a failure ends it. A queue that lost the majority of its nodes seems the same, but the broker waits
    for it before it fails: that one has its data, and must stay.
    """
    with connected(endpoint, name) as connection:
        began = time.monotonic()
        try:
            with connection.channel() as channel:
                found = channel.queue_declare(queue, passive=True)
                if found.message_count or found.consumer_count:
                    return False
                channel.basic_qos(0, 1, False)
                began = time.monotonic()
                channel.basic_cancel(channel.basic_consume(queue))
        except (NotFound, TimeoutError):
            return False
        except InternalError:
            return time.monotonic() - began < AT_ONCE
        return False

"""Keeps events away from queues that are so new that the broker may still lose them.

A RabbitMQ node writes a new quorum queue into its database at once, but into the list of the queue's data (`names.dets`) up to a second
later (tried with 3.10). A node that is killed in between comes back with a queue of that name that has forgotten everything, and waits for
an election that nobody calls: it is listed as running and empty, and neither confirms, delivers nor can be deleted. To a client it
looks like a queue that lost the majority of its nodes, whose data must be kept; so it has to be found before anything was sent to it.
"""

from __future__ import annotations

from collections.abc import Sequence

from amqp.exceptions import InternalError, NotFound

from shared.messaging.rabbitmq.admin import connected
from shared.messaging.rabbitmq.endpoint import Endpoint

SAVE_SECONDS = 2.0
"""From a queue's declaration until the node has surely saved it: twice the longest time that was seen, idle and under load."""


def first_unusable(endpoint: Endpoint, name: str, queues: Sequence[str]) -> str:
    """The first of some queues that cannot be consumed, which shows that it has no leader; "" if all can.

    Args:
        endpoint: the broker; its `connect_timeout` is how long a queue may take to answer.
        name: of the connection, shown to the broker's administrators.
        queues: their names. Should there be a message in one, it is delivered, and again to the next consumer.

    Raises:
        BusUnavailable: the broker cannot be reached.
    """
    with connected(endpoint, name) as connection:
        channel = connection.channel()
        channel.basic_qos(0, 1, False)
        for queue in queues:
            try:
                # cancelled at once: this channel ends only a minute after a consumer that got no answer
                channel.basic_cancel(channel.basic_consume(queue, callback=lambda _message: None))
            except (InternalError, NotFound, TimeoutError):
                connection.collect()  # without a farewell, which such a broker would not answer either
                return queue
    return ""


def try_delete(endpoint: Endpoint, name: str, queue: str) -> bool:
    """Deletes a queue, whatever is in it; false if the broker cannot.

    Raises:
        BusUnavailable: the broker cannot be reached.
    """
    with connected(endpoint, name) as connection:
        try:
            with connection.channel() as channel:
                channel.queue_delete(queue)
        except (InternalError, TimeoutError):
            connection.collect()
            return False
    return True

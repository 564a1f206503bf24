"""How many messages wait in a queue and how many processes consume it."""

from __future__ import annotations

import time

from amqp.exceptions import NotFound
from kombu import Connection

from shared.messaging.port import BusUnavailable, QueueState

SILENT_SECONDS = 0.2
"""A quorum queue that does not answer RabbitMQ within 0.25 s (measured with 3.10; a second in other versions), because the machine is busy
or it has no leader for a moment, is reported as empty and without consumers. An empty answer that took this long may be such a one."""
TIMES = 20
PAUSE_SECONDS = 0.2


def queue_state(connection: Connection, queue: str) -> QueueState | None:
    """The state of a queue, or None if there is no such queue.

    A queue whose leader is away for longer still seems to have nothing and nobody: RabbitMQ says so at once.

    Args:
        connection: a connection to the broker.
        queue: the queue's name.

    Raises:
        BusUnavailable: the queue did not tell its state, however often it was asked.
        OSError, AMQPError, KombuError: the broker cannot be reached or refuses.
    """
    for _ in range(TIMES):
        began = time.monotonic()
        try:
            with connection.channel() as channel:
                found = channel.queue_declare(queue, passive=True)
        except NotFound:
            return None
        if found.message_count or found.consumer_count or time.monotonic() - began < SILENT_SECONDS:
            return QueueState(queue, int(found.message_count), int(found.consumer_count))
        time.sleep(PAUSE_SECONDS)
    raise BusUnavailable(f"queue {queue} does not tell how many messages it has")

"""Consumes a service's queues; the broker keeps each message until it is acknowledged."""

from __future__ import annotations

import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from functools import partial
from itertools import count
from threading import Event
from typing import Any

from pika import BasicProperties
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from shared.messaging.port import BusUnavailable, Delivery
from shared.messaging.rabbitmq.connection import BrokerConnection
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.reconnect import Reconnector
from shared.messaging.rabbitmq.stall_detector import StallDetector
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, UNKNOWN_SENDER, sender_by_key, sender_by_user
from shared.messaging.topology import DEAD_LETTER_EXCHANGE

log = logging.getLogger(__name__)

TAG_BITS = 40
"""A delivery's tag holds the broker's tag in its lower bits, which starts again at 1 on each connection, and above it the connection's
number, so that no tag of one connection is acknowledged on another."""


class IncomingMessages:
    """The messages that one connection has got, and their acknowledgement. `buffer` and `wakeup` may be used by any thread.

    Args:
        queues: their names.
        endpoint: prefetch and timeouts.
        number: of the connection; see `TAG_BITS`.
    """

    def __init__(self, queues: Sequence[str], endpoint: Endpoint, number: int) -> None:
        self.buffer: deque[Delivery] = deque()  # the I/O thread appends, the consumer's thread pops: both atomic
        self.wakeup = Event()
        self._queues = queues
        self._endpoint = endpoint
        self._base = number << TAG_BITS
        self._delivered: Counter[str] = Counter()
        self._last_delivered = 0
        self._last_acked = 0
        self._wakeup_scheduled = False
        self._unanswered = 0
        self._detector = StallDetector()

    def owns(self, tag: int) -> bool:
        """Whether a tag is of this connection."""
        return tag >> TAG_BITS == self._base >> TAG_BITS

    def wake_up(self) -> None:
        """Wakes the consumer's thread: the connection is lost, or it shall wait no more."""
        self.wakeup.set()

    def start(self, connection: BrokerConnection, channel: Channel) -> None:
        """Starts to consume each queue."""
        self._connection, self._channel = connection, channel
        channel.basic_qos(prefetch_count=self._endpoint.prefetch)
        self._consume_next(iter(self._queues))

    def finish(self) -> None:
        """Ends the connection after the broker has processed all acknowledgements, which its answer to a later request shows.

        It must not close the channel: pika would cancel the consumer first, and the broker would make another consumer the active one
        while messages are still unacknowledged here, so that the other one gets later messages before these. When a connection just
        ends, the broker requeues its messages first.
        """
        self._channel.basic_qos(
            prefetch_count=self._endpoint.prefetch, callback=lambda _frame: self._connection.terminate()
        )

    def ack(self, tag: int) -> None:
        """Acknowledges everything up to a tag."""
        number = tag - self._base
        if number > self._last_acked and self._channel.is_open:
            self._channel.basic_ack(number, multiple=True)
            self._last_acked = number

    def _consume_next(self, queues: Any) -> None:
        queue = next(queues, None)
        if queue is None:
            self._connection.ready()
            self._connection.call_later(self._endpoint.stall_check_interval, self._check_queues)
            return
        self._channel.basic_consume(
            queue, partial(self._on_message, queue), callback=lambda _frame: self._consume_next(queues)
        )

    def _on_message(
        self, queue: str, _channel: Channel, method: Basic.Deliver, properties: BasicProperties, body: bytes
    ) -> None:
        if method.delivery_tag != self._last_delivered + 1:
            # to acknowledge this one would acknowledge those before it, which never came
            self._connection.drop(f"deliveries before number {method.delivery_tag} are missing")
            return
        self._last_delivered = method.delivery_tag
        self._delivered[queue] += 1
        attempts = _attempts(properties.headers, method.redelivered)
        sender = _sender(method, properties.user_id)
        self.buffer.append(Delivery(body, self._base + method.delivery_tag, attempts, sender))
        if not self._wakeup_scheduled:  # once for all messages that the socket has ready, not for each
            self._wakeup_scheduled = True
            self._connection.call_later(0, self._wake_up_once)

    def _wake_up_once(self) -> None:
        self._wakeup_scheduled = False
        self.wakeup.set()

    def _check_queues(self) -> None:
        if self._unanswered:
            self._connection.drop("the broker does not answer")
            return
        if not self._channel.is_open:
            return
        self._unanswered = len(self._queues)
        for queue in self._queues:
            self._channel.queue_declare(queue, passive=True, callback=partial(self._on_queue_count, queue))
        self._connection.call_later(self._endpoint.stall_check_interval, self._check_queues)

    def _on_queue_count(self, queue: str, frame: Method[Any]) -> None:
        self._unanswered -= 1
        unacked = self._last_delivered - self._last_acked
        if self._detector.is_stalled(queue, frame.method.message_count, self._delivered[queue], unacked):
            self._connection.drop(f"messages wait in {queue} and none is delivered")


class RabbitMqConsumer:
    """Consumes one or several queues over one channel. Used by one thread; connects at the first `take`.

    Args:
        endpoint: the broker.
        name: shown to the broker's administrators.
        queues: the queues' names.
        redeclare: declares the queues and bindings; called before each connection, since a queue may have been deleted, and a broker that
            crashed may have forgotten what was declared shortly before.
        replace_unusable: deletes and declares again those whose data the broker has lost, and returns their names; called after some time
            of internal errors. By default none is replaced: who reads an agency's queue may not delete it.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        name: str,
        queues: Sequence[str],
        redeclare: Callable[[], None],
        replace_unusable: Callable[[], list[str]] = list,
    ) -> None:
        self._endpoint = endpoint
        self._name = name
        self._queues = tuple(queues)
        self._redeclare = redeclare
        self._replace_unusable = replace_unusable
        self._failing_since: float | None = None
        self._numbers = count(1)
        self._reconnector = Reconnector(self._connect)
        self._interrupted = False

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """Waits up to `seconds` for messages and returns at most `most`, oldest first.

        A lost connection is reported once, so that the caller knows that its messages will be delivered again; the next call reconnects.

        Raises:
            BusUnavailable: the connection was lost or cannot be opened.
        """
        self._raise_if_lost()
        connection, incoming = self._reconnector.open(seconds)
        deadline = time.monotonic() + seconds
        while not incoming.buffer and connection.lost is None and (remaining := deadline - time.monotonic()) > 0:
            if self._interrupted:
                break
            incoming.wakeup.wait(remaining)
            incoming.wakeup.clear()
        self._raise_if_lost()
        return [incoming.buffer.popleft() for _ in range(min(most, len(incoming.buffer)))]

    def interrupt(self) -> None:
        """Ends a `take` that waits in another thread; later ones wait no more."""
        self._interrupted = True
        if (current := self._reconnector.current()) is not None:
            current[1].wake_up()

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledges everything that was taken up to the last of these.

        Raises:
            BusUnavailable: their connection is lost; they will be delivered again.
        """
        if not deliveries:
            return
        current = self._reconnector.current()
        if current is None or current[0].lost is not None or not current[1].owns(deliveries[-1].tag):
            raise BusUnavailable("the connection of these messages is lost; they will be delivered again")
        connection, incoming = current
        connection.call_threadsafe(partial(incoming.ack, deliveries[-1].tag))

    def close(self) -> None:
        """Closes the connection; messages that were not acknowledged are delivered again."""
        self._reconnector.close()

    def _raise_if_lost(self) -> None:
        current = self._reconnector.current()
        if current is not None and current[0].lost is not None:
            self._reconnector.close()
            raise BusUnavailable(
                f"the connection was lost, its unacknowledged messages will be delivered again: {current[0].lost}"
            )

    def _connect(self) -> tuple[BrokerConnection, IncomingMessages]:
        self._redeclare()
        incoming = IncomingMessages(self._queues, self._endpoint, next(self._numbers))
        connection = BrokerConnection(self._endpoint, self._name, incoming)
        try:
            connection.open()
        except BusUnavailable:
            self._handle_failure(connection.failed_inside)
            raise
        self._failing_since = None
        return connection, incoming

    def _handle_failure(self, failed_inside: bool) -> None:
        now = time.monotonic()
        if not failed_inside:  # the broker is away, or says what is wrong
            self._failing_since = None
        elif self._failing_since is None:
            self._failing_since = now
        elif now - self._failing_since >= self._endpoint.replace_after:
            self._failing_since = now
            if replaced := self._replace_unusable():
                log.error("the broker had lost the data of queues, which are now made anew: %s", ", ".join(replaced))


def _attempts(headers: dict[str, Any] | None, redelivered: bool) -> int:
    """How often a message was delivered before. Since 4.x the broker counts deliveries that did not fail in a second header."""
    if not redelivered:
        return 0
    counts = [(headers or {}).get(name) for name in ("x-delivery-count", "x-acquired-count")]
    return max([1, *(count for count in counts if isinstance(count, int))])  # a sender may set any header


def _sender(method: Basic.Deliver, user: str | None) -> str:
    """The code of the agency that sent a message; "" for the platform. The broker lets an agency use only its own routing keys and user.

    A dead letter has lost its routing key. Without a user it may be an agency's, because the platform's own messages always have one.
    """
    if method.exchange == AGENCIES_EXCHANGE:
        return sender_by_key(method.routing_key)
    if user is None and method.exchange == DEAD_LETTER_EXCHANGE:
        return UNKNOWN_SENDER
    return sender_by_user(user or "")

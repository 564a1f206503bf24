"""Takes messages from a service's queues; the broker keeps each until it is acknowledged."""

from __future__ import annotations

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

TAG_BITS = 40  # of a tag: the broker's, which starts again at 1 on every connection; above them the connection's number


class IncomingMessages:
    """The consuming side of a link.

    Args:
        queues: their names.
        endpoint: how much and how patiently.
        number: of the connection, so that no tag of one connection is acknowledged on another.
    """

    def __init__(self, queues: Sequence[str], endpoint: Endpoint, number: int) -> None:
        self.buffer: deque[Delivery] = deque()  # appended by the I/O thread, emptied by the consumer's: both are atomic
        self.wakeup = Event()
        self._queues = queues
        self._endpoint = endpoint
        self._base = number << TAG_BITS
        self._delivered: Counter[str] = Counter()
        self._last_delivered = 0
        self._last_acked = 0
        self._stirring = False
        self._unanswered = 0
        self._watch = StallDetector()

    def owns(self, tag: int) -> bool:
        """Whether a tag was given on this connection."""
        return tag >> TAG_BITS == self._base >> TAG_BITS

    def wake(self) -> None:
        """The link is lost."""
        self.wakeup.set()

    def start(self, link: BrokerConnection, channel: Channel) -> None:
        """Asks for messages of each queue."""
        self._link, self._channel = link, channel
        channel.basic_qos(prefetch_count=self._endpoint.prefetch)
        self._consume_next(iter(self._queues))

    def finish(self) -> None:
        """Ends the connection when the broker has heard of all acknowledgements: its answer to any question shows that it has.

        Never by closing the channel, before which pika cancels the consumer: the broker then hands a single active consumer's place on
        while messages are still in hand here, and the next one gets later messages before these. A connection that simply ends has its
        messages taken back first.
        """
        self._channel.basic_qos(prefetch_count=self._endpoint.prefetch, callback=lambda _frame: self._link.terminate())

    def ack(self, tag: int) -> None:
        """Acknowledges everything up to a tag."""
        number = tag - self._base
        if number > self._last_acked and self._channel.is_open:
            self._channel.basic_ack(number, multiple=True)
            self._last_acked = number

    def _consume_next(self, queues: Any) -> None:
        queue = next(queues, None)
        if queue is None:
            self._link.ready()
            self._link.later(self._endpoint.watch_interval, self._look)
            return
        self._channel.basic_consume(
            queue, partial(self._on_message, queue), callback=lambda _frame: self._consume_next(queues)
        )

    def _on_message(
        self, queue: str, _channel: Channel, method: Basic.Deliver, properties: BasicProperties, body: bytes
    ) -> None:
        self._last_delivered = method.delivery_tag
        self._delivered[queue] += 1
        attempts = _attempts(properties.headers, method.redelivered)
        sender = _sender(method, properties.user_id)
        self.buffer.append(Delivery(body, self._base + method.delivery_tag, attempts, sender))
        if not self._stirring:  # once for all that the socket has ready, not for each message
            self._stirring = True
            self._link.later(0, self._stir)

    def _stir(self) -> None:
        self._stirring = False
        self.wakeup.set()

    def _look(self) -> None:
        if self._unanswered:
            self._link.drop("the broker does not answer")
            return
        if not self._channel.is_open:
            return
        self._unanswered = len(self._queues)
        for queue in self._queues:
            self._channel.queue_declare(queue, passive=True, callback=partial(self._on_look, queue))
        self._link.later(self._endpoint.watch_interval, self._look)

    def _on_look(self, queue: str, frame: Method[Any]) -> None:
        self._unanswered -= 1
        unacked = self._last_delivered - self._last_acked
        if self._watch.stalled(queue, frame.method.message_count, self._delivered[queue], unacked):
            self._link.drop(f"messages wait in {queue} and none is delivered")


class RabbitMqConsumer:
    """Takes messages from one or several queues over one channel. Used by one thread; connects when first asked for messages.

    Args:
        endpoint: the broker.
        name: what the broker's administrators see.
        queues: the queues' names.
        restore: declares the queues again; called when one of them turns out to be missing.
    """

    def __init__(self, endpoint: Endpoint, name: str, queues: Sequence[str], restore: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._name = name
        self._queues = tuple(queues)
        self._restore = restore
        self._numbers = count(1)
        self._reconnect = Reconnector(self._connect)

    def take(self, most: int, seconds: float) -> list[Delivery]:
        """Waits up to `seconds` for messages and returns what is there, at most `most`, oldest first.

        A loss of the connection is told once, so that the caller knows that what it holds will come again; the next call connects anew.

        Raises:
            BusUnavailable: the connection was lost or cannot be made, or a queue was missing (it has been declared again).
        """
        self._raise_if_lost()
        link, flow = self._reconnect.open(seconds)
        deadline = time.monotonic() + seconds
        while not flow.buffer and link.lost is None and (remaining := deadline - time.monotonic()) > 0:
            flow.wakeup.wait(remaining)
            flow.wakeup.clear()
        self._raise_if_lost()
        return [flow.buffer.popleft() for _ in range(min(most, len(flow.buffer)))]

    def done(self, deliveries: Sequence[Delivery]) -> None:
        """Acknowledges everything that was taken up to the last of these.

        Raises:
            BusUnavailable: the connection they came on is gone; they will be handed out again.
        """
        if not deliveries:
            return
        current = self._reconnect.held()
        if current is None or current[0].lost is not None or not current[1].owns(deliveries[-1].tag):
            raise BusUnavailable("the connection these messages came on is gone; they will be handed out again")
        link, flow = current
        link.call(partial(flow.ack, deliveries[-1].tag))

    def close(self) -> None:
        """Closes the connection; what was in hand is handed out again."""
        self._reconnect.close()

    def _raise_if_lost(self) -> None:
        current = self._reconnect.held()
        if current is not None and current[0].lost is not None:
            self._reconnect.close()
            raise BusUnavailable(
                f"the connection was lost, what was in hand will be handed out again: {current[0].lost}"
            )

    def _connect(self) -> tuple[BrokerConnection, IncomingMessages]:
        flow = IncomingMessages(self._queues, self._endpoint, next(self._numbers))
        link = BrokerConnection(self._endpoint, self._name, flow)
        try:
            link.open()
        except BusUnavailable:
            if link.missing:
                self._restore()
            raise
        return link, flow


def _attempts(headers: dict[str, Any] | None, redelivered: bool) -> int:
    """How often a message was handed out before. Since 4.x the broker counts returns that were no failure apart."""
    if not redelivered:
        return 0
    counts = [(headers or {}).get(name) for name in ("x-delivery-count", "x-acquired-count")]
    return max([1, *(count for count in counts if isinstance(count, int))])  # a sender may write any header


def _sender(method: Basic.Deliver, user: str | None) -> str:
    """Which agency a message is from. The broker lets an agency write only under its own keys, and name only itself as the user.

    A dead letter has lost its key. One without a user cannot be told from an agency's: the platform's own always name theirs.
    """
    if method.exchange == AGENCIES_EXCHANGE:
        return sender_by_key(method.routing_key)
    if user is None and method.exchange == DEAD_LETTER_EXCHANGE:
        return UNKNOWN_SENDER
    return sender_by_user(user or "")

"""Publishes decisions and repeats each one until the broker has confirmed it."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import pika
from pika.adapters.select_connection import IOLoop
from pika.channel import Channel
from pika.frame import Method
from pika.spec import Basic

from .connection import Connection, connection_parameters
from .decision_message import CONTENT_TYPE, DecisionMessage
from .metrics import Metrics
from .settings import Settings

log = logging.getLogger("motcua.agency")

EXCHANGE = "motcua.agencies"
CONFIRM_SECONDS = 30.0
RESEND_SECONDS = 5.0


def message_properties(message: DecisionMessage, user: str) -> pika.BasicProperties:
    """The AMQP properties of a decision.

    Args:
        user: the broker account; the broker checks it.
    """
    return pika.BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,
        message_id=message.id,
        type=message.type,
        user_id=user,
        headers={"partitionkey": message.dossier},
    )


def publish_once(settings: Settings, message: DecisionMessage) -> None:
    """Connects, publishes one decision, waits for its confirm and disconnects.

    Raises:
        pika.exceptions.AMQPError: not confirmed: no broker, refused, or the platform has no queue for it.
    """
    parameters = connection_parameters(settings.amqp_url, f"agency.{settings.code} decision")
    with pika.BlockingConnection(parameters) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = message_properties(message, parameters.credentials.username)
        channel.basic_publish(EXCHANGE, message.routing_key, message.body, properties, mandatory=True)


@dataclass
class _Pending:
    message: DecisionMessage
    on_confirmed: Callable[[], None]
    sent_at: float = field(default=0.0)


class Publisher:
    """Use it in the I/O loop's thread only.

    It has its own connection: a broker that is short of memory stops reading from connections that publish, and the consumer must
    still receive and acknowledge.
    """

    def __init__(self, ioloop: IOLoop, url: str, name: str, metrics: Metrics, on_closed: Callable[[], None]) -> None:
        parameters = connection_parameters(url, f"{name} publisher")
        self._user: str = parameters.credentials.username
        self._ioloop = ioloop
        self._metrics = metrics
        self._on_closed = on_closed
        self._channel: Channel | None = None
        self._delivery_tag = 0
        self._unsent: deque[_Pending] = deque()
        self._unconfirmed: dict[int, _Pending] = {}
        self._unroutable: set[str] = set()
        self.connection = Connection(ioloop, parameters, "publisher", self._channel_opened, self._connection_lost)

    @property
    def busy(self) -> bool:
        """Whether a decision is not confirmed yet."""
        return bool(self._unsent or self._unconfirmed)

    def open(self) -> None:
        """Connects and starts to check for late confirms."""
        self.connection.open()
        self._check_late_confirms()

    def send(self, message: DecisionMessage, on_confirmed: Callable[[], None]) -> None:
        """Publishes a decision now, or as soon as there is a connection; calls `on_confirmed` when the broker has confirmed it."""
        self._unsent.append(_Pending(message, on_confirmed))
        self._flush()

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_return_callback(self._unroutable_returned)
        channel.confirm_delivery(self._confirmed, callback=lambda _frame: self._ready(channel))

    def _ready(self, channel: Channel) -> None:
        self._channel, self._delivery_tag = channel, 0
        self._flush()

    def _flush(self) -> None:
        while self._channel is not None and self._channel.is_open and self._unsent:
            pending = self._unsent.popleft()
            self._delivery_tag += 1
            pending.sent_at = time.monotonic()
            self._unconfirmed[self._delivery_tag] = pending
            message = pending.message
            self._channel.basic_publish(
                EXCHANGE, message.routing_key, message.body, message_properties(message, self._user), mandatory=True
            )

    def _unroutable_returned(
        self, _channel: Channel, method: Basic.Return, properties: pika.BasicProperties, _body: bytes
    ) -> None:
        # The broker sends a confirm after this, as if a queue had received the message.
        log.warning("the platform has no queue for %s: %s", method.routing_key, method.reply_text)
        self._unroutable.add(properties.message_id)

    def _confirmed(self, frame: Method) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        for number in [number for number in self._unconfirmed if number == tag or (multiple and 0 < number < tag)]:
            pending = self._unconfirmed.pop(number)
            if isinstance(frame.method, Basic.Ack) and pending.message.id not in self._unroutable:
                self.connection.reset_backoff()
                pending.on_confirmed()
            else:
                self._unroutable.discard(pending.message.id)
                self._metrics.add("unconfirmed_total")
                # Keeps `busy` true until it is sent again; a negative key, because no confirm has a negative tag.
                self._unconfirmed[-number] = pending
                self._ioloop.call_later(RESEND_SECONDS, lambda number=-number: self._resend(number))

    def _resend(self, number: int) -> None:
        pending = self._unconfirmed.pop(number, None)
        if pending is not None:
            self._unsent.append(pending)
            self._flush()

    def _connection_lost(self) -> None:
        self._channel = None
        self._metrics.add("connections_lost_total", 0 if self.connection.closed else 1)
        self._metrics.add("unconfirmed_total", len(self._unconfirmed))
        self._unsent.extendleft(reversed(self._unconfirmed.values()))
        self._unconfirmed.clear()
        self._unroutable.clear()
        if self.connection.closed:
            self._on_closed()

    def _check_late_confirms(self) -> None:
        oldest = time.monotonic() - CONFIRM_SECONDS
        if any(number > 0 and pending.sent_at < oldest for number, pending in self._unconfirmed.items()):
            self.connection.reconnect(f"no confirm within {CONFIRM_SECONDS:.0f} s")
        if not self.connection.closed:
            self._ioloop.call_later(1.0, self._check_late_confirms)

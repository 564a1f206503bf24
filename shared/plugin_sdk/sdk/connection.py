"""An AMQP connection with one channel that reconnects whenever it is lost."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

import pika
from pika.adapters.select_connection import IOLoop
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed, AMQPConnectorPhaseErrorBase
from pika.channel import Channel

from .version import PRODUCT, VERSION

log = logging.getLogger("motcua.agency")

FIRST_BACKOFF_SECONDS, MAX_BACKOFF_SECONDS = 0.5, 30.0
HEARTBEAT_SECONDS = 20
CONNECT_SECONDS = 5.0
BLOCKED_SECONDS = 60.0


def connection_parameters(url: str, name: str) -> pika.URLParameters:
    """Connection parameters with heartbeats and a timeout on every wait.

    Args:
        url: the AMQP URL; heartbeat and timeouts in its query take precedence.
        name: shown to the broker's administrators.
    """
    parameters = pika.URLParameters(url)
    query = url.partition("?")[2]
    if "heartbeat=" not in query:
        parameters.heartbeat = HEARTBEAT_SECONDS
    if "blocked_connection_timeout=" not in query:
        parameters.blocked_connection_timeout = BLOCKED_SECONDS
    if "socket_timeout=" not in query:
        parameters.socket_timeout = CONNECT_SECONDS
    if "stack_timeout=" not in query:
        parameters.stack_timeout = 2 * CONNECT_SECONDS
    parameters.connection_attempts = 1  # Connection itself waits between attempts
    parameters.client_properties = {"connection_name": name, "product": PRODUCT, "version": VERSION}
    return parameters


class Connection:
    """Use it in the I/O loop's thread only.

    Args:
        ioloop: where the connection runs; several connections may share it.
        parameters: see `connection_parameters`.
        name: for the log.
        on_channel: called with every new channel.
        on_lost: called when the channel is gone, and after each failed attempt.
    """

    def __init__(
        self,
        ioloop: IOLoop,
        parameters: pika.ConnectionParameters,
        name: str,
        on_channel: Callable[[Channel], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._ioloop = ioloop
        self._parameters = parameters
        self._name = name
        self._on_channel = on_channel
        self._on_lost = on_lost
        self._backoff = FIRST_BACKOFF_SECONDS
        self._closing = False
        self._connection: pika.SelectConnection | None = None

    @property
    def closed(self) -> bool:
        """Whether `close` was called and the connection has ended."""
        return self._closing and self._connection is None

    def open(self) -> None:
        """Connects, and reconnects whenever the connection is lost, until `close`."""
        if self._closing:
            return
        self._connection = pika.SelectConnection(
            self._parameters,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._channel_opened),
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
            custom_ioloop=self._ioloop,
        )

    def reset_backoff(self) -> None:
        """Call it when the channel is in use: the first pause after the next loss is short again."""
        self._backoff = FIRST_BACKOFF_SECONDS

    def reconnect(self, reason: str) -> None:
        """Closes the present connection and opens another."""
        log.warning("%s: %s", self._name, reason)
        self._close_connection()

    def close(self) -> None:
        """Closes the connection for good; `on_lost` is called when that is done."""
        self._closing = True
        self._close_connection()

    def _close_connection(self) -> None:
        if self._connection is not None and not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()

    def _channel_opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_cancel_callback(lambda _frame: self.reconnect("the platform deleted this agency's queue"))
        self._on_channel(channel)

    def _channel_closed(self, channel: Channel, reason: Exception) -> None:
        if channel.connection.is_open:  # the broker refused an operation: start again with a new connection
            self.reconnect(describe_error(reason))

    def _ended(self, _connection: pika.SelectConnection, reason: Exception | str) -> None:
        self._connection = None
        self._on_lost()
        if self._closing:
            return
        pause = self._backoff * random.uniform(0.5, 1.0)  # so that many services do not reconnect at the same moment
        self._backoff = min(2 * self._backoff, MAX_BACKOFF_SECONDS)
        log.warning("%s: not connected, next attempt in %.1f s: %s", self._name, pause, describe_error(reason))
        self._ioloop.call_later(pause, self.open)


def describe_error(reason: Exception | str) -> str:
    """The text of an error; pika wraps errors into others, so take the innermost."""
    while isinstance(reason, AMQPConnectionWorkflowFailed | AMQPConnectorPhaseErrorBase):
        reason = reason.exceptions[-1] if isinstance(reason, AMQPConnectionWorkflowFailed) else reason.exception
    return reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"

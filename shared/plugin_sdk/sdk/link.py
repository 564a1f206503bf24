"""A connection with one channel that is opened again whenever it is lost."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable

import pika
from pika.adapters.select_connection import IOLoop
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed, AMQPConnectorPhaseErrorBase
from pika.channel import Channel

log = logging.getLogger("motcua.agency")

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
HEARTBEAT_SECONDS = 20
CONNECT_SECONDS = 5.0
BLOCKED_SECONDS = 60.0


def parameters(url: str, name: str) -> pika.URLParameters:
    """How to connect: heartbeats, and an end to every wait.

    Args:
        url: the AMQP URL; what its query says about heartbeat and timeouts has precedence.
        name: what the broker's administrators see.
    """
    found = pika.URLParameters(url)
    query = url.partition("?")[2]
    if "heartbeat=" not in query:
        found.heartbeat = HEARTBEAT_SECONDS
    if "blocked_connection_timeout=" not in query:
        found.blocked_connection_timeout = BLOCKED_SECONDS
    if "socket_timeout=" not in query:
        found.socket_timeout = CONNECT_SECONDS
    if "stack_timeout=" not in query:
        found.stack_timeout = 2 * CONNECT_SECONDS
    found.connection_attempts = 1  # the pauses between attempts are ours
    found.client_properties = {"connection_name": name}
    return found


class Link:
    """Used in the I/O loop's thread alone.

    Args:
        ioloop: where the connection lives; several links may share it.
        how: see `parameters`.
        name: for the log.
        on_channel: called with every new channel.
        on_lost: called when the channel is gone, and after each failed attempt.
    """

    def __init__(
        self,
        ioloop: IOLoop,
        how: pika.ConnectionParameters,
        name: str,
        on_channel: Callable[[Channel], None],
        on_lost: Callable[[], None],
    ) -> None:
        self._ioloop = ioloop
        self._how = how
        self._name = name
        self._on_channel = on_channel
        self._on_lost = on_lost
        self._pause = FIRST_PAUSE
        self._closing = False
        self._connection: pika.SelectConnection | None = None

    @property
    def closed(self) -> bool:
        """Whether `close` was called and the connection has ended."""
        return self._closing and self._connection is None

    def open(self) -> None:
        """Connects, now and whenever the connection is lost, until `close`."""
        if self._closing:
            return
        self._connection = pika.SelectConnection(
            self._how,
            on_open_callback=lambda connection: connection.channel(on_open_callback=self._opened),
            on_open_error_callback=self._ended,
            on_close_callback=self._ended,
            custom_ioloop=self._ioloop,
        )

    def works(self) -> None:
        """The link does what it is for: the next loss is followed by a short pause again."""
        self._pause = FIRST_PAUSE

    def drop(self, reason: str) -> None:
        """Gives the present connection up; another follows."""
        log.warning("%s: %s", self._name, reason)
        self._end()

    def close(self) -> None:
        """Ends the link in good order and for good; `on_lost` is called when that is done."""
        self._closing = True
        self._end()

    def _end(self) -> None:
        if self._connection is not None and not (self._connection.is_closing or self._connection.is_closed):
            self._connection.close()

    def _opened(self, channel: Channel) -> None:
        channel.add_on_close_callback(self._channel_closed)
        channel.add_on_cancel_callback(lambda _frame: self.drop("the platform deleted this agency's queue"))
        self._on_channel(channel)

    def _channel_closed(self, channel: Channel, reason: Exception) -> None:
        if channel.connection.is_open:  # the broker refused something; the connection goes with the channel
            self.drop(said(reason))

    def _ended(self, _connection: pika.SelectConnection, reason: Exception | str) -> None:
        self._connection = None
        self._on_lost()
        if self._closing:
            return
        pause = self._pause * random.uniform(0.5, 1.0)  # so that many services do not come back at the same moment
        self._pause = min(2 * self._pause, LONGEST_PAUSE)
        log.warning("%s: not connected, again in %.1f s: %s", self._name, pause, said(reason))
        self._ioloop.call_later(pause, self.open)


def said(reason: Exception | str) -> str:
    """What an error says; of those that pika wraps into others, the innermost."""
    while isinstance(reason, AMQPConnectionWorkflowFailed | AMQPConnectorPhaseErrorBase):
        reason = reason.exceptions[-1] if isinstance(reason, AMQPConnectionWorkflowFailed) else reason.exception
    return reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"

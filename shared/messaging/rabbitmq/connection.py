"""One connection with one channel, in an I/O thread, so that heartbeats go on while the owner is busy."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Protocol

from pika.adapters.select_connection import IOLoop
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed, AMQPConnectorPhaseErrorBase
from pika.channel import Channel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, ConnectionClosedByBroker, StreamLostError

from shared.messaging.port import BusUnavailable
from shared.messaging.rabbitmq.buffered_connection import BufferedConnection
from shared.messaging.rabbitmq.endpoint import Endpoint

log = logging.getLogger(__name__)
# pika logs one lost connection in a dozen lines with stack traces (and credentials at level DEBUG); this module logs it in one line
logging.getLogger("pika").setLevel(logging.CRITICAL)

CLOSE_SECONDS = 2.0
NOT_FOUND = 404
INTERNAL_ERROR = 541
CLOSED = "closed"


class ChannelHandler(Protocol):
    """Uses a connection's channel to publish or to consume. Its methods are called in the I/O thread."""

    def start(self, connection: BrokerConnection, channel: Channel) -> None:
        """Sets the channel up, then calls `connection.ready()`."""
        ...

    def wake_up(self) -> None:
        """Wakes the owner's thread, because the connection is lost, blocked or unblocked. May be called from any thread."""
        ...

    def finish(self) -> None:
        """Ends an open connection properly, after everything requested before."""
        ...


class BrokerConnection:
    """A connection from its opening to its loss; it is never reopened.

    Args:
        endpoint: the broker.
        name: shown to the broker's administrators.
        handler: uses the channel.

    Attributes:
        lost: why the connection is no longer usable; ``None`` while it is.
        missing: whether it was lost because a queue or exchange does not exist.
        failed_inside: whether it was lost because the broker had an internal error.
        blocked: whether the broker takes no messages because of a memory or disk alarm.
        pid: the process that opened it.
    """

    def __init__(self, endpoint: Endpoint, name: str, handler: ChannelHandler) -> None:
        self.lost: str | None = None
        self.missing = False
        self.failed_inside = False
        self.blocked = False
        self.pid = os.getpid()
        self._endpoint = endpoint
        self._name = name
        self._handler = handler
        self._open_ended = Event()  # opened or failed
        self._lock = Lock()
        self._ioloop = IOLoop()
        self._connection: BufferedConnection | None = None
        self._channel: Channel | None = None
        self._terminated = False
        self._thread = Thread(target=self._run, name=f"bus-{name}", daemon=True)

    def open(self) -> None:
        """Connects and waits until the handler has set the channel up.

        Raises:
            BusUnavailable: not within the endpoint's time, or refused.
        """
        try:
            self._parameters = self._endpoint.pika_parameters(self._name)
        except OSError as error:
            raise BusUnavailable(f"the certificates for RabbitMQ at {self._endpoint.address}: {error}") from error
        self._thread.start()
        if not self._open_ended.wait(3 * self._endpoint.connect_timeout):
            self.drop("the broker does not answer")
        if self.lost is not None:
            raise BusUnavailable(f"RabbitMQ at {self._endpoint.address}: {self.lost}")

    def ready(self) -> None:
        """Called by the handler when it has set the channel up."""
        self._open_ended.set()

    def call_threadsafe(self, function: Callable[[], None]) -> None:
        """Calls a function in the I/O thread. Only so may another thread use the channel."""
        self._ioloop.add_callback_threadsafe(lambda: self._guarded(function))

    def call_later(self, seconds: float, function: Callable[[], None]) -> None:
        """Calls a function after some time; only from the I/O thread."""
        self._ioloop.call_later(seconds, lambda: self._guarded(function))

    def drop(self, reason: str) -> None:
        """Gives the connection up at once, without closing it properly: the broker may not answer."""
        self._set_lost(reason)
        self.call_threadsafe(self.terminate)

    def close(self) -> None:
        """Closes the connection properly: everything requested before is still sent."""
        if self.pid != os.getpid() or not self._thread.is_alive():
            return
        self._set_lost(CLOSED)
        self.call_threadsafe(self._finish)
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            self.call_threadsafe(self.terminate)
            self._thread.join(CLOSE_SECONDS)

    def terminate(self) -> None:
        """Ends the connection without closing it properly; only from the I/O thread."""
        if self._terminated:
            return
        self._terminated = True
        if self._connection is None or self._connection.is_closed:
            self._ioloop.stop()
        else:
            # as pika's heartbeat checker does: the public close() would wait for the answer of a broker that may be gone
            self._connection._terminate_stream(StreamLostError(self.lost))

    def _finish(self) -> None:
        if self._channel is not None and self._channel.is_open and not self._terminated:
            self._handler.finish()
        else:
            self.terminate()

    def _run(self) -> None:
        try:
            self._connection = BufferedConnection(
                self._parameters,
                on_open_callback=self._on_open,
                on_open_error_callback=self._on_end,
                on_close_callback=self._on_end,
                custom_ioloop=self._ioloop,
            )
            self._ioloop.start()
        except Exception as error:
            log.exception("a fault in the I/O loop of %s", self._name)
            self._set_lost(_describe(error))
        finally:
            self._set_lost("the I/O thread ended")
            self._ioloop.close()

    def _on_open(self, connection: BufferedConnection) -> None:
        connection.add_on_connection_blocked_callback(lambda _connection, _frame: self._set_blocked(True))
        connection.add_on_connection_unblocked_callback(lambda _connection, _frame: self._set_blocked(False))
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_cancel_callback(lambda _frame: self._on_cancelled())
        self._handler.start(self, channel)

    def _on_cancelled(self) -> None:
        self.missing = True
        self.drop("a queue was deleted")

    def _on_channel_closed(self, _channel: Channel, error: Exception) -> None:
        if self.lost is not None:  # the channel closes because the connection does
            return
        self.missing = isinstance(error, ChannelClosedByBroker) and error.reply_code == NOT_FOUND
        self.failed_inside = _is_internal(error)
        self._set_lost(_describe(error))
        self.terminate()

    def _on_end(self, _connection: BufferedConnection, error: Exception | str) -> None:
        self.failed_inside = self.failed_inside or _is_internal(error)
        self._set_lost(_describe(error))
        self._ioloop.stop()

    def _set_blocked(self, blocked: bool) -> None:
        self.blocked = blocked
        what = "takes no events (memory or disk alarm) from" if blocked else "takes events again from"
        log.warning("RabbitMQ %s %s", what, self._name)
        self._handler.wake_up()

    def _set_lost(self, reason: str) -> None:
        with self._lock:
            if self.lost is not None:
                return
            self.lost = reason
        if reason != CLOSED:
            log.warning("the connection %s to RabbitMQ at %s is lost: %s", self._name, self._endpoint.address, reason)
        self._open_ended.set()
        self._handler.wake_up()

    def _guarded(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception as error:
            log.exception("a fault in the I/O thread of %s", self._name)
            self._set_lost(_describe(error))
            self.terminate()


def _is_internal(error: Exception | str) -> bool:
    return isinstance(error, ConnectionClosedByBroker) and error.reply_code == INTERNAL_ERROR


def _describe(error: Exception | str) -> str:
    """An error as text; of errors that pika wraps into others, the innermost."""
    while True:
        inner = error.exceptions[-1] if isinstance(error, AMQPConnectionWorkflowFailed) else None
        inner = error.exception if isinstance(error, AMQPConnectorPhaseErrorBase) else inner
        if isinstance(error, AMQPConnectionError) and error.args and isinstance(error.args[0], Exception):
            inner = error.args[0]
        if not isinstance(inner, Exception):
            return error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        error = inner

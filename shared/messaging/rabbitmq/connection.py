"""One connection with one channel, in an I/O thread that keeps its heartbeats going whatever the owner is doing."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from threading import Event, Lock, Thread
from typing import Protocol

from pika.adapters.select_connection import IOLoop
from pika.adapters.utils.connection_workflow import AMQPConnectionWorkflowFailed, AMQPConnectorPhaseErrorBase
from pika.channel import Channel
from pika.exceptions import AMQPConnectionError, ChannelClosedByBroker, StreamLostError

from shared.messaging.port import BusUnavailable
from shared.messaging.rabbitmq.buffered_connection import BufferedConnection
from shared.messaging.rabbitmq.endpoint import Endpoint

log = logging.getLogger(__name__)
# pika reports one lost connection in a dozen lines with stack traces (and credentials at level DEBUG); here it is one line
logging.getLogger("pika").setLevel(logging.CRITICAL)

CLOSE_SECONDS = 2.0
NOT_FOUND = 404
CLOSED = "closed"


class ChannelHandler(Protocol):
    """What goes over a link. Called in the link's I/O thread."""

    def start(self, link: BrokerConnection, channel: Channel) -> None:
        """Sets the channel up and calls `link.ready()` when that is done."""
        ...

    def wake(self) -> None:
        """Wakes whoever waits for something on this link: it is lost, blocked or free again. May come from any thread."""
        ...

    def finish(self) -> None:
        """Ends an open connection in good order, after what was asked for before."""
        ...


class BrokerConnection:
    """A connection from its opening to its loss; never reopened.

    Args:
        endpoint: the broker.
        name: what the broker's administrators see.
        flow: what goes over it.

    Attributes:
        lost: why the connection is no longer usable; ``None`` while it is.
        missing: whether it was lost because a queue or exchange does not exist.
        blocked: whether the broker has stopped taking messages for want of memory or disk.
        pid: the process whose connection this is.
    """

    def __init__(self, endpoint: Endpoint, name: str, flow: ChannelHandler) -> None:
        self.lost: str | None = None
        self.missing = False
        self.blocked = False
        self.pid = os.getpid()
        self._endpoint = endpoint
        self._name = name
        self._flow = flow
        self._settled = Event()
        self._lock = Lock()
        self._ioloop = IOLoop()
        self._connection: BufferedConnection | None = None
        self._channel: Channel | None = None
        self._terminated = False
        self._thread = Thread(target=self._run, name=f"bus-{name}", daemon=True)

    def open(self) -> None:
        """Connects and waits until the flow has been set up.

        Raises:
            BusUnavailable: not within the endpoint's time, or refused.
        """
        try:
            self._parameters = self._endpoint.pika_parameters(self._name)
        except OSError as error:
            raise BusUnavailable(f"the certificates for RabbitMQ at {self._endpoint.place}: {error}") from error
        self._thread.start()
        if not self._settled.wait(3 * self._endpoint.connect_timeout):
            self.drop("the broker does not answer")
        if self.lost is not None:
            raise BusUnavailable(f"RabbitMQ at {self._endpoint.place}: {self.lost}")

    def ready(self) -> None:
        """The flow has been set up."""
        self._settled.set()

    def call(self, function: Callable[[], None]) -> None:
        """Has the I/O thread call a function. The only way to touch the channel from another thread."""
        self._ioloop.add_callback_threadsafe(lambda: self._guarded(function))

    def later(self, seconds: float, function: Callable[[], None]) -> None:
        """Calls a function after some time; only from the I/O thread."""
        self._ioloop.call_later(seconds, lambda: self._guarded(function))

    def drop(self, reason: str) -> None:
        """Gives the connection up at once, without a word to a broker that may not listen any more."""
        self._lose(reason)
        self.call(self.terminate)

    def close(self) -> None:
        """Ends the connection in good order: what was asked for before is still sent."""
        if self.pid != os.getpid() or not self._thread.is_alive():
            return
        self._lose(CLOSED)
        self.call(self._finish)
        self._thread.join(CLOSE_SECONDS)
        if self._thread.is_alive():
            self.call(self.terminate)
            self._thread.join(CLOSE_SECONDS)

    def terminate(self) -> None:
        """Ends the connection without a word; only from the I/O thread."""
        if self._terminated:
            return
        self._terminated = True
        if self._connection is None or self._connection.is_closed:
            self._ioloop.stop()
        else:
            # what pika's own heartbeat does: the public close() would wait for the answer of a broker that may be gone
            self._connection._terminate_stream(StreamLostError(self.lost))

    def _finish(self) -> None:
        if self._channel is not None and self._channel.is_open and not self._terminated:
            self._flow.finish()
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
            self._lose(_describe(error))
        finally:
            self._lose("the I/O thread ended")
            self._ioloop.close()

    def _on_open(self, connection: BufferedConnection) -> None:
        connection.add_on_connection_blocked_callback(lambda _connection, _frame: self._set_blocked(True))
        connection.add_on_connection_unblocked_callback(lambda _connection, _frame: self._set_blocked(False))
        connection.channel(on_open_callback=self._on_channel)

    def _on_channel(self, channel: Channel) -> None:
        self._channel = channel
        channel.add_on_close_callback(self._on_channel_closed)
        channel.add_on_cancel_callback(lambda _frame: self._cancelled())
        self._flow.start(self, channel)

    def _cancelled(self) -> None:
        self.missing = True
        self.drop("a queue was deleted")

    def _on_channel_closed(self, _channel: Channel, error: Exception) -> None:
        if self.lost is not None:  # the channel goes because the connection does
            return
        self.missing = isinstance(error, ChannelClosedByBroker) and error.reply_code == NOT_FOUND
        self._lose(_describe(error))
        self.terminate()

    def _on_end(self, _connection: BufferedConnection, error: Exception | str) -> None:
        self._lose(_describe(error))
        self._ioloop.stop()

    def _set_blocked(self, blocked: bool) -> None:
        self.blocked = blocked
        what = "takes no events (memory or disk alarm) from" if blocked else "takes events again from"
        log.warning("RabbitMQ %s %s", what, self._name)
        self._flow.wake()

    def _lose(self, reason: str) -> None:
        with self._lock:
            if self.lost is not None:
                return
            self.lost = reason
        if reason != CLOSED:
            log.warning("the connection %s to RabbitMQ at %s is lost: %s", self._name, self._endpoint.place, reason)
        self._settled.set()
        self._flow.wake()

    def _guarded(self, function: Callable[[], None]) -> None:
        try:
            function()
        except Exception as error:
            log.exception("a fault in the I/O thread of %s", self._name)
            self._lose(_describe(error))
            self.terminate()


def _describe(error: Exception | str) -> str:
    """What an error says; what pika wraps into other errors, that is, the innermost."""
    while True:
        inner = error.exceptions[-1] if isinstance(error, AMQPConnectionWorkflowFailed) else None
        inner = error.exception if isinstance(error, AMQPConnectorPhaseErrorBase) else inner
        if isinstance(error, AMQPConnectionError) and error.args and isinstance(error.args[0], Exception):
            inner = error.args[0]
        if not isinstance(inner, Exception):
            return error if isinstance(error, str) else f"{type(error).__name__}: {error}"
        error = inner

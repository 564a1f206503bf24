"""For the transport tests: rows to publish, helpers that take and publish again, and a proxy that freezes or cuts connections."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from collections.abc import Callable, Coroutine, Sequence
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode, urlsplit, urlunsplit

from shared.messaging.event import event_type, new_id, routing_key
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, Consumer, Delivery, Publisher, PublishResult
from tests.support.processes import wait_until

PATIENCE = 30.0  # seconds; only a failing test waits so long
DELIVER = struct.pack(">HH", 60, 60)  # the start of a frame's payload with the method basic.deliver
HEARTBEAT = 8  # a frame's type

T = TypeVar("T")


def row(
    number: int, name: str = "dossier.filed", key: str = "H01-1", body: str | None = None, topic: str = ""
) -> OutboxRow:
    """An outbox row; by default its body is its number, and its topic that of its type."""
    type_ = event_type(name)
    return OutboxRow(number, new_id(), type_, key, str(number) if body is None else body, topic or routing_key(type_))


def rows(numbers: Sequence[int], name: str = "dossier.filed", key: str = "H01-1") -> list[OutboxRow]:
    """Rows with these numbers."""
    return [row(number, name, key) for number in numbers]


def take(consumer: Consumer, expected: int, most: int = 100) -> list[Delivery]:
    """Takes until there are `expected` messages."""
    taken: list[Delivery] = []
    while len(taken) < expected:
        more = consumer.take(min(most, expected - len(taken)), PATIENCE)
        assert more, f"{len(taken)} of {expected} messages were delivered"
        taken += more
    return taken


def numbers(deliveries: Sequence[Delivery]) -> list[int]:
    """The bodies as numbers."""
    return [int(delivery.body) for delivery in deliveries]


def take_again(consumer: Consumer, expected: int) -> list[Delivery]:
    """Takes after a loss of the connection: the consumer raises BusUnavailable once or more often, then delivers."""

    def attempt() -> list[Delivery]:
        try:
            return consumer.take(1, 1.0)
        except BusUnavailable:
            return []

    first = wait_until(attempt, PATIENCE, what="a message after the loss")
    return first + take(consumer, expected - len(first))


def unavailable_reason(action: Callable[[], object]) -> str:
    """Repeats an action until it raises BusUnavailable; returns the message."""
    reasons: list[str] = []

    def raised() -> bool:
        try:
            action()
        except BusUnavailable as loss:
            reasons.append(str(loss))
        return bool(reasons)

    wait_until(raised, PATIENCE, what="a report of the loss")
    return reasons[0]


def publish_again(publisher: Publisher, batch: Sequence[OutboxRow]) -> PublishResult:
    """Publishes after a loss of the connection, until it succeeds."""

    def attempt() -> PublishResult | None:
        try:
            return publisher.publish(batch)
        except BusUnavailable:
            return None

    published = wait_until(attempt, PATIENCE, what="a publish after the loss")
    assert published is not None
    return published


class Proxy:
    """A proxy between clients and the broker at `url`, with an event loop in a thread of its own.

    Args:
        url: the broker's AMQP URL.
        tls: speaks TLS to the clients with this certificate.

    Attributes:
        swallow_deliveries: whether the broker's deliveries are dropped.
        swallowed: how many were.
    """

    def __init__(self, url: str, tls: ssl.SSLContext | None = None) -> None:
        self.swallow_deliveries = False
        self.swallowed = 0
        self._parts = urlsplit(url)
        self._tls = tls
        self._port = 0
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, daemon=True)
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._writers: set[asyncio.StreamWriter] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls))
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def url(self, **options: object) -> str:
        """The broker's URL through this proxy, with options in the query."""
        user, _, _ = self._parts.netloc.rpartition("@")
        scheme = "amqps" if self._tls else "amqp"
        return urlunsplit((scheme, f"{user}@127.0.0.1:{self._port}", self._parts.path, urlencode(options), ""))

    def freeze(self) -> None:
        """Stops forwarding without closing anything, like a half-open connection."""
        self._loop.call_soon_threadsafe(self._flowing.clear)

    def thaw(self) -> None:
        """Forwards again."""
        self._loop.call_soon_threadsafe(self._flowing.set)

    def cut(self) -> None:
        """Resets all connections on both sides, as when a process or machine crashes."""
        self._run(self._cut())

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    async def _cut(self) -> None:
        for writer in self._writers:
            if not writer.is_closing():
                writer.transport.abort()

    async def _end(self) -> None:
        self._server.close()
        await self._cut()
        self._flowing.set()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            from_broker, to_broker = await asyncio.open_connection(self._parts.hostname, self._parts.port)
        except OSError:  # the broker is not reachable
            writer.close()
            return
        self._writers |= {writer, to_broker}
        await asyncio.gather(self._up(reader, to_broker), self._down(from_broker, writer))
        self._writers -= {writer, to_broker}

    async def _up(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):  # either side went away
            while data := await source.read(65536):
                await self._forward(data, target)
        target.close()

    async def _down(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        swallowing = 0  # frames of a delivery: its method, its header, and (in these tests) one of body
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await source.readexactly(7)
                frame = head + await source.readexactly(struct.unpack(">BHL", head)[2] + 1)
                if self.swallow_deliveries and frame.startswith(DELIVER, 7):
                    swallowing = 3
                    self.swallowed += 1
                if swallowing and frame[0] != HEARTBEAT:
                    swallowing -= 1
                else:
                    await self._forward(frame, target)
        target.close()

    async def _forward(self, data: bytes, target: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        target.write(data)
        await target.drain()

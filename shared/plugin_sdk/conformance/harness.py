"""The platform's side of a check: sends events to one agency and collects what its program publishes."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import ChannelClosedByBroker
from pika.spec import Queue

from shared.client.http import wait_for
from shared.messaging.event import CONTENT_TYPE
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, agency_name
from shared.messaging.topology import DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.collector import Collector
from shared.plugin_sdk.conformance.fake_platform import FakePlatform
from shared.plugin_sdk.conformance.fixtures import FakeEvent

NOT_FOUND = 404
CONSUMER_GONE_SECONDS = 30.0
CONNECTIONS_GONE_SECONDS = 15.0
DELIVERY_SECONDS = 5.0
# pika logs a dozen lines for one failed connection; the exception says enough
logging.getLogger("pika").setLevel(logging.CRITICAL)


class QueueInUse(RuntimeError):
    """The agency's queue on this broker is in use; its messages would be mistaken for those of the check."""


class Harness:
    """A context manager. Inside the block the agency has its queue and exactly the rights of an agency.

    Args:
        url: an administrator's AMQP URL.
        management: the same broker's management API, with the same virtual host.
        agency: the agency's code.

    Attributes:
        agency: the agency's code.
        administrator_url: the administrator's AMQP URL.
        message_queue: name of the queue that receives what the agency publishes, in place of routing's queue.
        collector: has the messages that have arrived.
        platform: the fake of the platform's HTTP routes.

    Raises:
        QueueInUse: the agency's queue has messages or a consumer.
        shared.plugin_sdk.admin.management.ManagementError, pika.exceptions.AMQPError: the broker cannot be reached or refuses.
    """

    def __init__(self, url: str, management: Management, agency: str) -> None:
        self.agency = agency
        self.administrator_url = url
        self._management = management
        self._name = agency_name(agency)
        self._password = secrets.token_urlsafe(24)
        self._stack = ExitStack()
        self.message_queue = ""
        self.platform = FakePlatform(self._name)

    def __enter__(self) -> Self:
        with self._stack:
            self._refuse_queue_in_use()
            self._stack.callback(self._remove)
            grants.grant(self._management, self.agency, self._password)
            self._connection = self._stack.enter_context(pika.BlockingConnection(self._parameters()))
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
            self.message_queue = self._bind_temporary_queue(AGENCIES_EXCHANGE, f"{self._name}.#")
            dead_letter_queue = self._bind_temporary_queue(DEAD_LETTER_EXCHANGE, self._name)
            self.collector = Collector(self._parameters(), self.message_queue, dead_letter_queue, self.agency)
            self.collector.start()
            self._stack.callback(self.collector.stop)
            self._stack.enter_context(self.platform)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def environment(self, metrics_port: int = 0) -> dict[str, str]:
        """The environment variables that the agency's program needs."""
        parts = urlsplit(self.administrator_url)
        account = f"{quote(self._name, safe='')}:{quote(self._password, safe='')}"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        address = f"{host}:{parts.port}" if parts.port else host
        return {
            "MOTCUA_AGENCY": self.agency,
            "MOTCUA_AMQP_URL": f"{parts.scheme}://{account}@{address}{parts.path}",
            "MOTCUA_URL": self.platform.url,
            "MOTCUA_CLIENT_SECRET": self.platform.secret,
            "MOTCUA_METRICS_PORT": str(metrics_port),
        }

    def send(self, event: FakeEvent) -> None:
        """Sends an event to the agency as the platform does; returns when the broker has confirmed it."""
        self.platform.add(event)
        self.send_bytes(event.to_json(), event.id)

    def send_many(self, events: Sequence[FakeEvent]) -> None:
        """Sends many events; returns when the broker has confirmed the last one."""
        channel = self._connection.channel()
        for number, event in enumerate(events, 1):
            if number == len(events):
                channel.confirm_delivery()
            self.platform.add(event)
            self._publish(channel, event.to_json(), event.id)
        channel.close()

    def send_bytes(self, body: bytes, message_id: str = "") -> None:
        """Sends any bytes to the agency."""
        self._publish(self._channel, body, message_id)

    def queued(self) -> int:
        """Number of messages in the agency's queue that are not delivered to a program."""
        return int(self._queue().message_count)

    def unsettled(self) -> int:
        """Number of messages that a program left unacknowledged or undelivered when it ended.

        Raises:
            TimeoutError: the broker still has a consumer of the queue.
        """
        wait_for(lambda: not self._queue().consumer_count, CONSUMER_GONE_SECONDS, "the end of the program's consumer")
        return int(self._queue().message_count)

    def deliver_once(self) -> int:
        """Takes all messages of the agency's queue and gives them back, so that the broker marks them as delivered before.

        Returns:
            how often one of them had been delivered before, at most; 0 if there are none.
        """
        waiting = self.unsettled()
        if not waiting:
            return 0
        channel = self._connection.channel()
        channel.basic_qos(prefetch_count=waiting)
        deliveries = 0
        for _ in range(waiting):
            _method, properties, _body = next(channel.consume(self._name, inactivity_timeout=DELIVERY_SECONDS))
            headers = properties.headers if properties is not None else None
            deliveries = max(deliveries, int((headers or {}).get("x-delivery-count", 0)))
        channel.close()
        wait_for(lambda: self._queue().message_count >= waiting, DELIVERY_SECONDS, "the return of the messages")
        return deliveries

    def close_connections(self) -> int:
        """Has the broker close all connections of the agency's program, as at a restart or a fail-over.

        Returns:
            the number of connections closed.

        Raises:
            TimeoutError: a connection is still open after 15 seconds.
        """
        open_now = self._connection_names()
        self._management.call("DELETE", "connections", "username", self._name, missing_ok=True)
        gone = lambda: open_now.isdisjoint(self._connection_names())  # noqa: E731
        wait_for(gone, CONNECTIONS_GONE_SECONDS, f"the end of the connections of {self._name}")
        return len(open_now)

    @contextmanager
    def refusing_decisions(self) -> Iterator[None]:
        """While the block runs, the broker refuses what the agency publishes (basic.nack): a queue bound to it is full.
        The collector still sees it."""
        arguments = {"x-max-length": 0, "x-overflow": "reject-publish"}
        full = self._bind_temporary_queue(AGENCIES_EXCHANGE, f"{self._name}.#", arguments)
        try:
            yield
        finally:
            self._channel.queue_delete(full)

    @contextmanager
    def without_platform(self) -> Iterator[None]:
        """While the block runs, no queue receives what the agency publishes: the broker returns it, if it is mandatory."""
        binding = (self.message_queue, AGENCIES_EXCHANGE, f"{self._name}.#")
        self._channel.queue_unbind(*binding)
        try:
            yield
        finally:
            self._channel.queue_bind(*binding)

    def purge(self) -> None:
        """Empties the agency's queue."""
        self._channel.queue_purge(self._name)

    def _publish(self, channel: BlockingChannel, body: bytes, message_id: str) -> None:
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=message_id or None)
        channel.basic_publish(EVENTS_EXCHANGE, self._name, body, properties, mandatory=True)

    def _connection_names(self) -> set[str]:
        found = self._management.call("GET", "connections", "username", self._name, missing_ok=True) or []
        return {str(entry["name"]) for entry in found}

    def _queue(self) -> Queue.DeclareOk:
        return self._channel.queue_declare(self._name, passive=True).method

    def _remove(self) -> None:
        grants.revoke(self._management, self.agency)
        grants.remove_queue(self._management, lambda _queue: 0, self.agency, force=True)

    def _bind_temporary_queue(self, exchange: str, key: str, arguments: dict[str, Any] | None = None) -> str:
        # Not exclusive, because the collector has another connection; not of a fixed name, because checks may run in parallel.
        declared = self._channel.queue_declare("", durable=False, auto_delete=True, arguments=arguments)
        name = str(declared.method.queue)
        self._channel.queue_bind(name, exchange, key)
        return name

    def _refuse_queue_in_use(self) -> None:
        with pika.BlockingConnection(self._parameters()) as connection:
            try:
                queue = connection.channel().queue_declare(self._name, passive=True).method
            except ChannelClosedByBroker as error:
                if error.reply_code != NOT_FOUND:
                    raise
                return
            if queue.message_count or queue.consumer_count:
                raise QueueInUse(
                    f"{self._name} has {queue.message_count} messages and {queue.consumer_count} consumers on this broker: "
                    "choose another code or another broker"
                )

    def _parameters(self) -> pika.URLParameters:
        parameters = pika.URLParameters(self.administrator_url)
        parameters.heartbeat = 0  # this connection is idle, and serves no heartbeats, while a program works
        parameters.socket_timeout = parameters.stack_timeout = 10.0
        parameters.client_properties = {"connection_name": f"motcua agency check {self.agency}"}
        return parameters

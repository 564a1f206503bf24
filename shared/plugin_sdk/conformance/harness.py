"""The platform's side of the wire, without the platform: sends steps to one agency and collects what comes back."""

from __future__ import annotations

import logging
import secrets
from contextlib import ExitStack
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

import pika
from pika.exceptions import ChannelClosedByBroker
from pika.spec import Queue

from shared.client.http import wait_for
from shared.messaging.event import CONTENT_TYPE
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, agency_name
from shared.messaging.topology import DEAD_LETTER_EXCHANGE, EVENTS_EXCHANGE
from shared.plugin_sdk.admin import grants
from shared.plugin_sdk.admin.management import Management
from shared.plugin_sdk.conformance.collector import Collector
from shared.plugin_sdk.conformance.fixtures import FakeEvent
from shared.plugin_sdk.conformance.intake import fake_intake

NOT_FOUND = 404
GONE_SECONDS = 30.0
# pika reports one connection that fails in a dozen lines; whoever asked for it is told by the exception
logging.getLogger("pika").setLevel(logging.CRITICAL)


class Occupied(RuntimeError):
    """The agency works on this broker already; what it says would be taken for the program's."""


class Bench:
    """A context manager. The agency has its queue and exactly an agency's rights inside the block.

    Args:
        url: the AMQP URL of an administrator.
        management: the same broker's management API, with the same virtual host.
        agency: the agency's code.

    Attributes:
        agency: as given.
        administrator_url: as given.
        answers: the queue that stands for routing's.
        collector: has what came back.

    Raises:
        Occupied: the agency's queue holds messages or somebody consumes it.
        shared.plugin_sdk.admin.management.ManagementError, pika.exceptions.AMQPError: the broker cannot be reached or refuses.
    """

    def __init__(self, url: str, management: Management, agency: str) -> None:
        self.agency = agency
        self.administrator_url = url
        self._management = management
        self._name = agency_name(agency)
        self._password, self._token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        self._stack = ExitStack()
        self._intake = self.answers = ""

    def __enter__(self) -> Self:
        with self._stack:
            self._refuse_if_occupied()
            self._stack.callback(self._remove)
            grants.grant(self._management, self.agency, self._password)
            self._connection = self._stack.enter_context(pika.BlockingConnection(self._parameters()))
            self._channel = self._connection.channel()
            self._channel.confirm_delivery()
            self.answers = self._own_queue(AGENCIES_EXCHANGE, f"{self._name}.#")
            dead = self._own_queue(DEAD_LETTER_EXCHANGE, self._name)
            self.collector = Collector(self._parameters(), self.answers, dead, self.agency)
            self.collector.start()
            self._stack.callback(self.collector.stop)
            self._intake = self._stack.enter_context(fake_intake(self._token))
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def environment(self, metrics_port: int = 0) -> dict[str, str]:
        """What the agency's program must find in its environment."""
        parts = urlsplit(self.administrator_url)
        account = f"{quote(self._name, safe='')}:{quote(self._password, safe='')}"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        place = f"{host}:{parts.port}" if parts.port else host
        return {
            "MOTCUA_AGENCY": self.agency,
            "MOTCUA_AMQP_URL": f"{parts.scheme}://{account}@{place}{parts.path}",
            "MOTCUA_URL": self._intake,
            "MOTCUA_TOKEN": self._token,
            "MOTCUA_METRICS_PORT": str(metrics_port),
        }

    def send(self, event: FakeEvent) -> None:
        """Sends an event to the agency, as the platform does; returns when the broker has it."""
        self.send_bytes(event.to_json(), event.id)

    def send_bytes(self, body: bytes, message_id: str = "") -> None:
        """Sends anything to the agency."""
        properties = pika.BasicProperties(content_type=CONTENT_TYPE, delivery_mode=2, message_id=message_id or None)
        self._channel.basic_publish(EVENTS_EXCHANGE, self._name, body, properties, mandatory=True)

    def waiting(self) -> int:
        """How many messages wait in the agency's queue; not counting those that a program has in hand."""
        return int(self._queue().message_count)

    def left_behind(self) -> int:
        """How many messages a program that has ended left unsettled or untouched.

        Raises:
            TimeoutError: the broker still knows a consumer of the queue.
        """
        wait_for(lambda: not self._queue().consumer_count, GONE_SECONDS, "the end of the program's consumer")
        return int(self._queue().message_count)

    def purge(self) -> None:
        """Empties the agency's queue."""
        self._channel.queue_purge(self._name)

    def _queue(self) -> Queue.DeclareOk:
        return self._channel.queue_declare(self._name, passive=True).method

    def _remove(self) -> None:
        grants.revoke(self._management, self.agency)
        grants.remove_queue(self._management, lambda _queue: 0, self.agency, force=True)

    def _own_queue(self, exchange: str, key: str) -> str:
        # Neither exclusive nor of a fixed name: the collector has a connection of its own, and checks may run side by side.
        name = str(self._channel.queue_declare("", durable=False, auto_delete=True).method.queue)
        self._channel.queue_bind(name, exchange, key)
        return name

    def _refuse_if_occupied(self) -> None:
        with pika.BlockingConnection(self._parameters()) as connection:
            try:
                found = connection.channel().queue_declare(self._name, passive=True).method
            except ChannelClosedByBroker as error:
                if error.reply_code != NOT_FOUND:
                    raise
                return
            if found.message_count or found.consumer_count:
                raise Occupied(
                    f"{self._name} has {found.message_count} messages and {found.consumer_count} consumers on this broker: "
                    "choose another code or another broker"
                )

    def _parameters(self) -> pika.URLParameters:
        found = pika.URLParameters(self.administrator_url)
        found.heartbeat = 0  # on the same machine, and silent for long while a program works
        found.socket_timeout = found.stack_timeout = 10.0
        found.client_properties = {"connection_name": f"motcua agency check {self.agency}"}
        return found

"""Publishes events with pipelined confirms, and tells confirmed, unroutable and refused rows apart."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from threading import Event

from pika import BasicProperties
from pika.channel import Channel
from pika.exceptions import ShortStringTooLong
from pika.frame import Method
from pika.spec import Basic

from shared.messaging.event import CONTENT_TYPE
from shared.messaging.outbox import OutboxRow
from shared.messaging.port import BusUnavailable, PublishResult
from shared.messaging.rabbitmq.connection import BrokerConnection
from shared.messaging.rabbitmq.endpoint import Endpoint
from shared.messaging.rabbitmq.publish_frames import PARTITION_HEADER, PERSISTENT, SLOT_HEADER, PublishFrames
from shared.messaging.rabbitmq.reconnect import Reconnector
from shared.messaging.topology import EVENTS_EXCHANGE, slot_of, slot_topic

SLICE = 100  # rows written before the I/O thread reads confirms again
MAX_BODY = 16 * 1024 * 1024
"""The broker's limit since 4.0. For a longer body it closes the channel, which would fail all other rows too."""

BACKOFF_SECONDS = 1.0


class Batch:
    """Rows that are being published; used by the I/O thread until the batch is complete."""

    def __init__(self, rows: Sequence[OutboxRow]) -> None:
        self.rows = rows
        self.sent = 0
        self.unconfirmed: dict[int, OutboxRow] = {}  # by delivery tag, in the order of sending
        self.returned: set[str] = set()
        self.result = PublishResult()

    @property
    def completed(self) -> int:
        """The number of rows whose result is known."""
        return self.sent - len(self.unconfirmed)

    @property
    def complete(self) -> bool:
        """Whether the result of every row is known."""
        return self.completed == len(self.rows)

    def record_confirm(self, tag: int, multiple: bool, acked: bool) -> None:
        """Records the broker's ack or nack for the row sent under a tag, or for all rows up to it."""
        tags = takewhile(lambda sent: sent <= tag, self.unconfirmed) if multiple else {tag} & self.unconfirmed.keys()
        for known in list(tags):  # tags of an earlier batch, which was given up, are not known
            row = self.unconfirmed[known]
            if not acked:
                self.result.refused.append(row.id)
            elif row.event_id in self.returned:
                self.result.unroutable.append(row.id)
            else:
                self.result.confirmed.append(row.id)
            del self.unconfirmed[known]  # last, because the other thread reads `complete`


class PublishChannel:
    """A channel in confirm mode. Only `wakeup` may be used outside the I/O thread."""

    def __init__(self, user: str) -> None:
        self.wakeup = Event()  # set when the publisher's thread must check the batch or the connection
        self._batch = Batch(())
        self._tag = 0
        self._user = user
        self._headers: dict[str, str | list[str]] = {}
        self._properties = BasicProperties(
            content_type=CONTENT_TYPE, delivery_mode=PERSISTENT, user_id=user, headers=self._headers
        )

    def start(self, connection: BrokerConnection, channel: Channel) -> None:
        """Puts the channel into confirm mode."""
        self._connection, self._channel = connection, channel
        self._frames = PublishFrames(channel.channel_number, self._user, channel.connection.longest_body)
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_confirm, callback=lambda _frame: connection.ready())

    def wake_up(self) -> None:
        """Wakes the publisher's thread: the connection is lost, blocked or unblocked."""
        self.wakeup.set()

    def finish(self) -> None:
        """Closes the connection; no batch is waited for any more."""
        self._channel.connection.close()

    def send(self, batch: Batch) -> None:
        """Starts to publish a batch; confirms of an earlier batch are ignored from now on."""
        self._batch = batch
        self._send_slice(batch)

    def _send_slice(self, batch: Batch) -> None:
        if batch is not self._batch or not self._channel.is_open:
            return
        with self._channel.connection.buffered():
            for row in batch.rows[batch.sent : batch.sent + SLICE]:
                if self._publish(row):
                    self._tag += 1
                    batch.unconfirmed[self._tag] = row
                else:
                    batch.result.refused.append(row.id)
                batch.sent += 1
        if batch.sent < len(batch.rows):
            self._connection.call_later(0, partial(self._send_slice, batch))
        elif batch.complete:
            self.wakeup.set()

    def _publish(self, row: OutboxRow) -> bool:
        """Writes one row; False if it can never be a message: it must not keep the others from being published."""
        try:
            body = row.body.encode()
            if (frames := self._frames.encode(row, body)) is not None:
                self._channel.connection.write(frames)
                return True
        except UnicodeEncodeError:
            return False
        properties = self._properties  # encoded before basic_publish returns, so one object serves all rows
        properties.message_id, properties.type = row.event_id, row.type
        self._headers[PARTITION_HEADER] = row.key
        self._headers[SLOT_HEADER] = [slot_topic(slot_of(row.key))]
        try:
            if len(body) > MAX_BODY:
                return False
            exchange, key = row.route or (EVENTS_EXCHANGE, row.topic)
            self._channel.basic_publish(exchange, key, body, properties, mandatory=True)
        except (ShortStringTooLong, UnicodeEncodeError):
            return False
        return True

    def _on_confirm(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        confirm = frame.method
        self._batch.record_confirm(confirm.delivery_tag, confirm.multiple, acked=isinstance(confirm, Basic.Ack))
        if self._batch.complete:
            self.wakeup.set()

    def _on_return(self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes) -> None:
        self._batch.returned.add(properties.message_id)


class RabbitMqPublisher:
    """Publishes to the topic exchange, or straight to one service's queues. Used by one thread; connects at the first batch.

    Args:
        endpoint: the broker.
        name: shown to the broker's administrators.
    """

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._reconnector = Reconnector(self._connect)

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes a batch in order and waits until each row is confirmed, returned or refused.

        A row that cannot be a message (a routing key of more than 255 bytes, a body of more than 16 MiB) counts as refused.

        Raises:
            BusUnavailable: no connection, no confirm for `confirm_timeout` (then the connection is given up), or the broker is blocked by
                a memory or disk alarm. Some rows may have been published; all may be published again.
        """
        if not rows:
            return PublishResult()
        connection, channel = self._reconnector.open(BACKOFF_SECONDS)
        self._wait_while_blocked(connection, channel)
        batch = Batch(rows)
        connection.call_threadsafe(partial(channel.send, batch))
        completed = 0
        while not batch.complete:
            woken = channel.wakeup.wait(self._endpoint.confirm_timeout)
            channel.wakeup.clear()
            if connection.lost is not None and not batch.complete:
                raise BusUnavailable(f"the connection was lost before every event was confirmed: {connection.lost}")
            if not woken and batch.completed == completed:
                self._give_up(connection)
            completed = batch.completed
        return batch.result

    def close(self) -> None:
        """Closes the connection; the next batch opens another."""
        self._reconnector.close()

    def _wait_while_blocked(self, connection: BrokerConnection, channel: PublishChannel) -> None:
        channel.wakeup.clear()
        if connection.blocked and connection.lost is None:
            channel.wakeup.wait(self._endpoint.confirm_timeout)
            channel.wakeup.clear()
        if connection.blocked:
            raise BusUnavailable("RabbitMQ takes no events: a memory or disk alarm")
        if connection.lost is not None:
            raise BusUnavailable(f"the connection was lost: {connection.lost}")

    def _give_up(self, connection: BrokerConnection) -> None:
        if (
            connection.blocked
        ):  # keep the connection: it will report the end of the alarm, so no events need be sent to find out
            raise BusUnavailable("RabbitMQ takes no events: a memory or disk alarm")
        connection.drop("no confirm came in time")
        raise BusUnavailable(f"RabbitMQ confirmed nothing for {self._endpoint.confirm_timeout:g} s")

    def _connect(self) -> tuple[BrokerConnection, PublishChannel]:
        channel = PublishChannel(self._endpoint.user)
        connection = BrokerConnection(self._endpoint, self._name, channel)
        connection.open()
        return connection, channel

"""Puts events on the broker with pipelined confirms; every row's fate is known before it says anything."""

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
from shared.messaging.rabbitmq.reconnect import Reconnector
from shared.messaging.topology import EVENTS_EXCHANGE

SLICE = 100  # rows written before the I/O thread looks for confirms again
MAX_BODY = (
    16 * 1024 * 1024
)  # the broker's limit since 4.0; for a longer body it closes the channel under all other rows too
PERSISTENT = 2
BACKOFF_SECONDS = 1.0


class Batch:
    """Rows on their way; lives in the I/O thread until it is finished."""

    def __init__(self, rows: Sequence[OutboxRow]) -> None:
        self.rows = rows
        self.sent = 0
        self.waiting: dict[int, OutboxRow] = {}  # by delivery tag, in the order of sending
        self.returned: set[str] = set()
        self.fate = PublishResult()

    @property
    def known(self) -> int:
        """How many rows' fate is known."""
        return self.sent - len(self.waiting)

    @property
    def finished(self) -> bool:
        """Whether every row's fate is known."""
        return self.known == len(self.rows)

    def settle(self, tag: int, multiple: bool, taken: bool) -> None:
        """The broker's word on the row sent under a tag, or on all that were sent up to it."""
        known = takewhile(lambda waiting: waiting <= tag, self.waiting) if multiple else {tag} & self.waiting.keys()
        for settled in list(known):  # tags of an earlier batch, which was given up, are not known
            row = self.waiting[settled]
            if not taken:
                self.fate.refused.append(row.id)
            elif row.event_id in self.returned:
                self.fate.unroutable.append(row.id)
            else:
                self.fate.confirmed.append(row.id)
            del self.waiting[settled]  # last: the other thread takes an empty `waiting` for the end


class PublishChannel:
    """The publishing side of a link. All but `wakeup` belongs to the I/O thread."""

    def __init__(self, user: str) -> None:
        self.wakeup = Event()  # something happened that the publisher's thread should look at
        self._batch = Batch(())
        self._tag = 0
        self._headers: dict[str, str] = {}
        self._properties = BasicProperties(
            content_type=CONTENT_TYPE, delivery_mode=PERSISTENT, user_id=user, headers=self._headers
        )

    def start(self, link: BrokerConnection, channel: Channel) -> None:
        """Puts the channel into confirm mode."""
        self._link, self._channel = link, channel
        channel.add_on_return_callback(self._on_return)
        channel.confirm_delivery(self._on_fate, callback=lambda _frame: link.ready())

    def wake(self) -> None:
        """The link is lost, blocked or free again."""
        self.wakeup.set()

    def finish(self) -> None:
        """Closes the connection; nothing is on its way, or nobody waits for it any more."""
        self._channel.connection.close()

    def send(self, batch: Batch) -> None:
        """Starts with a batch; what an earlier one still waits for is forgotten."""
        self._batch = batch
        self._send_slice(batch)

    def _send_slice(self, batch: Batch) -> None:
        if batch is not self._batch or not self._channel.is_open:
            return
        with self._channel.connection.buffered():
            for row in batch.rows[batch.sent : batch.sent + SLICE]:
                if self._sent(row):
                    self._tag += 1
                    batch.waiting[self._tag] = row
                else:
                    batch.fate.refused.append(row.id)
                batch.sent += 1
        if batch.sent < len(batch.rows):
            self._link.later(0, partial(self._send_slice, batch))
        elif batch.finished:
            self.wakeup.set()

    def _sent(self, row: OutboxRow) -> bool:
        """Writes one row; False if it can never be a message, which must not hold up the others."""
        properties = self._properties  # written out before basic_publish returns, so one object serves all
        properties.message_id, properties.type = row.event_id, row.type
        self._headers["partitionkey"] = row.key
        try:
            body = row.body.encode()
            if len(body) > MAX_BODY:
                return False
            self._channel.basic_publish(EVENTS_EXCHANGE, row.topic, body, properties, mandatory=True)
        except (ShortStringTooLong, UnicodeEncodeError):
            return False
        return True

    def _on_fate(self, frame: Method[Basic.Ack | Basic.Nack]) -> None:
        word = frame.method
        self._batch.settle(word.delivery_tag, word.multiple, taken=isinstance(word, Basic.Ack))
        if self._batch.finished:
            self.wakeup.set()

    def _on_return(self, _channel: Channel, _method: Basic.Return, properties: BasicProperties, _body: bytes) -> None:
        self._batch.returned.add(properties.message_id)


class RabbitMqPublisher:
    """Publishes to the topic exchange. Used by one thread; connects when there is something to publish.

    Args:
        endpoint: the broker.
        name: what the broker's administrators see.
    """

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self._endpoint = endpoint
        self._name = name
        self._reconnect = Reconnector(self._connect)

    def publish(self, rows: Sequence[OutboxRow]) -> PublishResult:
        """Publishes a batch in order and waits until each is confirmed, returned or refused.

        A row that no message can hold (an id of more than 255 bytes, a body of more than 16 MiB) counts as refused.

        Raises:
            BusUnavailable: no connection, no confirm for `confirm_timeout` (the connection is given up then), or the broker takes
                nothing for want of memory or disk. Rows may have been taken or not; all may be published again.
        """
        if not rows:
            return PublishResult()
        link, flow = self._reconnect.open(BACKOFF_SECONDS)
        self._wait_while_blocked(link, flow)
        batch = Batch(rows)
        link.call(partial(flow.send, batch))
        known = 0
        while not batch.finished:
            wakeup = flow.wakeup.wait(self._endpoint.confirm_timeout)
            flow.wakeup.clear()
            if link.lost is not None and not batch.finished:
                raise BusUnavailable(f"the connection was lost before every event was confirmed: {link.lost}")
            if not wakeup and batch.known == known:
                self._give_up(link)
            known = batch.known
        return batch.fate

    def close(self) -> None:
        """Closes the connection; publishing again opens another."""
        self._reconnect.close()

    def _wait_while_blocked(self, link: BrokerConnection, flow: PublishChannel) -> None:
        flow.wakeup.clear()
        if link.blocked and link.lost is None:
            flow.wakeup.wait(self._endpoint.confirm_timeout)
            flow.wakeup.clear()
        if link.blocked:
            raise BusUnavailable("RabbitMQ takes no events: a memory or disk alarm")
        if link.lost is not None:
            raise BusUnavailable(f"the connection was lost: {link.lost}")

    def _give_up(self, link: BrokerConnection) -> None:
        if (
            link.blocked
        ):  # the connection is sound: keep it to hear when the alarm is over, instead of knocking with more events
            raise BusUnavailable("RabbitMQ takes no events: a memory or disk alarm")
        link.drop("no confirm came in time")
        raise BusUnavailable(f"RabbitMQ confirmed nothing for {self._endpoint.confirm_timeout:g} s")

    def _connect(self) -> tuple[BrokerConnection, PublishChannel]:
        flow = PublishChannel(self._endpoint.user)
        link = BrokerConnection(self._endpoint, self._name, flow)
        link.open()
        return link, flow

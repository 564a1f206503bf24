"""Sends answers, again and again, until the broker has confirmed each."""

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

from .events import CONTENT_TYPE, Answer
from .link import Link, parameters
from .metrics import Metrics

log = logging.getLogger("motcua.agency")

EXCHANGE = "motcua.agencies"
CONFIRM_SECONDS = 30.0
RESEND_SECONDS = 5.0


def properties(answer: Answer, user: str) -> pika.BasicProperties:
    """The message properties of an answer.

    Args:
        user: the broker's account, which the broker checks.
    """
    return pika.BasicProperties(
        content_type=CONTENT_TYPE,
        delivery_mode=2,
        message_id=answer.id,
        type=answer.type,
        user_id=user,
        headers={"partitionkey": answer.dossier},
    )


@dataclass
class _Sent:
    answer: Answer
    confirmed: Callable[[], None]
    at: float = field(default=0.0)


class Publisher:
    """Used in the I/O loop's thread alone.

    It has a connection of its own, because a broker short of memory stops reading from those that publish, and steps and
    acknowledgements shall go on.
    """

    def __init__(self, ioloop: IOLoop, url: str, name: str, metrics: Metrics, on_closed: Callable[[], None]) -> None:
        how = parameters(url, f"{name} publisher")
        self._user: str = how.credentials.username
        self._ioloop = ioloop
        self._metrics = metrics
        self._on_closed = on_closed
        self._channel: Channel | None = None
        self._number = 0
        self._waiting: deque[_Sent] = deque()
        self._unconfirmed: dict[int, _Sent] = {}
        self._unroutable: set[str] = set()
        self.link = Link(ioloop, how, "publisher", self._start, self._lost)

    @property
    def busy(self) -> bool:
        """Whether an answer is not confirmed yet."""
        return bool(self._waiting or self._unconfirmed)

    def open(self) -> None:
        """Connects and begins to watch the clock."""
        self.link.open()
        self._watch()

    def send(self, answer: Answer, confirmed: Callable[[], None]) -> None:
        """Sends an answer now or when there is a connection; calls `confirmed` once the broker is responsible for it."""
        self._waiting.append(_Sent(answer, confirmed))
        self._flush()

    def _start(self, channel: Channel) -> None:
        channel.add_on_return_callback(self._returned)
        channel.confirm_delivery(self._confirmed, callback=lambda _frame: self._ready(channel))

    def _ready(self, channel: Channel) -> None:
        self._channel, self._number = channel, 0
        self._flush()

    def _flush(self) -> None:
        while self._channel is not None and self._channel.is_open and self._waiting:
            sent = self._waiting.popleft()
            self._number += 1
            sent.at = time.monotonic()
            self._unconfirmed[self._number] = sent
            answer = sent.answer
            self._channel.basic_publish(
                EXCHANGE, answer.routing_key, answer.body, properties(answer, self._user), mandatory=True
            )

    def _returned(self, _channel: Channel, how: Basic.Return, what: pika.BasicProperties, _body: bytes) -> None:
        # The confirm follows, and would look as if the message had arrived somewhere.
        log.warning("the platform has no queue for %s: %s", how.routing_key, how.reply_text)
        self._unroutable.add(what.message_id)

    def _confirmed(self, frame: Method) -> None:
        tag, multiple = frame.method.delivery_tag, frame.method.multiple
        for number in [number for number in self._unconfirmed if number == tag or (multiple and number < tag)]:
            sent = self._unconfirmed.pop(number)
            if isinstance(frame.method, Basic.Ack) and sent.answer.id not in self._unroutable:
                self.link.works()
                sent.confirmed()
            else:
                self._unroutable.discard(sent.answer.id)
                self._metrics.add("unconfirmed_total")
                self._unconfirmed[-number] = sent  # still busy with it; no confirm has a negative number
                self._ioloop.call_later(RESEND_SECONDS, lambda number=-number: self._again(number))

    def _again(self, number: int) -> None:
        sent = self._unconfirmed.pop(number, None)
        if sent is not None:
            self._waiting.append(sent)
            self._flush()

    def _lost(self) -> None:
        self._channel = None
        self._metrics.add("connections_lost_total", 0 if self.link.closed else 1)
        self._metrics.add("unconfirmed_total", len(self._unconfirmed))
        self._waiting.extendleft(reversed(self._unconfirmed.values()))
        self._unconfirmed.clear()
        self._unroutable.clear()
        if self.link.closed:
            self._on_closed()

    def _watch(self) -> None:
        late = time.monotonic() - CONFIRM_SECONDS
        if any(number > 0 and sent.at < late for number, sent in self._unconfirmed.items()):
            self.link.drop(f"no confirm within {CONFIRM_SECONDS:.0f} s")
        if not self.link.closed:
            self._ioloop.call_later(1.0, self._watch)

"""The publisher's confirms, with a fake channel: which decision counts as confirmed when one of them was not routed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pika
from pika.frame import Method
from pika.spec import Basic

from shared.plugin_sdk.sdk import Step, completed
from shared.plugin_sdk.sdk.decision_message import DecisionMessage, encode_decision
from shared.plugin_sdk.sdk.metrics import Metrics
from shared.plugin_sdk.sdk.publisher import Publisher


class FakeIOLoop:
    """Keeps the callbacks that it is asked to call later."""

    def __init__(self) -> None:
        self.later: list[Callable[[], None]] = []

    def call_later(self, _seconds: float, callback: Callable[[], None]) -> None:
        self.later.append(callback)


class FakeChannel:
    """A channel that keeps what is published; the test returns and confirms it."""

    is_open = True

    def __init__(self) -> None:
        self.published: list[str] = []

    def add_on_return_callback(self, callback: Callable[..., None]) -> None:
        self._on_return = callback

    def confirm_delivery(self, on_confirm: Callable[[Any], None], callback: Callable[[Any], None]) -> None:
        self._on_confirm = on_confirm
        callback(None)

    def basic_publish(
        self, _exchange: str, _key: str, _body: bytes, properties: pika.BasicProperties, mandatory: bool
    ) -> None:
        assert mandatory
        self.published.append(properties.message_id)

    def return_unroutable(self, message: DecisionMessage) -> None:
        method = Basic.Return(312, "NO_ROUTE", "motcua.agencies", message.routing_key)
        self._on_return(self, method, pika.BasicProperties(message_id=message.id), message.body)

    def confirm(self, tag: int, multiple: bool = False) -> None:
        self._on_confirm(Method(1, Basic.Ack(tag, multiple)))


def test_multiple_confirm_does_not_confirm_an_unroutable_message() -> None:
    ioloop, channel, metrics = FakeIOLoop(), FakeChannel(), Metrics()
    publisher = Publisher(ioloop, "amqp://agency.X:secret@localhost/", "agency.X", metrics, lambda: None)
    publisher._channel_opened(channel)
    messages = [encode_decision("X", Step.example(), completed("completed")) for _ in range(3)]
    confirmed: list[int] = []
    for number, message in enumerate(messages):
        publisher.send(message, lambda number=number: confirmed.append(number))  # type: ignore[misc]
    channel.return_unroutable(messages[0])
    channel.confirm(1)
    channel.confirm(3, multiple=True)
    assert confirmed == [1, 2]
    busy_before_resend = publisher.busy
    [resend] = ioloop.later
    resend()
    assert channel.published == [message.id for message in (*messages, messages[0])]
    channel.confirm(4)
    assert confirmed == [1, 2, 0]
    assert (busy_before_resend, publisher.busy) == (True, False)
    assert metrics.value("unconfirmed_total") == 1

"""Events of agencies for the messaging tests, and how to send them over either transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pika

from shared.messaging.embedded import EmbeddedBus
from shared.messaging.event import Event
from shared.messaging.outbox import OutboxRow
from shared.messaging.sender_identity import AGENCIES_EXCHANGE, agency_source
from tests.support.events import event

COMPLETED = "agency.step.completed"


def agency_event(code: str, dossier: str = "D-1", id: str = "answer-1", name: str = COMPLETED, **data: Any) -> Event:
    """A valid event of an agency: the contract's example with the agency as its source."""
    example = event(name, 0, id=id, dossier=dossier, agency=code, **data)
    return Event(example.id, agency_source(code), example.type, example.time, example.key, 0, example.data)


def send(
    bus_url: str,
    code: str,
    body: bytes,
    *,
    id: str = "answer-1",
    headers: Mapping[str, Any] | None = None,
    suffix: str = "step.completed",
) -> None:
    """Sends bytes as an agency's own program does, over either transport.

    Args:
        headers: of the message, on a broker; ``partitionkey`` by default.
        suffix: the end of the routing key.
    """
    key = f"agency.{code}.{suffix}"
    if bus_url.startswith("embedded:"):
        publisher = EmbeddedBus(bus_url.removeprefix("embedded:")).agency_publisher(code)
        result = publisher.publish([OutboxRow(1, id, "", "", body.decode(), key)])
        publisher.close()
        assert result.confirmed == [1]
        return
    connection = pika.BlockingConnection(pika.URLParameters(bus_url))
    channel = connection.channel()
    channel.confirm_delivery()
    properties = pika.BasicProperties(delivery_mode=2, message_id=id, headers=dict(headers or {"partitionkey": "D-1"}))
    channel.basic_publish(AGENCIES_EXCHANGE, key, body, properties, mandatory=True)
    connection.close()

"""A correct program with pika only, without the SDK. Each broken program overrides one method of it."""

from __future__ import annotations

import json
import os
import uuid
from datetime import UTC, datetime
from typing import Any

import pika


class CorrectProgram:
    """Completes every step with its first outcome."""

    def __init__(self) -> None:
        self.code = os.environ["MOTCUA_AGENCY"]
        self.name = f"agency.{self.code}"
        self.channel: Any = None

    def run(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(os.environ["MOTCUA_AMQP_URL"]))
        self.channel = connection.channel()
        self.channel.confirm_delivery()
        self.channel.basic_qos(prefetch_count=50)
        self.channel.basic_consume(self.name, self.received)
        self.channel.start_consuming()

    def received(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        try:
            event = self.parse_event(body)
        except (ValueError, KeyError, TypeError):
            self.unreadable(method.delivery_tag)
            return
        if event is None:
            self.channel.basic_ack(method.delivery_tag)
        else:
            self.decide(event, method.delivery_tag)

    def parse_event(self, body: bytes) -> dict[str, Any] | None:
        event = json.loads(body)
        if event["type"] != "vn.motcua.agency.step.assigned.v1":
            return None
        event["data"]["outcomes"][0], event["data"]["dossier"], event["data"]["task"], event["id"]
        return dict(event)

    def unreadable(self, tag: int) -> None:
        self.channel.basic_reject(tag, requeue=False)

    def decide(self, event: dict[str, Any], tag: int) -> None:
        self.publish(event)
        self.channel.basic_ack(tag)

    def identifier(self, event: dict[str, Any]) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, event["id"]))

    def outcome(self, event: dict[str, Any]) -> str:
        return str(event["data"]["outcomes"][0])

    def reply_to(self, event: dict[str, Any]) -> str:
        return str(event["id"])

    def publish(self, event: dict[str, Any]) -> None:
        now = datetime.now(UTC).isoformat()
        identifier, dossier = self.identifier(event), event["data"]["dossier"]
        data = {
            "dossier": dossier,
            "task": event["data"]["task"],
            "agency": self.code,
            "in_reply_to": self.reply_to(event),
            "decided_at": now,
            "by": "",
            "note": "",
            "outcome": self.outcome(event),
        }
        envelope = {
            "specversion": "1.0",
            "id": identifier,
            "source": f"/agency/{self.code}",
            "type": "vn.motcua.agency.step.completed.v1",
            "time": now,
            "datacontenttype": "application/json",
            "partitionkey": dossier,
            "sequence": "0" * 20,
            "data": data,
        }
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=2,
            message_id=identifier,
            user_id=self.name,
            headers={"partitionkey": dossier},
        )
        key = f"{self.name}.step.completed"
        self.channel.basic_publish("motcua.agencies", key, json.dumps(envelope).encode(), properties, mandatory=True)


if __name__ == "__main__":
    CorrectProgram().run()

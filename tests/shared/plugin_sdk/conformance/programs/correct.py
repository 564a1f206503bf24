"""A correct program with pika only, without the SDK. Each broken program overrides one method of it."""

from __future__ import annotations

import base64
import json
import os
import time
import uuid
from datetime import UTC, datetime
from typing import Any
from urllib.request import Request, urlopen

import pika
from pika.exceptions import AMQPError, NackError, UnroutableError

PREFETCH = 50
PAUSE_SECONDS = 0.3
NO_SEQUENCE = "0" * 16


class CorrectProgram:
    """Completes every step with its first outcome."""

    def __init__(self) -> None:
        self.code = os.environ["MOTCUA_AGENCY"]
        self.name = f"agency.{self.code}"
        self.channel: Any = None

    def run(self) -> None:
        while True:
            try:
                self.consume()
            except AMQPError as error:
                self.connection_lost(error)

    def connection_lost(self, error: AMQPError) -> None:
        print(f"not connected: {error!r}", flush=True)
        time.sleep(PAUSE_SECONDS)

    def consume(self) -> None:
        connection = pika.BlockingConnection(pika.URLParameters(os.environ["MOTCUA_AMQP_URL"]))
        self.channel = connection.channel()
        self.set_up_channel()
        self.channel.basic_consume(self.name, self.received)
        self.channel.start_consuming()

    def set_up_channel(self) -> None:
        self.channel.confirm_delivery()
        self.channel.basic_qos(prefetch_count=PREFETCH)

    def received(self, _channel: Any, method: Any, _properties: Any, body: bytes) -> None:
        try:
            event = self.parse_event(body)
        except (ValueError, KeyError, TypeError):
            self.unreadable(method.delivery_tag)
            return
        if event["type"] == "vn.motcua.agency.step.assigned.v1":
            self.decide(event, method.delivery_tag)
        elif event["type"] == "vn.motcua.agency.step.cancelled.v1":
            self.cancelled(event, method.delivery_tag)
        else:
            self.other(event, method.delivery_tag)

    def parse_event(self, body: bytes) -> dict[str, Any]:
        event = json.loads(body)
        if event["type"] == "vn.motcua.agency.step.assigned.v1":
            event["data"]["outcomes"][0], event["data"]["dossier"], event["data"]["task"], event["id"]
        return dict(event)

    def unreadable(self, tag: int) -> None:
        self.channel.basic_reject(tag, requeue=False)

    def cancelled(self, event: dict[str, Any], tag: int) -> None:
        self.channel.basic_ack(tag)

    def other(self, event: dict[str, Any], tag: int) -> None:
        self.channel.basic_ack(tag)

    def decide(self, event: dict[str, Any], tag: int) -> None:
        self.publish(event)
        self.channel.basic_ack(tag)

    def identifier(self, event: dict[str, Any]) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, event["id"]))

    def outcome(self, event: dict[str, Any]) -> str:
        return str(event["data"]["outcomes"][0])

    def note(self, event: dict[str, Any]) -> str:
        return f"Đã giải quyết: {event['data']['name']}"

    def reply_to(self, event: dict[str, Any]) -> str:
        return str(event["id"])

    def now(self) -> str:
        return datetime.now(UTC).isoformat()

    def content(self, event: dict[str, Any]) -> dict[str, Any]:
        return {
            "dossier": event["data"]["dossier"],
            "task": event["data"]["task"],
            "agency": self.code,
            "in_reply_to": self.reply_to(event),
            "decided_at": self.now(),
            "by": "",
            "note": self.note(event),
            "outcome": self.outcome(event),
        }

    def publish(self, event: dict[str, Any]) -> None:
        self.send("step.completed", self.identifier(event), self.content(event))

    def send(self, kind: str, identifier: str, data: dict[str, Any]) -> None:
        envelope = {
            "specversion": "1.0",
            "id": identifier,
            "source": f"/agency/{self.code}",
            "type": f"vn.motcua.agency.{kind}.v1",
            "time": self.now(),
            "datacontenttype": "application/json",
            "partitionkey": data["dossier"],
            "sequence": NO_SEQUENCE,
            "data": data,
        }
        properties = pika.BasicProperties(
            content_type="application/cloudevents+json",
            delivery_mode=2,
            message_id=identifier,
            user_id=self.name,
            headers={"partitionkey": data["dossier"]},
        )
        body = json.dumps(envelope, ensure_ascii=False).encode()
        self.publish_until_confirmed(f"{self.name}.{kind}", body, properties)

    def publish_until_confirmed(self, key: str, body: bytes, properties: pika.BasicProperties) -> None:
        while True:
            try:
                self.channel.basic_publish("motcua.agencies", key, body, properties, mandatory=True)
                return
            except (NackError, UnroutableError) as error:
                print(f"not confirmed: {error!r}", flush=True)
                self.channel.connection.sleep(PAUSE_SECONDS)


def read_papers(task: str) -> list[dict[str, Any]]:
    """Reads the papers of a step from the platform, with a new token."""
    return list(_answer(f"/intake/api/agency/steps/{task}/papers", f"Bearer {_token()}")["papers"])


def _token() -> str:
    account = f"agency.{os.environ['MOTCUA_AGENCY']}:{os.environ['MOTCUA_CLIENT_SECRET']}"
    basic = f"Basic {base64.b64encode(account.encode()).decode()}"
    return str(_answer("/routing/oauth/token", basic, b"grant_type=client_credentials")["access_token"])


def _answer(path: str, authorization: str, form: bytes | None = None) -> dict[str, Any]:
    request = Request(os.environ["MOTCUA_URL"] + path, form, {"Authorization": authorization})
    with urlopen(request, timeout=10) as response:
        return dict(json.load(response))


if __name__ == "__main__":
    CorrectProgram().run()

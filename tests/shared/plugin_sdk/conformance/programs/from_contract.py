"""A correct program of a third stack, written from ``/routing/contract`` alone: py-amqp, and nothing of the SDKs or of the platform."""

from __future__ import annotations

import json
import os
import signal
import ssl
import time
import uuid
from collections import deque
from datetime import UTC, datetime
from types import FrameType
from typing import Any
from urllib.parse import unquote, urlsplit

import amqp
from amqp.exceptions import MessageNacked

PREFETCH = 100
HEARTBEAT_SECONDS = 20
POLL_SECONDS = 0.5
LONGEST_PAUSE = 30.0
LOST = (amqp.AMQPError, OSError)


class Adapter:
    """Completes every step with its first outcome."""

    def __init__(self, url: str, code: str) -> None:
        self.address = urlsplit(url)
        self.code = code
        self.account = f"agency.{code}"
        self.stopping = False
        self.returned = False
        self.channel: Any = None
        self.waiting: deque[Any] = (
            deque()
        )  # received; not handled in the callback, because it also runs during a publish

    def run(self) -> None:
        pause = 0.2
        while not self.stopping:
            try:
                with self.connect() as connection:
                    self.consume(connection)
                    pause = 0.2
                    while not self.stopping:
                        if self.waiting:
                            self.handle(self.waiting.popleft())
                        else:
                            self.wait(connection)
            except LOST as error:
                print(f"connection lost, next attempt in {pause:.1f} s: {error!r}", flush=True)
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def stop(self, _signal: int, _frame: FrameType | None) -> None:
        self.stopping = True

    def connect(self) -> Any:
        connection = amqp.Connection(
            host=f"{self.address.hostname}:{self.address.port or 5671}",
            userid=unquote(self.address.username or ""),
            password=unquote(self.address.password or ""),
            virtual_host=unquote(self.address.path[1:]) or "/",
            ssl={"context": ssl.create_default_context()} if self.address.scheme == "amqps" else False,
            heartbeat=HEARTBEAT_SECONDS,
            connect_timeout=10,
            confirm_publish=True,
        )
        connection.connect()
        return connection

    def consume(self, connection: Any) -> None:
        self.waiting.clear()  # of a lost connection; the broker delivers it again
        self.channel = connection.channel()
        self.channel.events["basic_return"].add(self.on_return)
        self.channel.basic_qos(0, PREFETCH, False)
        self.channel.basic_consume(self.account, callback=self.waiting.append)

    def wait(self, connection: Any) -> None:
        try:
            connection.drain_events(timeout=POLL_SECONDS)
        except TimeoutError:
            connection.heartbeat_tick()

    def on_return(self, *_details: object) -> None:
        self.returned = True

    def handle(self, message: Any) -> None:
        try:
            event = json.loads(message.body)
            kind, identifier, data = event["type"], event["id"], event["data"]
            if kind == "vn.motcua.agency.step.assigned.v1":
                decision = {
                    "dossier": data["dossier"],
                    "task": data["task"],
                    "agency": self.code,
                    "in_reply_to": identifier,
                    "outcome": data["outcomes"][0],
                    "note": f"Đã xong: {data['name']}",
                    "by": "",
                }
                self.decide(decision)
        except (ValueError, KeyError, TypeError, IndexError) as error:
            print(f"unreadable: {error!r}", flush=True)
            self.channel.basic_reject(message.delivery_tag, requeue=False)
            return
        self.channel.basic_ack(message.delivery_tag)

    def decide(self, decision: dict[str, Any]) -> None:
        event = "step.completed"
        now = datetime.now(UTC).isoformat(timespec="seconds")
        identifier = str(uuid.uuid5(uuid.NAMESPACE_URL, f"{decision['in_reply_to']}/{event}"))
        envelope = {
            "specversion": "1.0",
            "id": identifier,
            "source": f"/agency/{self.code}",
            "type": f"vn.motcua.agency.{event}.v1",
            "time": now,
            "datacontenttype": "application/json",
            "partitionkey": decision["dossier"],
            "sequence": "0" * 16,
            "data": {**decision, "decided_at": now},
        }
        message = amqp.Message(
            json.dumps(envelope, ensure_ascii=False).encode(),
            content_type="application/cloudevents+json",
            delivery_mode=2,
            message_id=identifier,
            user_id=self.account,
            application_headers={"partitionkey": decision["dossier"]},
        )
        while not self.published(message, f"{self.account}.{event}"):
            time.sleep(POLL_SECONDS)

    def published(self, message: Any, key: str) -> bool:
        self.returned = False
        try:
            self.channel.basic_publish_confirm(message, "motcua.agencies", key, mandatory=True)
        except MessageNacked:
            print("the broker refuses the decision", flush=True)
            return False
        return not self.returned


if __name__ == "__main__":
    adapter = Adapter(os.environ["MOTCUA_AMQP_URL"], os.environ["MOTCUA_AGENCY"])
    signal.signal(signal.SIGTERM, adapter.stop)
    adapter.run()

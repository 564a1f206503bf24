"""Collects the messages that an agency's program publishes, and its dead letters."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Condition, Thread
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.spec import Basic

from shared.plugin_sdk.conformance.fixtures import FakeEvent

ACCEPTED = "step.accepted"
REJECTED = "rejected"
"""The broker's reason for a dead letter that a program rejected; others are `delivery_limit` and `expired`."""


@dataclass(frozen=True)
class DeadLetter:
    """A message in the dead letters.

    Attributes:
        body: the raw body.
        reason: why the broker put it there, such as `REJECTED`; empty if it does not say.
    """

    body: bytes
    reason: str


@dataclass(frozen=True)
class AgencyMessage:
    """A message from an agency, as received.

    Attributes:
        received_at: monotonic time in seconds.
        routing_key: the broker has checked that the agency may use it.
        properties: AMQP properties.
        body: the raw body.
        envelope: the body as a JSON object; empty if it is not one.
    """

    received_at: float
    routing_key: str
    properties: pika.BasicProperties
    body: bytes
    envelope: dict[str, Any]

    @property
    def id(self) -> str:
        """The event's id."""
        return str(self.envelope.get("id", ""))

    @property
    def data(self) -> dict[str, Any]:
        """The event's data; empty if there is none."""
        found = self.envelope.get("data")
        return found if isinstance(found, dict) else {}

    @property
    def is_acceptance(self) -> bool:
        """Whether this accepts a step, which is decided later."""
        return self.routing_key.endswith(f".{ACCEPTED}")

    def event_name(self, agency: str) -> str:
        """The event's short name, taken from the routing key."""
        return self.routing_key.removeprefix(f"agency.{agency}.")

    def refers_to(self, event: FakeEvent) -> bool:
        """Whether this answers the event. One correct reference is enough; the correlation check tests that all are correct."""
        return (
            self.data.get("in_reply_to") == event.id
            or self.data.get("dossier") == event.dossier
            or ("task" in event.data and self.data.get("task") == event.data["task"])
        )


class Collector:
    """Consumes in its own thread between ``start`` and ``stop``.

    Args:
        parameters: of the AMQP connection.
        message_queue: receives what agencies publish.
        dead_letter_queue: receives the dead letters.
        agency: the agency's code.
    """

    def __init__(
        self, parameters: pika.ConnectionParameters, message_queue: str, dead_letter_queue: str, agency: str
    ) -> None:
        self._agency = agency
        self._changed = Condition()
        self._messages: list[AgencyMessage] = []
        self._dead_letters: list[DeadLetter] = []
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._channel.basic_consume(message_queue, self._message_received, auto_ack=True)
        self._channel.basic_consume(dead_letter_queue, self._dead_letter_received, auto_ack=True)
        self._thread = Thread(target=self._channel.start_consuming, name="collector", daemon=True)

    def start(self) -> None:
        """Starts to consume."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and closes its connection."""
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)
        self._thread.join(timeout=10)
        if self._connection.is_open:
            self._connection.close()

    def messages(self) -> list[AgencyMessage]:
        """All messages from the agency so far."""
        with self._changed:
            return list(self._messages)

    def messages_since(self, number: int) -> list[AgencyMessage]:
        """The messages from the agency after the first `number`."""
        with self._changed:
            return self._messages[number:]

    def decisions(self) -> list[AgencyMessage]:
        """All decisions so far; ``step.accepted`` is an answer, but no decision."""
        return [message for message in self.messages() if not message.is_acceptance]

    def decisions_on(self, event: FakeEvent) -> list[AgencyMessage]:
        """All decisions on one event so far."""
        return [message for message in self.decisions() if message.refers_to(event)]

    def dead_letters(self) -> list[bytes]:
        """The bodies of all dead letters so far."""
        return [letter.body for letter in self.dead_letters_with_reason()]

    def dead_letters_with_reason(self) -> list[DeadLetter]:
        """All dead letters so far."""
        with self._changed:
            return list(self._dead_letters)

    def wait(self, condition: Callable[[], bool], timeout: float, program_runs: Callable[[], bool]) -> bool:
        """Waits until a condition is true.

        Args:
            condition: evaluated after every message.
            timeout: seconds.
            program_runs: evaluated several times a second; False ends the wait early.

        Returns:
            whether the condition became true.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                if not program_runs():  # a message that it sent before it ended may still arrive
                    self._changed.wait(0.5)
                    return condition()
                self._changed.wait(min(left, 0.1))
            return True

    def _message_received(
        self, _channel: BlockingChannel, method: Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        message = AgencyMessage(time.monotonic(), method.routing_key, properties, body, _json_object(body))
        with self._changed:
            self._messages.append(message)
            self._changed.notify_all()

    def _dead_letter_received(
        self, _channel: BlockingChannel, _method: Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        with self._changed:
            self._dead_letters.append(DeadLetter(body, _death_reason(properties)))
            self._changed.notify_all()


def _death_reason(properties: pika.BasicProperties) -> str:
    deaths = (properties.headers or {}).get("x-death") or [{}]
    return str(deaths[0].get("reason", ""))


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

"""Collects what an agency's service says, and what it gave to the dead letters."""

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


@dataclass(frozen=True)
class Seen:
    """A message that came from an agency, as it came.

    Attributes:
        at: when, by the monotonic clock.
        routing_key: checked by the broker.
        properties: of the message.
        body: of the message.
        envelope: the body as JSON object; empty if it is none.
    """

    at: float
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
        """The event's fields; empty if there are none."""
        found = self.envelope.get("data")
        return found if isinstance(found, dict) else {}

    def event(self, agency: str) -> str:
        """The event's short name out of the routing key."""
        return self.routing_key.removeprefix(f"agency.{agency}.")

    def about(self, event: FakeEvent) -> bool:
        """Whether this answers the event. One right reference is enough: whether all are right is a check of its own."""
        return (
            self.data.get("in_reply_to") == event.id
            or self.data.get("dossier") == event.dossier
            or ("task" in event.data and self.data.get("task") == event.data["task"])
        )


class Collector:
    """Listens in a thread of its own, between ``start`` and ``stop``.

    Args:
        parameters: of the connection.
        answers: the queue of what agencies say.
        dead: the queue of dead letters.
        agency: the agency's code.
    """

    def __init__(self, parameters: pika.ConnectionParameters, answers: str, dead: str, agency: str) -> None:
        self._agency = agency
        self._changed = Condition()
        self._answers: list[Seen] = []
        self._dead: list[bytes] = []
        self._connection = pika.BlockingConnection(parameters)
        self._channel = self._connection.channel()
        self._channel.basic_consume(answers, self._answered, auto_ack=True)
        self._channel.basic_consume(dead, self._died, auto_ack=True)
        self._thread = Thread(target=self._channel.start_consuming, name="collector", daemon=True)

    def start(self) -> None:
        """Begins to listen."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread and its connection."""
        self._connection.add_callback_threadsafe(self._channel.stop_consuming)
        self._thread.join(timeout=10)
        if self._connection.is_open:
            self._connection.close()

    def answers(self) -> list[Seen]:
        """Everything that the agency has said so far."""
        with self._changed:
            return list(self._answers)

    def decisions(self) -> list[Seen]:
        """All decisions so far; that a step was accepted is none."""
        return [seen for seen in self.answers() if seen.event(self._agency) != ACCEPTED]

    def about(self, event: FakeEvent) -> list[Seen]:
        """All decisions on one event so far."""
        return [seen for seen in self.decisions() if seen.about(event)]

    def dead_letters(self) -> list[bytes]:
        """All dead letters so far."""
        with self._changed:
            return list(self._dead)

    def wait(self, happened: Callable[[], bool], seconds: float, alive: Callable[[], bool]) -> bool:
        """Waits until something has happened.

        Args:
            happened: asked whenever a message came.
            seconds: to wait at the most.
            alive: whether there is still any hope; asked several times a second.

        Returns:
            whether it has happened.
        """
        deadline = time.monotonic() + seconds
        with self._changed:
            while not happened():
                left = deadline - time.monotonic()
                if left <= 0:
                    return False
                if not alive():  # what was sent before the end may still be on its way here
                    self._changed.wait(0.5)
                    return happened()
                self._changed.wait(min(left, 0.1))
            return True

    def references(self) -> set[str]:
        """Every event, dossier and task that decisions refer to so far."""
        names = ("in_reply_to", "dossier", "task")
        return {str(seen.data[name]) for seen in self.decisions() for name in names if name in seen.data}

    def _answered(
        self, _channel: BlockingChannel, how: Basic.Deliver, properties: pika.BasicProperties, body: bytes
    ) -> None:
        seen = Seen(time.monotonic(), how.routing_key, properties, body, _object(body))
        with self._changed:
            self._answers.append(seen)
            self._changed.notify_all()

    def _died(self, _channel: BlockingChannel, _how: Basic.Deliver, _what: pika.BasicProperties, body: bytes) -> None:
        with self._changed:
            self._dead.append(body)
            self._changed.notify_all()


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}

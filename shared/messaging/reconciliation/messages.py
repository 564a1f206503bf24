"""The messages of reconciliation. They are events of the bus itself: without contract, inbox and sequence, and safe to lose or repeat."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.messaging.event import Event, Undecodable, event_source, event_type, new_id
from shared.messaging.published import PublishedEvent

SUMMARY = event_type("bus.window.closed")
ANSWER = event_type("bus.window.checked")
REQUEST = event_type("bus.resend.requested")
PROBE = event_type("bus.delivery.probed")
TYPES = frozenset({SUMMARY, ANSWER, REQUEST, PROBE})
SOURCE_PREFIX = event_source("")


@dataclass(frozen=True, slots=True)
class ExpectedEvent:
    """An event that a subscriber should have: its id, type, key and sequence."""

    id: str
    type: str
    key: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a publisher says of a window.

    Attributes:
        window: its id.
        attempt: how many summaries of this window were sent, with this one.
        events: all its events, in order.
    """

    window: str
    attempt: int
    events: tuple[ExpectedEvent, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a subscriber says of a window.

    Attributes:
        window: its id.
        attempt: that of the summary.
        missing: ids of the events that it lacks; empty if it has all.
    """

    window: str
    attempt: int
    missing: tuple[str, ...]


def is_control(event: Event) -> bool:
    """Whether an event is a message of the bus itself."""
    return event.type in TYPES


def sender(event: Event) -> str:
    """The service that sent a message of the bus."""
    return event.source.removeprefix(SOURCE_PREFIX)


def summary(service: str, window: str, attempt: int, events: Iterable[PublishedEvent], at: datetime) -> dict[str, Any]:
    """A summary as a row of the outbox."""
    listed = [[event.event_id, event.type, event.key, event.sequence] for event in events]
    return _row(service, SUMMARY, window, {"window": window, "attempt": attempt, "events": listed}, at)


def answer(service: str, to: Summary, missing: Sequence[str], at: datetime) -> dict[str, Any]:
    """The answer to a summary as a row of the outbox."""
    data = {"window": to.window, "attempt": to.attempt, "missing": list(missing)}
    return _row(service, ANSWER, to.window, data, at)


def request(service: str, since: datetime, at: datetime) -> dict[str, Any]:
    """The request to compare again everything since a moment, as a row of the outbox."""
    return _row(service, REQUEST, service, {"since": since.isoformat()}, at)


def probe(service: str, at: datetime) -> dict[str, Any]:
    """A message from a service to itself as a row of the outbox; see `shared.messaging.delivery_probe`.

    Its key is random, so that each of several queues gets some of them.
    """
    return _row(service, PROBE, new_id(), {}, at)


def read_summary(event: Event) -> Summary:
    """Reads a summary.

    Raises:
        Undecodable: it is malformed.
    """
    try:
        events = tuple(
            ExpectedEvent(str(id_), str(type_), str(key), int(sequence))
            for id_, type_, key, sequence in event.data["events"]
        )
        return Summary(str(event.data["window"]), int(event.data["attempt"]), events)
    except (LookupError, TypeError, ValueError) as error:
        raise Undecodable(f"not a summary: {error}") from error


def read_answer(event: Event) -> Answer:
    """Reads an answer.

    Raises:
        Undecodable: it is malformed.
    """
    try:
        missing = tuple(map(str, event.data["missing"]))
        return Answer(str(event.data["window"]), int(event.data["attempt"]), missing)
    except (LookupError, TypeError, ValueError) as error:
        raise Undecodable(f"not an answer: {error}") from error


def read_request(event: Event) -> datetime:
    """Reads since when everything is to be compared again.

    Raises:
        Undecodable: it is malformed.
    """
    try:
        since = datetime.fromisoformat(event.data["since"])
    except (LookupError, TypeError, ValueError) as error:
        raise Undecodable(f"not a request: {error}") from error
    if since.tzinfo is None:
        raise Undecodable("not a request: its time has no offset")
    return since


def _row(service: str, type_: str, key: str, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    made = Event(new_id(), event_source(service), type_, at, key, 0, data)
    return {"event_id": made.id, "type": type_, "key": key, "sequence": 0, "body": made.to_json().decode()}

"""How an event type is declared, and how events are made and read by their contracts.

A schema only ever grows: readers ignore what they do not know, and a breaking change is a new major version beside the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from shared.contracts.fast_validation import make_fast_validator
from shared.messaging.errors import Permanent
from shared.messaging.event import Event, event_type, new_id


class ContractViolation(Permanent, ValueError):
    """An event's data does not keep its contract. As a handler's error it parks the event."""


class EventSchema(Schema):
    """The base of all event schemas: unknown fields are ignored, times are aware ISO 8601."""

    class Meta:
        unknown = EXCLUDE


def time_field(**kwargs: Any) -> fields.AwareDateTime:
    """A required point in time with its offset."""
    return fields.AwareDateTime(format="iso", **{"required": True, **kwargs})


@dataclass(frozen=True)
class EventType:
    """One word of the published language.

    Attributes:
        name: short name, such as ``dossier.received``.
        owner: the service that says it.
        subscribers: the services that listen; their handler tables must say the same (a test compares them).
        key: the data field that is the partition key.
        schema: what `data` holds.
        example: data that keeps the schema.
        title: what happened, Vietnamese and English.
        addressed: for one agency alone: published under ``agency.<data.agency>`` and not under its type; no service subscribes.
        restricted: carries personal data or a capability: bound by its subscribers alone, never archived or shown.
        major: the version; a breaking change is a new one.
    """

    name: str
    owner: str
    subscribers: tuple[str, ...]
    schema: Schema
    example: dict[str, Any]
    title: tuple[str, str]
    key: str = "dossier"
    addressed: bool = False
    restricted: bool = False
    major: int = 1

    @cached_property
    def type(self) -> str:
        """The CloudEvents type."""
        return event_type(self.name, self.major)

    @cached_property
    def plainly_keeps(self) -> Callable[[Mapping[str, Any]], bool]:
        """Whether data in Python's types keeps the schema, without asking it where that is plain."""
        return make_fast_validator(self.schema)


def _plain(value: Any) -> Any:
    """A value as JSON has it. Schemas hold texts, numbers, truths, plain objects and times, so this is all that differs."""
    return value.isoformat() if isinstance(value, datetime) else value


class Registry:
    """All event types, by name and by full type."""

    def __init__(self, event_types: tuple[EventType, ...]) -> None:
        self.by_name = {entry.name: entry for entry in event_types}
        self.by_type = {entry.type: entry for entry in event_types}
        if len(self.by_type) != len(event_types) or len(self.by_name) != len(event_types):
            raise ValueError("an event type is declared twice")
        if any(entry.addressed and (entry.subscribers or "agency" not in entry.schema.fields) for entry in event_types):
            raise ValueError("an addressed event names its agency and has no subscribers")

    def subscriptions(self) -> dict[str, tuple[str, ...]]:
        """Service → the event names that it listens to."""
        services = sorted({service for entry in self.by_name.values() for service in entry.subscribers})
        return {
            service: tuple(sorted(name for name, entry in self.by_name.items() if service in entry.subscribers))
            for service in services
        }

    def make(self, name: str, data: Mapping[str, Any], source: str, time: datetime) -> Event:
        """A new event, not yet numbered.

        Raises:
            ContractViolation: no such event, or the data does not keep its schema.
        """
        entry = self.by_name.get(name)
        if entry is None:
            raise ContractViolation(f"no event is called {name!r}")
        try:
            payload = {field: _plain(data[field]) for field in entry.schema.fields if field in data}
            if not entry.plainly_keeps(data):
                entry.schema.load(payload)
        except (ValidationError, ValueError, TypeError, AttributeError) as error:
            raise ContractViolation(f"{name}: {error}") from error
        address = payload["agency"] if entry.addressed else ""
        return Event(new_id(), source, entry.type, time, payload[entry.key], 0, payload, address)

    def read(self, event: Event) -> dict[str, Any]:
        """The event's data in Python's types (times as datetimes).

        Raises:
            ContractViolation: the type is unknown here, or the data does not keep its schema.
        """
        entry = self.by_type.get(event.type)
        if entry is None:
            raise ContractViolation(f"event type {event.type!r} is not known to this version of the software")
        try:
            loaded: dict[str, Any] = entry.schema.load(event.data)
        except ValidationError as error:
            raise ContractViolation(f"{event.name}: {error.normalized_messages()}") from error
        return loaded

"""Declaring event types, and making and reading events that keep their schemas.

A schema only grows: readers ignore unknown fields, and a breaking change is a new major version beside the old one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from shared.contracts.fast_validation import compile_fast_reader, compile_fast_validator
from shared.messaging.errors import Permanent
from shared.messaging.event import Event, event_type, new_id

PLATFORM = "platform"
"""The owner of events that every service may publish."""
AGENCY = "agency"
"""The owner of events of agencies that plug in."""


class ContractViolation(Permanent, ValueError):
    """The event's type is unknown or its data does not match its schema. Raised in a handler, it parks the event."""


class EventSchema(Schema):
    """Base of all event schemas: unknown fields are ignored."""

    class Meta:
        unknown = EXCLUDE


def time_field(**kwargs: Any) -> fields.AwareDateTime:
    """Return the field of a point in time: ISO 8601 with its offset, required unless `kwargs` say otherwise."""
    return fields.AwareDateTime(format="iso", **{"required": True, **kwargs})


@dataclass(frozen=True)
class EventType:
    """The contract of one event type.

    Attributes:
        name: short name, such as ``dossier.received``.
        owner: the service that publishes it, ``agency``, or `PLATFORM`.
        subscribers: the services that receive it; a test compares this with their handler tables.
        key: the data field that is the partition key.
        schema: of `data`.
        example: data that matches the schema.
        title: what happened, in Vietnamese and English.
        addressed: for one agency only: published under ``agency.<data.agency>`` instead of its type; no service subscribes.
        restricted: carries personal data, a secret, or what an official did: bound by its subscribers only, never archived or shown.
        personal: the fields with personal data; they travel encrypted, in the field `sealed`.
        secret: carries a secret in clear: its publisher does not keep it when its subscriber, the only one, has confirmed it.
        unlinked: nobody may join it with other events later, since together they tell of a person; so it is not archived.
        anew: fields that a repeat under the same id may give anew, such as when it was made.
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
    secret: bool = False
    unlinked: bool = False
    personal: tuple[str, ...] = ()
    anew: tuple[str, ...] = ()
    major: int = 1

    @cached_property
    def type(self) -> str:
        """The CloudEvents type."""
        return event_type(self.name, self.major)

    @property
    def archived(self) -> bool:
        """Whether stats keeps it for ever. Not what is for one service alone, what agencies and the platform say to a service directly,
        what stores say of themselves, and what nobody may join with other events.
        """
        direct = self.restricted or self.addressed or self.owner in (AGENCY, PLATFORM)
        return not direct and not self.unlinked

    @cached_property
    def is_valid_fast(self) -> Callable[[Mapping[str, Any]], bool]:
        """A fast check of data in Python's types; where it returns False, the schema decides."""
        return compile_fast_validator(self.schema)

    @cached_property
    def read_fast(self) -> Callable[[Mapping[str, Any]], dict[str, Any] | None]:
        """Reads data from its JSON form fast; where it returns None, the schema decides."""
        return compile_fast_reader(self.schema)


def _to_json(value: Any) -> Any:
    """Return the JSON form of a field's value; of all types in the schemas only times need converting."""
    return value.isoformat() if isinstance(value, datetime) else value


def json_fields(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object that becomes a field of an event, with its times in JSON's form."""
    return {name: _to_json(value) for name, value in values.items()}


class Registry:
    """All event types, by name and by full type."""

    def __init__(self, event_types: tuple[EventType, ...]) -> None:
        self.by_name = {entry.name: entry for entry in event_types}
        self.by_type = {entry.type: entry for entry in event_types}
        if len(self.by_type) != len(event_types) or len(self.by_name) != len(event_types):
            raise ValueError("an event type is declared twice")
        if any(entry.addressed and (entry.subscribers or "agency" not in entry.schema.fields) for entry in event_types):
            raise ValueError("an addressed event names its agency and has no subscribers")
        if any(entry.secret and len(entry.subscribers) != 1 for entry in event_types):
            raise ValueError("an event with a secret has one subscriber")
        if any(entry.personal and not entry.restricted for entry in event_types):
            raise ValueError("an event with personal data is restricted")

    def subscriptions(self) -> dict[str, tuple[str, ...]]:
        """Return for each service the names of the events that it receives; none for one that only publishes, which has a queue too."""
        entries = self.by_name.values()
        services = {service for entry in entries for service in entry.subscribers} | {entry.owner for entry in entries}
        return {
            service: tuple(sorted(name for name, entry in self.by_name.items() if service in entry.subscribers))
            for service in sorted(services - {"agency"})
        }

    def make(self, name: str, data: Mapping[str, Any], source: str, time: datetime) -> Event:
        """Return a new event without a sequence number.

        Raises:
            ContractViolation: there is no such event, or the data does not match its schema.
        """
        entry = self.by_name.get(name)
        if entry is None:
            raise ContractViolation(f"there is no event {name!r}")
        try:
            payload = {field: _to_json(data[field]) for field in entry.schema.fields if field in data}
            if not entry.is_valid_fast(data):
                entry.schema.load(payload)
        except (ValidationError, ValueError, TypeError, AttributeError) as error:
            raise ContractViolation(f"{name}: {error}") from error
        address = payload["agency"] if entry.addressed else ""
        return Event(new_id(), source, entry.type, time, payload[entry.key], 0, payload, address)

    def read(self, event: Event) -> dict[str, Any]:
        """Return the event's data in Python's types (times as datetimes).

        Raises:
            ContractViolation: this version does not know the type, or the data does not match its schema.
        """
        entry = self.by_type.get(event.type)
        if entry is None:
            raise ContractViolation(f"event type {event.type!r} is not known to this version of the software")
        try:
            loaded = entry.read_fast(event.data)
            return loaded if loaded is not None else dict(entry.schema.load(event.data))
        except ValidationError as error:
            raise ContractViolation(f"{event.name}: {error.messages}") from error
